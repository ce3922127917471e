"""The bar above the grid: actions on all images, the search field and the size of the pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSlider, QWidget

from tldesk.ui.theme import set_icon


class ImagesBar(QWidget):
    """The widgets of the bar. It does not access the project; the page connects to its signals."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add_button = QPushButton(self.tr("Add pictures…"), self)
        self.split_button = QPushButton(self.tr("Split…"), self)
        self.balance_button = QPushButton(self.tr("Balance"), self)
        self.check_button = QPushButton(self.tr("Check"), self)
        self.search = QLineEdit(self)
        self.size_slider = QSlider(Qt.Orientation.Horizontal, self)
        self._build_buttons()
        self._build_search()
        self._build_slider(side)
        label = QLabel(self.tr("Size"), self)
        label.setProperty("role", "muted")
        label.setBuddy(self.size_slider)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.add_button, self.split_button, self.balance_button, self.check_button):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.search, 2)
        layout.addSpacing(16)
        layout.addWidget(label)
        layout.addWidget(self.size_slider)

    def _build_buttons(self) -> None:
        self.add_button.setProperty("role", "primary")
        set_icon(self.add_button, "add", "accent_text")
        set_icon(self.split_button, "split")
        set_icon(self.balance_button, "compare")
        set_icon(self.check_button, "check")
        self.add_button.setToolTip(self.tr("Add another folder of pictures to this project"))
        self.split_button.setToolTip(
            self.tr("Choose which images are used for training, validation and testing")
        )
        self.balance_button.setToolTip(self.tr("See how each class is distributed over the splits"))
        self.check_button.setToolTip(
            self.tr("Check for duplicates, leaks between splits and unreadable files")
        )

    def _build_search(self) -> None:
        self.search.setPlaceholderText(self.tr("Search file and folder names"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(360)

    def _build_slider(self, side: int) -> None:
        self.size_slider.setRange(72, 320)
        self.size_slider.setPageStep(32)
        self.size_slider.setValue(side)
        self.size_slider.setFixedWidth(136)
        self.size_slider.setAccessibleName(self.tr("Thumbnail size"))
