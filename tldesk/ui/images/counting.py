"""How many images each class and each view has, asked again whenever that may have changed."""

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
    """ImageCounts in the reading pool; only the latest answer counts."""

    changed = Signal()  # other numbers, or none any more

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._counts: GridCounts | None = None

    @property
    def counts(self) -> GridCounts | None:
        """The numbers; None before they are there."""
        return self._counts

    def classes(self) -> Sequence[ClassInfo]:
        """The classes in their order."""
        return self._counts.classes if self._counts else ()

    def classes_and_counts(self) -> Sequence[tuple[ClassInfo, int]]:
        """The classes in their order, each with the number of its images."""
        counts = self._counts
        return list(zip(counts.classes, counts.of_class, strict=True)) if counts else []

    def forget(self) -> None:
        """Another project was opened."""
        self._counts = None
        self.changed.emit()

    def ask(self, reader: str | None) -> None:
        """Count again, for a further reader their labels; ``changed`` follows."""
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
