"""Imports selected or dropped weight files and folders, and reports the result of each file."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from tldesk.base import ProblemError, Progress
from tldesk.ui import errors
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.widgets.ask_for_files import ask_for_files

if TYPE_CHECKING:
    from tldesk.model.import_files import ImportResult
    from tldesk.ui.lane.tasks import Tasks
    from tldesk.ui.session.session import Session


class WeightsImport(QObject):
    """Imports in the compute lane.

    The window owns the only instance, so that results outlive a closed dialog.
    """

    imported = Signal(object)  # a tuple of Outcomes, one per file

    def __init__(self, session: Session, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._tasks = tasks
        self._window = window

    def choose_files(self, parent: QWidget | None = None) -> None:
        """Choose weight files to import."""
        kinds = self.tr("Weights (*.pth *.pt *.safetensors *.bin);;All files (*)")
        mode = QFileDialog.FileMode.ExistingFiles
        over, title = parent or self._window, self.tr("Import weights")
        ask_for_files(over, self._session.settings, title, kinds, self.import_paths, mode=mode)

    def choose_folder(self, parent: QWidget | None = None) -> None:
        """Choose a folder; all weight files in it are imported."""
        mode = QFileDialog.FileMode.Directory
        over, title = parent or self._window, self.tr("Import a folder of weights")
        ask_for_files(over, self._session.settings, title, "", self.import_paths, mode=mode)

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Import files, and all weight files in folders; Stop keeps what was imported so far."""
        library = self._session.library
        outcomes: list[ImportResult] = []

        def make(stop: threading.Event) -> Iterator[Progress]:
            # Loads torch, so it is imported on the compute thread
            from tldesk.model.import_files import files_in, taking_in

            outcomes.extend((yield from taking_in(library, files_in(paths), stop)))

        def told() -> None:
            self._tell(tuple(outcomes))

        title = self.tr("Importing {0}").format(paths[0].name)
        self._tasks.stream(title, make, on_done=told, on_failed=self._refuse, on_stopped=told)

    def _tell(self, outcomes: tuple[ImportResult, ...]) -> None:
        if any(one.state == "taken" for one in outcomes):
            self._session.tell(OperationChanges(weights=True))
        self.imported.emit(outcomes)
        refused = [one.refused for one in outcomes if one.refused is not None]
        if len(outcomes) == 1 and refused:
            self._refuse(ProblemError(*refused))
        elif len(outcomes) > 1:
            self._report(outcomes)

    def _refuse(self, error: Exception) -> None:
        errors.show(self._over(), error, self.tr("The weights were not imported"))

    def _report(self, outcomes: Sequence[ImportResult]) -> None:
        from tldesk.ui.weights.import_report import WeightsReport

        report = WeightsReport(outcomes, self._over())
        report.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        report.open()

    def _over(self) -> QWidget:
        """Return the topmost dialog over the window, or the window."""
        return QApplication.activeModalWidget() or self._window
