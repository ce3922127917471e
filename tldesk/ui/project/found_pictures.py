"""Shows what will be found in a folder of pictures before a project is made, and lets the user change how the
folders are taken.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from tldesk.base import Problem
from tldesk.dataset import Columns, LayoutChoice
from tldesk.ui.errors import problems_of
from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset.files.walk import FoundFiles
    from tldesk.dataset.scan.folder_preview import FolderPreview

_SHOWN_NAMES = 4
_SHOWN_NOTES = 6
_SHORTEST = 36  # characters of the list of choices; longer entries are elided


class FoundPictures(QWidget):
    """Looks through the folder in the reading pool; ``forget`` ends that.

    ``changed`` says that another preview is shown, or that looking failed.
    """

    changed = Signal()

    def __init__(self, images: Path, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._tasks = tasks
        self._stop = threading.Event()
        self._found: FoundFiles | None = None
        self._automatic: FolderPreview | None = None
        self._table: tuple[Path, Columns] | None = None
        self._by_folders = True
        self._problems: list[Problem] = []
        self.preview: FolderPreview | None = None
        self.words = QLabel(self)
        self.busy = QProgressBar(self)
        self.classes = QComboBox(self)
        self.keep_splits = QCheckBox(self.tr("Keep the splits that the folders give"), self)
        self.notes = QLabel(self)
        self._build()
        self._ticket = self._look()

    @property
    def choice(self) -> LayoutChoice:
        """How the user wants the folders to be taken."""
        return LayoutChoice(self.classes.currentData(), splits=self.keep_splits.isChecked())

    def problems(self) -> list[Problem]:
        """Return a problem if the folder cannot be listed or holds no pictures."""
        return self._problems

    def take_folders(self) -> None:
        """Show what will be found if the folders give the labels."""
        self._by_folders, self._table = True, None
        self._preview()

    def take_table(self, table: Path, columns: Columns | None) -> None:
        """Show what will be found if a table gives the labels; None if its columns are not known yet."""
        self._by_folders, self._table = False, None if columns is None else (table, columns)
        self._preview()

    def forget(self) -> None:
        """End looking; no result is shown any more."""
        self._stop.set()
        self._ticket.cancel()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setText(self.tr("Looking through the folder…"))
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(4)
        self.busy.setAccessibleName(self.tr("Looking through the folder"))
        self.classes.setAccessibleName(self.tr("Folders that are the classes"))
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.classes.setMinimumContentsLength(_SHORTEST)
        self.classes.addItem("", None)
        self.keep_splits.setChecked(True)
        self.notes.setProperty("role", "muted")
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(4)
        self._form.addRow(self.tr("Classes"), self.classes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.busy)
        layout.addLayout(self._form)
        layout.addWidget(self.keep_splits)
        layout.addWidget(self.notes)
        for widget in (self.keep_splits, self.notes):
            widget.hide()
        self._form.setRowVisible(self.classes, False)
        self.classes.currentIndexChanged.connect(self._preview)
        self.keep_splits.toggled.connect(self._preview)

    # --- looking --------------------------------------------------------------------------------------------

    def _look(self) -> Ticket:
        from tldesk.dataset.files.unpack import files_of

        images, stop = self._images, self._stop
        return self._tasks.read(
            lambda: files_of(images, stop),
            on_done=self._take_files,
            on_failed=self._show_error,
        )

    def _take_files(self, found: FoundFiles) -> None:
        self._found = found
        self._preview()

    def _preview(self) -> None:
        """Work out what the files mean under the present choice, in the pool: 100,000 take a second."""
        found, images, table, choice = self._found, self._images, self._table, self.choice
        if found is None or not (self._by_folders or table):
            return
        from tldesk.dataset.scan import folder_preview

        self._ticket.cancel()
        if table is None:
            work = lambda: folder_preview.preview_folders(found, images, choice)  # noqa: E731
        else:
            work = lambda: folder_preview.preview_table(found, images, *table, choice)  # noqa: E731
        self._ticket = self._tasks.read(work, on_done=self._show, on_failed=self._show_error)

    # --- showing --------------------------------------------------------------------------------------------

    def _show(self, preview: FolderPreview) -> None:
        self.preview = preview
        self.busy.hide()
        self._problems = [] if preview.pictures else [self._nothing()]
        self.words.setText(f"{preview.sentence()}.")
        if self._by_folders and self.choice == LayoutChoice():
            self._automatic = preview
            self._fill_choices(preview)
        self._form.setRowVisible(self.classes, self._by_folders and bool(preview.options))
        self.keep_splits.setVisible(bool(preview.given))
        notes = [f"{note}." for note in (*preview.together, *preview.notes)[:_SHOWN_NOTES]]
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self.changed.emit()

    def _nothing(self) -> Problem:
        fix = self.tr("Choose the folder that contains the pictures (JPEG, PNG, TIFF, BMP, WebP, DICOM …)")
        return Problem(self.tr("pictures"), self.tr("this folder contains no pictures"), fix)

    def _fill_choices(self, preview: FolderPreview) -> None:
        self.classes.blockSignals(True)
        self.classes.clear()
        self.classes.addItem(self.tr("Automatic: {0}").format(self._title(preview, preview.depth)), None)
        for depth in range(1, len(preview.options) + 1):
            self.classes.addItem(self._title(preview, depth), depth)
        self.classes.addItem(self._title(preview, 0), 0)
        self.classes.blockSignals(False)

    def _title(self, preview: FolderPreview, depth: int) -> str:
        if not 0 < depth <= len(preview.options):
            return self.tr("no classes from folders")
        names = preview.options[depth - 1]
        shown = ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "")
        which = {1: self.tr("outer folders: {0}"), 2: self.tr("inner folders: {0}")}
        if len(preview.options) == 1:
            which = {1: self.tr("folders: {0}")}
        return which.get(depth, self.tr("folders further inside: {0}")).format(shown)

    def _show_error(self, error: Exception) -> None:
        self.busy.hide()
        self._problems = list(problems_of(error))
        self.words.setText(self.tr("Nothing could be read."))
        self.changed.emit()
