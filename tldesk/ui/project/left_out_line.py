"""The line that says, before pictures are brought in, what of their folder will be left out."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtWidgets import QLabel, QWidget

from tldesk.dataset.files.walk import find_files
from tldesk.dataset.left_out import LeftOut
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.widgets.left_out_words import left_out_words


class LeftOutLine(QLabel):
    """Hidden while nothing is left out; the folder is walked in the reading pool, no file is opened."""

    def __init__(self, images: Path, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        self.hide()
        self._stop = threading.Event()
        stop = self._stop
        self._ticket = tasks.read(
            lambda: find_files(images, stop).left_out,
            on_done=self._show,
            on_failed=lambda _error: None,  # making the project reports it
        )

    def forget(self) -> None:
        """End the walk, because the dialog closes."""
        self._stop.set()
        self._ticket.cancel()

    def _show(self, left_out: LeftOut) -> None:
        words = left_out_words(left_out)
        self.setText("\n".join(words))
        self.setAccessibleName(self.tr("Left out"))
        self.setVisible(bool(words))
