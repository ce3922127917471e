"""The button to import weights: files, a folder, or the weights library."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from tldesk.ui.theme import set_icon


class WeightsButton(QPushButton):
    """Opens a menu whose entries emit signals."""

    filesAsked = Signal()
    folderAsked = Signal()
    libraryAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(self.tr("Import weights"))
        set_icon(self, "weights")
        self.setToolTip(
            self.tr(
                "Import weights from torchvision or timm (.pth, .pt, .safetensors); they "
                "stay on this computer. You can also drop files or a folder on the window"
            )
        )
        menu = QMenu(self)
        menu.addAction(self.tr("Import files…")).triggered.connect(self.filesAsked)
        menu.addAction(self.tr("Import folder…")).triggered.connect(self.folderAsked)
        menu.addSeparator()
        menu.addAction(self.tr("Weights library…")).triggered.connect(self.libraryAsked)
        self.setMenu(menu)
