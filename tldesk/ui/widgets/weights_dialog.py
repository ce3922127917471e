"""The weights library: which pretrained networks are here, and how to bring the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Progress, file_size
from tldesk.ui.session import Session
from tldesk.ui.tasks import Tasks, Ticket
from tldesk.ui.theme import make_primary

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry

_NAME = Qt.ItemDataRole.UserRole


class WeightsDialog(QDialog):
    """Lists every backbone; imports files; downloads only when asked twice."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("weightsDialog")
        self.setWindowTitle(self.tr("Weights library"))
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self.table = QTableWidget(0, 4, self)
        self.import_button = QPushButton(self.tr("Import file…"), self)
        self.fetch_button = QPushButton(self.tr("Download…"), self)
        self._build()
        session.weightsChanged.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        words = QLabel(
            self.tr(
                "Pretrained networks, kept on this computer. A file from torchvision or timm (.pth, .pt, "
                ".safetensors) is recognised by what is in it, whatever its name. Nothing is downloaded "
                "unless you ask for it here."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        table = self.table
        table.setAccessibleName(self.tr("Backbones"))
        table.setHorizontalHeaderLabels(
            [self.tr("Backbone"), self.tr("Here"), self.tr("Size"), self.tr("From")]
        )
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.itemSelectionChanged.connect(self._selected)
        self.fetch_button.setToolTip(
            self.tr("Load the chosen backbone's published weights from the internet")
        )
        self.import_button.clicked.connect(self.choose_file)
        self.fetch_button.clicked.connect(self._ask_fetch)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self.import_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.fetch_button, QDialogButtonBox.ButtonRole.ActionRole)
        make_primary(self.import_button)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(table, 1)
        layout.addWidget(buttons)
        self.resize(720, 520)
        self._selected()

    def refresh(self) -> None:
        """Ask the library what is there."""
        library = self._session.library
        self._ticket = self._tasks.read(library.entries, on_done=self._show)

    def _show(self, entries: tuple[WeightsEntry, ...]) -> None:
        chosen = self.chosen()
        self.table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            here = self.tr("✓ yes") if entry.present else self.tr("no")
            size = file_size(entry.bytes) if entry.present else ""
            for column, text in enumerate((entry.title, here, size, entry.source or "")):
                item = QTableWidgetItem(text)
                item.setData(_NAME, entry.name)
                item.setToolTip("\n".join(entry.notes) or text)
                self.table.setItem(row, column, item)
            if entry.name == chosen:
                self.table.selectRow(row)

    def chosen(self) -> str:
        """The name of the chosen backbone, "" if there is none."""
        items = self.table.selectedItems()
        return str(items[0].data(_NAME)) if items else ""

    def _selected(self) -> None:
        self.fetch_button.setEnabled(bool(self.chosen()))

    def choose_file(self) -> None:
        """Choose a weights file to import."""
        kinds = self.tr("Weights (*.pth *.pt *.safetensors *.bin);;All files (*)")
        dialog = QFileDialog(self, self.tr("Import weights"), str(self._session.settings.folder()), kinds)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.import_file(Path(chosen)))
        dialog.open()

    def import_file(self, path: Path) -> None:
        """Import a file in the background."""
        library = self._session.library
        self._tasks.compute(
            self.tr("Importing {0}").format(path.name),
            lambda: library.import_file(path),
            on_done=lambda _entry: self._session.weightsChanged.emit(),
        )

    def _ask_fetch(self) -> None:
        name = self.chosen()
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Download the weights of {0} from the internet?").format(name))
        box.setInformativeText(self.tr("Your pictures stay here: only the published file is loaded."))
        load = box.addButton(self.tr("Download"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        load.clicked.connect(lambda: self.fetch(name))
        box.open()

    def fetch(self, name: str) -> None:
        """Download in the background; Stop in the status line gives up."""
        library, told = self._session.library, self._session.weightsChanged.emit

        def tell(step: Progress) -> None:
            task.report(step.what, step.done, step.total, step.seconds_left)

        def make(stop: threading.Event) -> Iterator[None]:
            library.fetch(name, progress=tell, stop=stop)
            yield None

        task = self._tasks.stream(self.tr("Downloading {0}").format(name), make, on_done=told)

    def done(self, result: int) -> None:
        """The dialog closes: nobody waits for the list any more."""
        if self._ticket is not None:
            self._ticket.cancel()
        super().done(result)
