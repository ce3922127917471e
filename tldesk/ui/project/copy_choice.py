"""The choice whether pictures stay where they are or are copied into the project, with the size of a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QRadioButton, QVBoxLayout, QWidget

from tldesk.base import Problem, file_size, plural
from tldesk.ui.errors import problems_of
from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset.files.copy_in import CopySize


class CopyChoice(QWidget):
    """Two radio buttons. The folder is scanned when copying is first selected, in the reading pool."""

    changed = Signal()

    def __init__(self, images: Path, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._place: Path | None = None
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._size: CopySize | None = None
        self._failure: tuple[Problem, ...] = ()
        self.leave = QRadioButton(self.tr("Leave the pictures where they are"), self)
        self.copy = QRadioButton(self.tr("Copy the pictures into the project"), self)
        self.words = QLabel(self)
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.leave.setChecked(True)
        if images.is_file():  # a zip file
            self._unpack()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.leave, self.copy, self.words):
            layout.addWidget(widget)
        self.copy.toggled.connect(self._chosen)
        self._tell()

    @property
    def wanted(self) -> bool:
        """Whether the pictures are to be copied."""
        return self.copy.isChecked()

    def _unpack(self) -> None:
        self.copy.setText(self.tr("Unpack the pictures into the project"))
        self.copy.setChecked(True)
        self.leave.hide()

    def set_place(self, place: Path) -> None:
        """Set the folder of the project, which determines the free space."""
        self._place = place
        self._size = None
        self._chosen()

    def problems(self) -> list[Problem]:
        """Return a problem if the pictures cannot be read, or there is not enough space for a copy."""
        size = self._size
        if self._failure:
            return list(self._failure)
        if not self.wanted or size is None or size.fits:
            return []
        what = self.tr("the copy needs {0}, but only {1} is free there").format(
            file_size(size.bytes), file_size(size.free)
        )
        fix = self.tr(
            "Free some space, choose another folder for the project, or leave the pictures where they are"
        )
        return [Problem(self.tr("copy"), what, fix)]

    def forget(self) -> None:
        """Cancel measuring the size."""
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def _chosen(self) -> None:
        self.forget()
        self._failure = ()
        images, place = self._images, self._place
        if self.wanted and self._size is None and place is not None:
            from tldesk.dataset.files.copy_in import size_of_copy

            self._ticket = self._tasks.read(
                lambda: size_of_copy(images, place),
                on_done=self._take,
                on_failed=self._fail,
            )
        self._tell()
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._failure = problems_of(error)
        self.words.clear()
        self.changed.emit()

    def _take(self, size: CopySize) -> None:
        self._size = size
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        size = self._size
        if not self.wanted:
            words = self.tr(
                "The project stores labels, runs and models, and needs that folder to stay in place."
            )
        elif size is None:
            words = self.tr("Calculating the size…")
        else:
            many = plural(size.files, self.tr("picture"), self.tr("pictures"))
            words = self.tr(
                "{0}, {1}; {2} free there. The originals are not changed; the project folder "
                "can be moved to another computer."
            ).format(many, file_size(size.bytes), file_size(size.free))
        self.words.setText(words)
