"""Ranking backbones in the window: a dialog over the Model page, the work in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.model.cards import CARDS
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.tool_run import ToolRun, WorkContext
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.trainer.advice.rank_backbones import Step
    from tldesk.trainer.advice.ranking_result import Ranking
    from tldesk.ui.model.tools.rank_dialog import RankDialog


class RankController(QObject):
    """``chosen`` passes the name of the backbone that the user selects."""

    chosen = Signal(str)

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks

    def ask(self) -> None:
        """Find out which weights are available, then open the dialog."""
        library = self._session.library
        self._tasks.read(library.present, on_done=self._open)

    def _open(self, present: Sequence[str]) -> None:
        from tldesk.ui.model.tools.rank_dialog import RankDialog

        if self._session.project is None:
            return
        dialog = RankDialog([CARDS[name] for name in present], self._window)
        run = ToolRun(dialog, dialog.line, self._session, self._tasks)
        dialog.wanted.connect(lambda names: self._start(dialog, run, names))
        dialog.chosen.connect(self.chosen)
        run.over.connect(dialog.end)
        dialog.open()

    def _start(self, dialog: RankDialog, run: ToolRun, names: Sequence[str]) -> None:
        recipe = self._session.recipe
        fit = "crop" if recipe is None else recipe.fit
        run.start(
            self.tr("Ranking backbones"),
            lambda context, stop: _work(context, names, fit, stop),
            on_begin=dialog.begin,
            on_event=dialog.add,
        )


def _work(
    context: WorkContext, names: Sequence[str], fit: str, stop: threading.Event
) -> Generator[Step | Ranking, None, None]:
    """Yield the steps, then the ranking. Loads torch."""
    from tldesk.trainer.advice.rank_backbones import ranking

    project, device, library = context
    yield (yield from ranking(project, names, fit=fit, device=device, library=library, stop=stop))
