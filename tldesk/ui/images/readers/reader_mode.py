"""The second reading: labels given without seeing the others, and the agreement of all readers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from tldesk.ui.images.readers.agreement_dialog import AgreementDialog
from tldesk.ui.images.readers.reader_bar import ReaderBar
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session


class ReaderMode(QObject):
    """Tracks the current reader. The bar above the grid shows the name and has the button to end."""

    readerChanged = Signal(object)  # str, or None for the project's own labels
    imagesAsked = Signal(object, str)  # ids, title

    def __init__(self, page: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._tasks = tasks
        self._reader: str | None = None
        self.bar = ReaderBar(page)
        self.bar.stopped.connect(self.stop)
        self.bar.agreementAsked.connect(self.show_agreement)

    def ask(self) -> None:
        """Ask for the name of the second reader."""
        project = self._session.project
        if project is None:
            return
        dialog = QInputDialog(self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Label as reader"))
        dialog.setLabelText(self.tr("Reader's name? Existing labels are hidden and not changed."))
        dialog.setComboBoxEditable(True)
        dialog.setComboBoxItems(project.readers())
        dialog.textValueSelected.connect(self.begin)
        dialog.open()

    def begin(self, reader: str) -> None:
        """Edit this reader's labels from now on, separate from the project's."""
        if reader.strip():
            self._take(reader.strip())

    def stop(self) -> None:
        """Edit the project's labels again."""
        if self._reader is not None:
            self._take(None)

    def _take(self, reader: str | None) -> None:
        self._reader = reader
        self.bar.show_reader(reader)
        self.readerChanged.emit(reader)

    def show_agreement(self) -> None:
        """Show the agreement of the readers."""
        project = self._session.project
        if project is not None:
            dialog = AgreementDialog(project, self._tasks, self._page)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.imagesAsked.connect(self._show_images)
            dialog.open()

    def _show_images(self, ids: Sequence[int], title: str) -> None:
        self.stop()
        self.imagesAsked.emit(ids, title)
