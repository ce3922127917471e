"""The weights library: which pretrained networks are installed, their facts, and how to import others.

It is a dialog rather than a page of the rail, because weights do not belong to a project.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem, ProblemError, Progress, plural
from tldesk.model.cards import card
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session
from tldesk.ui.theme import make_primary
from tldesk.ui.weights.import_weights import WeightsImport
from tldesk.ui.weights.weights_details import WeightsDetails
from tldesk.ui.weights.weights_table import WeightsTable
from tldesk.ui.widgets.ask_for_files import ask_for_files
from tldesk.ui.widgets.panel import Panel, label, set_role

if TYPE_CHECKING:
    from tldesk.model.import_files import ImportResult
    from tldesk.model.library import FileCheck, WeightsEntry

Uses = Mapping[str, Sequence[str]] | None


class WeightsLibraryDialog(QDialog):
    """Lists every backbone; imports files and folders, packs, verifies; downloads only after confirmation."""

    def __init__(self, session: Session, tasks: Tasks, importing: WeightsImport, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("weightsDialog")
        self.setWindowTitle(self.tr("Weights library"))
        self.setAcceptDrops(True)
        self._session = session
        self._tasks = tasks
        self._importing = importing
        self._ticket: Ticket | None = None
        self._entries: dict[str, WeightsEntry] = {}
        self._uses: Uses = None
        self._closed, self._wanted = False, ""
        self.list = WeightsTable()
        self.details = WeightsDetails()
        self.said = label(role="muted", wrap=True)
        self.import_button = QPushButton(self.tr("Import files…"))
        self.folder_button = QPushButton(self.tr("Import folder…"))
        self.pack_button = QPushButton(self.tr("Pack…"))
        self.verify_button = QPushButton(self.tr("Verify"))
        self.fetch_button = QPushButton(self.tr("Download…"))
        self._build()
        self._connect()
        self.refresh()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        words = label(
            self.tr(
                "Pretrained networks on this computer. Drop files or a folder here: files "
                "from torchvision or timm (.pth, .pt, .safetensors) are recognised by their "
                "contents, whatever their names. Nothing is downloaded unless you ask for it."
            ),
            "muted",
            wrap=True,
        )
        about = Panel(self.tr("Selected backbone"))
        about.setFixedWidth(400)
        about.body.addWidget(self.details)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.list, 1)
        middle.addWidget(about)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(middle, 1)
        layout.addWidget(self.said)
        layout.addWidget(self._buttons())
        self.said.hide()
        self._set_tips()
        self.resize(1080, 640)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        own = (
            self.import_button,
            self.folder_button,
            self.fetch_button,
            self.pack_button,
            self.verify_button,
        )
        for button in own:
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        make_primary(self.import_button)
        buttons.rejected.connect(self.reject)
        return buttons

    def _set_tips(self) -> None:
        self.import_button.setToolTip(self.tr("Import weight files; they are copied and checked"))
        self.folder_button.setToolTip(
            self.tr("Import every weight file in a folder, such as one packed on another computer")
        )
        self.pack_button.setToolTip(
            self.tr(
                "Copy the selected backbone's weights, or all that did not come with tldesk, "
                "into a folder for other computers"
            )
        )
        self.verify_button.setToolTip(self.tr("Compare every file with its known hash"))
        self.fetch_button.setToolTip(
            self.tr("Download the selected backbone's published weights from the internet")
        )

    def _connect(self) -> None:
        self.list.chosenChanged.connect(lambda _name: self._show_chosen())
        self.import_button.clicked.connect(lambda: self._importing.choose_files(self))
        self.folder_button.clicked.connect(lambda: self._importing.choose_folder(self))
        self.pack_button.clicked.connect(self.choose_target)
        self.verify_button.clicked.connect(self.verify)
        self.fetch_button.clicked.connect(self._ask_fetch)
        self._importing.imported.connect(self._brought)
        self._session.weightsChanged.connect(self.refresh)

    # --- display --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the entries of the library, and which runs of the open project use them."""
        library, project = self._session.library, self._session.project

        def look() -> tuple[tuple[WeightsEntry, ...], Uses]:
            entries = library.entries()
            if project is None:
                return entries, None
            from tldesk.run.weights_in_use import runs_by_weights

            return entries, runs_by_weights(project, entries)

        if self._ticket is not None:
            self._ticket.cancel()
        self._ticket = self._tasks.read(look, on_done=lambda found: self._take(*found))

    def _take(self, entries: Sequence[WeightsEntry], uses: Uses) -> None:
        self._entries, self._uses = {entry.name: entry for entry in entries}, uses
        self.list.show_entries(entries, uses)
        self.list.choose(self._wanted or self.list.chosen)
        self._wanted = ""
        self._show_chosen()

    def choose(self, name: str) -> None:
        """Select a backbone as soon as the list is filled."""
        self._wanted = name
        self.list.choose(name)

    def _show_chosen(self) -> None:
        entry = self._entries.get(self.list.chosen)
        here = [one for one in self._entries.values() if one.present]
        brought = any(one.place != "program" for one in here)
        cautions = [card(one.name).caution for one in here]
        self.fetch_button.setEnabled(entry is not None and not card(entry.name).ships)
        self.verify_button.setEnabled(bool(here))
        self.pack_button.setEnabled(brought if entry is None else entry.present)
        if entry is not None:
            runs = None if self._uses is None else self._uses.get(entry.name, ())
            self.details.show_entry(entry, runs)
        elif self._entries and all(cautions):
            self.details.show_few("".join(cautions[:1]))
        else:
            self.details.show_nothing()

    def _say(self, words: str, role: str = "muted") -> None:
        """Show a line above the buttons about the last operation."""
        if not self._closed:
            self.said.setText(words)
            self.said.setVisible(bool(words))
            set_role(self.said, role)

    # --- importing ------------------------------------------------------------------------------------------

    def _brought(self, outcomes: Sequence[ImportResult]) -> None:
        """Show the result; if there are several files, in a report."""
        self._say("")
        if len(outcomes) == 1 and outcomes[0].entry is not None:
            (one,) = outcomes
            words = self.tr("✓ {0} was imported and checked.")
            if one.left:
                words = self.tr("{0}: nothing to do. {1}.").replace("{1}", one.why)
            self._say(words.format(outcomes[0].entry.title), "muted" if one.left else "good")
            self.choose(outcomes[0].entry.name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import the dropped files."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._importing.import_paths(paths)

    # --- packing and verifying ------------------------------------------------------------------------------

    def choose_target(self) -> None:
        """Choose a folder to pack weights into."""
        mode = QFileDialog.FileMode.Directory
        title = self.tr("Choose a folder to pack weights into, such as one on a USB stick")
        names = [self.list.chosen] if self.list.chosen else []
        settings = self._session.settings
        ask_for_files(self, settings, title, "", lambda paths: self.pack(names, paths[0]), mode=mode)

    def pack(self, names: Sequence[str], folder: Path) -> None:
        """Pack weights (all available ones if ``names`` is empty) for another computer, in the background."""
        library = self._session.library
        words = self.tr("✓ Packed into {0}. README.txt there explains the next steps.").format(folder)

        def make(stop: threading.Event) -> Iterator[Progress]:
            from tldesk.model.bundle import bundling

            yield from bundling(library, names, folder, stop)

        self._tasks.stream(self.tr("Packing weights"), make, on_done=lambda: self._say(words, "good"))

    def verify(self) -> None:
        """Compare every file with its recorded hash, in the background."""
        library = self._session.library
        found: list[FileCheck] = []

        def make(stop: threading.Event) -> Iterator[None]:
            for one in library.verifying():
                found.append(one)
                if stop.is_set():
                    return
                yield None

        self._tasks.stream(self.tr("Verifying weights"), make, on_done=lambda: self._verified(found))

    def _verified(self, found: Sequence[FileCheck]) -> None:
        wrong = [one for one in found if one.ok is False]
        files = plural(len(found), self.tr("file"), self.tr("files"))
        unknown = [one.name for one in found if one.ok is None]
        words = self.tr("✓ {0} verified, none changed or damaged.").format(files)
        if unknown:
            words += " " + self.tr("No known hash to compare with for {0}.").format(", ".join(unknown))
        self._say("" if wrong else words, "good")
        if wrong and not self._closed:
            problems = [Problem(str(one.path), one.what, one.fix) for one in wrong]
            errors.show(self, ProblemError(*problems), self.tr("Damaged weights"))

    # --- downloading ----------------------------------------------------------------------------------------

    def _ask_fetch(self) -> None:
        entry = self._entries[self.list.chosen]
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Download the weights of {0} from the internet?").format(entry.title))
        box.setInformativeText(
            self.tr("Your pictures stay on this computer: only the published file is downloaded.")
        )
        load = box.addButton(self.tr("Download"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        load.clicked.connect(lambda: self.fetch(entry.name))
        box.open()

    def fetch(self, name: str) -> None:
        """Download in the background; Stop in the status line cancels it."""
        session, library = self._session, self._session.library

        def tell(step: Progress) -> None:
            task.report(step.what, step.done, step.total, step.seconds_left)

        def fetched() -> None:  # the dialog may be closed by then
            session.tell(OperationChanges(weights=True))

        def make(stop: threading.Event) -> Iterator[None]:
            library.fetch(name, progress=tell, stop=stop)
            yield None

        title = self._entries[name].title if name in self._entries else name
        task = self._tasks.stream(self.tr("Downloading {0}").format(title), make, on_done=fetched)

    def done(self, result: int) -> None:
        """Cancel the listing when the dialog closes."""
        self._closed = True
        if self._ticket is not None:
            self._ticket.cancel()
        super().done(result)
