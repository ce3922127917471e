"""Finds the runs that have become stale because their images changed, in the reading pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.run import Staleness

_PAUSE = 400  # ms: a user who labels by key makes several edits per second


@dataclass(frozen=True, slots=True)
class Changed:
    """The changes among the images of a run: of all images, and of each split."""

    whole: Staleness
    of_split: Mapping[str, Staleness]


class StaleRuns(QObject):
    """The stale runs of the open project. ``changed`` is emitted when they have changed."""

    changed = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._project: Project | None = None
        self._ticket: Ticket | None = None
        self._known: Mapping[int, Changed] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._ask)

    def of(self, number: int) -> Changed | None:
        """Return what has changed since a run; None if nothing has or it is not known yet."""
        return self._known.get(number)

    def look_at(self, project: Project | None) -> None:
        """Switch to another project; None if the project was closed."""
        self._project = project
        self._let_go()
        self._take({})
        self.look_again()

    def look_again(self) -> None:
        """Check again once there have been no changes for a moment."""
        if self._project is None:
            self._pause.stop()
        else:
            self._pause.start()

    def _ask(self) -> None:
        project = self._project
        if project is not None:
            self._let_go()
            self._ticket = self._tasks.read(lambda: stale_runs(project), on_done=self._take, behind=True)

    def _let_go(self) -> None:
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def _take(self, known: Mapping[int, Changed]) -> None:
        if known != self._known:
            self._known = known
            self.changed.emit()


def stale_runs(project: Project) -> dict[int, Changed]:
    """Return the runs of which some images have changed. For the reading pool."""
    from tldesk.dataset import Split
    from tldesk.run import Run, staleness

    runs = Run.runs(project)
    if not runs:
        return {}
    now = project.current_state()
    whole = {run.number: (run, staleness(run, now)) for run in runs}
    return {
        number: Changed(found, {str(split): staleness(run, now, split) for split in Split})
        for number, (run, found) in whole.items()
        if found
    }
