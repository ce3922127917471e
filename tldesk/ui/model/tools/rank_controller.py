"""Ranking backbones in the window: a dialog over the Model page, the work in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.model.cards import CARDS
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.work_line import LaneWork
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.trainer.advice.rank_backbones import Step
    from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking, Unranked
    from tldesk.ui.model.tools.rank_dialog import RankDialog


class RankingBackbones(QObject):
    """``chosen`` brings the backbone that the user takes."""

    chosen = Signal(str)

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks
        self._found: Ranking | None = None

    def ask(self) -> None:
        """Look which weights are here, then open the dialog."""
        library = self._session.library
        self._tasks.read(library.present, on_done=self._open)

    def _open(self, present: Sequence[str]) -> None:
        from tldesk.ui.model.tools.rank_dialog import RankDialog

        if self._session.project is None:
            return
        dialog = RankDialog([CARDS[name] for name in present], self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        work = LaneWork(self._tasks, dialog.line)
        dialog.wanted.connect(lambda names: self._start(dialog, work, names))
        dialog.chosen.connect(self.chosen)
        dialog.finished.connect(lambda _result: work.cancel())
        work.over.connect(lambda how: dialog.end(self._found, how))
        dialog.open()

    def _start(self, dialog: RankDialog, work: LaneWork, names: Sequence[str]) -> None:
        session = self._session
        project, recipe = session.project, session.recipe
        if project is None or work.task is not None:
            return
        self._found = None
        dialog.begin()
        fit = "crop" if recipe is None else recipe.fit

        def hear(event: RankedBackbone | Unranked | Ranking) -> None:
            from tldesk.trainer.advice.ranking_result import Ranking

            if isinstance(event, Ranking):
                self._found = event
            else:
                dialog.add(event)

        work.start(
            self.tr("Ranking backbones"),
            lambda stop: _work(project, names, session.device, session.library, fit=fit, stop=stop),
            hear,
        )


def _work(
    project: Project,
    names: Sequence[str],
    device: Device | None,
    library: WeightsLibrary,
    *,
    fit: str,
    stop: threading.Event,
) -> Generator[Step | Ranking, None, None]:
    """The steps, then what came of it. Loads torch."""
    from tldesk.trainer.advice.rank_backbones import ranking

    found = yield from ranking(project, names, fit=fit, device=device, library=library, stop=stop)
    yield found
