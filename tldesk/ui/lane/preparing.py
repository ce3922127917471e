"""Prepares the open project's pictures in the background, so that later work finds them in the cache."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tldesk.ui.lane.tasks import Task, Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.imaging import PreparedCache
    from tldesk.imaging.prepared_cache import Wanted

log = logging.getLogger(__name__)


class Preparer(QObject):
    """Starts a background task if any picture is missing in the cache. One project at a time."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._task: Task | None = None

    def look(self, project: Project, cache: PreparedCache) -> None:
        """Prepare the pictures missing in this project's cache; an earlier preparation is stopped."""
        self.end()
        self._ticket = self._tasks.read(
            lambda: _lacking(project, cache),
            on_done=lambda wanted: self._begin(cache, wanted),
            on_failed=_note,
            behind=True,
        )

    def end(self) -> None:
        """Stop preparing."""
        if self._ticket is not None:
            self._ticket.cancel()
        if self._task is not None:
            self._task.cancel()
        self._ticket = self._task = None

    def _begin(self, cache: PreparedCache, wanted: list[Wanted]) -> None:
        if wanted:
            self._task = self._tasks.stream(
                self.tr("Preparing images"),
                lambda stop: cache.fill(wanted, stop, gentle=True),
                on_done=self._over,
                on_stopped=self._over,
                on_failed=self._failed,
                background=True,
            )

    def _over(self) -> None:
        self._task = None

    def _failed(self, error: Exception) -> None:
        self._task = None
        _note(error)


def _lacking(project: Project, cache: PreparedCache) -> list[Wanted]:
    """Return all pictures worth preparing if at least one is missing, else none. Opens no picture."""
    wanted = project.worth_keeping_prepared()
    return wanted if cache.missing(wanted) else []


def _note(error: Exception) -> None:
    """Only log it: the same error is shown to the user when the pictures are needed."""
    log.warning("Pictures were not prepared in the background", exc_info=error)
