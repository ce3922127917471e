"""The heat map of the selected picture, computed once it has been selected for a moment."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from tldesk.prediction import Answer
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.predict import work
from tldesk.ui.predict.saliency_panel import SaliencyPanel
from tldesk.ui.predict.work import Explained, Model
from tldesk.ui.session.session import Session

_SETTLE_MS = 120  # moving through the list with the keys requests a heat map only when it stops


class HeatMap(QObject):
    """Requests one heat map at a time from the compute lane and shows it in the panel."""

    def __init__(self, panel: SaliencyPanel, session: Session, tasks: Tasks, model: Model) -> None:
        super().__init__(panel)
        self._panel = panel
        self._session = session
        self._tasks = tasks
        self._model = model
        self._entry: Answer | None = None
        self._task: Task | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SETTLE_MS)
        self._soon.timeout.connect(self._explain)
        panel.wanted.connect(self._soon.start)

    def set_entry(self, entry: Answer | None) -> None:
        """Set the picture shown now; a heat map being computed for another one is dropped."""
        self._cancel()
        self._entry = entry
        if entry is not None:
            self._soon.start()

    def _explain(self) -> None:
        file, entry = self._session.model, self._entry
        if file is None or entry is None or not self._panel.on.isChecked():
            return
        self._cancel()
        device, name = self._session.device, self._panel.classes.currentText()
        self._panel.say(self.tr("Computing the heat map…"))
        self._task = self._tasks.compute(
            self.tr("Heat map"),
            lambda: work.explain(self._model, file, device, entry, name),
            on_done=partial(self._take, entry),
            on_failed=lambda error: self._panel.say(errors.text_of(error), "warn"),
        )

    def _cancel(self) -> None:
        self._soon.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _take(self, entry: Answer, found: Explained) -> None:
        self._task = None
        if self._entry is entry:
            self._panel.show_map(found)
