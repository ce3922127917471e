"""Counts the images of each class and each view, again whenever the counts may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tldesk.ui.images import work
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo, Project
    from tldesk.ui.images.work import GridCounts


class Counting(QObject):
    """Counts in the reading pool; only the latest result is used."""

    changed = Signal()  # there are new counts, or none any more

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._counts: GridCounts | None = None

    @property
    def counts(self) -> GridCounts | None:
        """The counts; None until they are known."""
        return self._counts

    def classes(self) -> Sequence[ClassInfo]:
        """The classes in their order."""
        return self._counts.classes if self._counts else ()

    def classes_and_counts(self) -> Sequence[tuple[ClassInfo, int]]:
        """The classes in their order, each with its number of images."""
        counts = self._counts
        return list(zip(counts.classes, counts.of_class, strict=True)) if counts else []

    def forget(self) -> None:
        """Reset, because another project was opened."""
        self._counts = None
        self.changed.emit()

    def ask(self, reader: str | None) -> None:
        """Count again, with the labels of ``reader`` if given; ``changed`` follows."""
        project = self._session.project
        if self._ticket is not None:
            self._ticket.cancel()
        if project is not None:
            self._ticket = self._tasks.read(
                lambda: work.count(project, reader), on_done=lambda counts: self._take(project, counts)
            )

    def _take(self, project: Project, counts: GridCounts) -> None:
        if project is self._session.project:
            self._counts = counts
            self.changed.emit()
