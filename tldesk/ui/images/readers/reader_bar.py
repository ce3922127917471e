"""The bar above the grid during a second reading: the reader, the progress, and the button to end it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget


class ReaderBar(QFrame):
    """Hidden while the project's own labels are edited."""

    agreementAsked = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.words = QLabel(self)
        self.agreement = QPushButton(self.tr("Agreement…"), self)
        self.stop = QPushButton(self.tr("Stop reading"), self)
        self.agreement.clicked.connect(self.agreementAsked)
        self.stop.clicked.connect(self.stopped)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.agreement)
        layout.addWidget(self.stop)
        self.hide()

    def show_reader(self, reader: str | None) -> None:
        """Show the name of the reader; None hides the bar."""
        self.setVisible(reader is not None)
        if reader is not None:
            self._name = reader
            self.words.setText(self.tr("Reader: {0}. Labels and folders are hidden.").format(reader))

    def show_progress(self, read: int, images: int) -> None:
        """Show how many images have been labelled."""
        words = self.tr("Reader: {0}. {1:,} of {2:,} images read. Labels and folders are hidden.")
        self.words.setText(words.format(self._name, read, images))
