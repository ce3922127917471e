"""Predicts one picture again after its column values were edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tldesk.prediction import Answer
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.predict.work import Model
from tldesk.ui.session.session import Session


class ValueEditing(QObject):
    """Runs the prediction in the compute lane."""

    def __init__(self, page: QWidget, session: Session, tasks: Tasks, model: Model) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._tasks = tasks
        self._model = model

    def ask(self, entry: Answer, values: Mapping[str, str], use: Callable[[Answer], None]) -> None:
        """Predict again; ``use`` gets the new prediction on the interface thread."""
        file, device = self._session.model, self._session.device
        if file is not None:
            self._tasks.compute(
                self.tr("Predicting"),
                lambda: self._model.open(file, device).predict(entry.path, values),
                on_done=use,
                on_failed=self._failed,
            )

    def _failed(self, error: Exception) -> None:
        errors.show(self._page, error, self.tr("Prediction failed"))
