"""A line that explains the field that has the keyboard focus."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget


class HintLine(QLabel):
    """A few lines of text about the focused field within ``parts``; otherwise ``rest`` is shown.

    The text is the control's accessible name and description, as used by screen readers.
    """

    def __init__(self, parts: Sequence[QWidget], lines: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = tuple(parts)
        self._rest = ""
        self._rests = True
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)

    def set_rest(self, text: str) -> None:
        """Set the text shown while no field has the focus."""
        self._rest = text
        if self._rests:
            self.setText(text)

    def _focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            return  # another window is active; keep the text
        inside = any(part.isAncestorOf(now) for part in self._parts)
        self._rests = not (inside and now.accessibleDescription())
        told = f"{now.accessibleName()}: {now.accessibleDescription()}"
        self.setText(self._rest if self._rests else told)
