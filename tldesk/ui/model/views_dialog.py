"""The eight augmented views of a picture in the size that the network sees."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from tldesk.ui.model.views_preview import ViewsPreview
from tldesk.ui.widgets.panel import label

_SIZE = (960, 560)  # px: for views of 224 px, the input size of most networks
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ViewsDialog(QDialog):
    """``stepAsked`` passes -1 or 1 for the previous or next picture. The creator fills ``views``."""

    stepAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewsDialog")
        self.setWindowTitle(self.tr("Eight ways the network may see this image"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.views = ViewsPreview()
        self.views.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.views.setCursor(Qt.CursorShape.ArrowCursor)
        self.words = label(role="muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(buttons)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 16, 16, 12)
        box.setSpacing(12)
        box.addWidget(self.views, 1)
        box.addLayout(below)
        self.resize(*_SIZE)

    def show_views(self, shown: ViewsPreview, place: str) -> None:
        """Show the same views as the small preview; ``place`` is the picture's position among the others."""
        self.views.set_views(shown.views, shown.accessibleDescription())
        hint = self.tr("{0} · {1} · arrow keys: another image")
        self.words.setText(hint.format(place, shown.accessibleDescription()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the previous or next picture with the left and right keys."""
        by = _STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepAsked.emit(by)
