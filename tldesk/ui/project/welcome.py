"""The first page: open pictures, open a project, try the sample, or reopen a recent project."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.ui.session.session import Session
from tldesk.ui.theme import pixmap, set_icon
from tldesk.ui.widgets.page import Page

_PATH = Qt.ItemDataRole.UserRole


class WelcomePage(Page):
    """Shown while no project is open."""

    picturesAsked = Signal()
    projectAsked = Signal()
    sampleAsked = Signal()
    recentAsked = Signal(Path)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._middle = QWidget(self)
        self._start_card = QFrame(self._middle)
        self.pictures = self._action("open-pictures", self.tr("Open pictures…"), primary=True)
        self.project = self._action("open-project", self.tr("Open project…"))
        self.sample = self._action("sample", self.tr("Try the sample"))
        self.recent_card = QFrame(self._middle)
        self.recent = QListWidget(self.recent_card)
        self._build()
        self.pictures.clicked.connect(self.picturesAsked)
        self.project.clicked.connect(self.projectAsked)
        self.sample.clicked.connect(self.sampleAsked)
        self.recent.itemActivated.connect(self._open)
        self.recent.itemClicked.connect(self._open)
        self.refresh()

    def _action(self, icon: str, words: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(words, self._start_card)
        button.setProperty("big", True)
        if primary:
            button.setProperty("role", "primary")
            button.setDefault(True)
        set_icon(button, icon, "accent_text" if primary else "text", 20)
        return button

    def _build(self) -> None:
        middle = self._middle
        middle.setFixedWidth(760)
        layout = QVBoxLayout(middle)
        layout.setSpacing(24)
        layout.addLayout(self._greeting())
        layout.addWidget(self._fill_start_card())
        layout.addWidget(self._fill_recent_card())
        # With an alignment instead of stretches, the height of wrapped text would be ignored
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(middle)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(row)
        outer.addStretch(3)

    def _greeting(self) -> QHBoxLayout:
        mark = QLabel(self._middle)
        mark.setPixmap(pixmap("app", 56, "#0b6e99", self.devicePixelRatioF()))
        title = QLabel(self.tr("Teach your computer to tell pictures apart"), self._middle)
        title.setProperty("role", "display")
        words = QLabel(
            self.tr(
                "Open a folder of pictures, label them, train, and see how far the "
                "predictions can be trusted."
            ),
            self._middle,
        )
        words.setProperty("role", "muted")
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark)
        row.addLayout(column, 1)
        return row

    def _fill_start_card(self) -> QFrame:
        card = self._start_card
        card.setObjectName("dropHint")
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for button in (self.pictures, self.project, self.sample):
            buttons.addWidget(button, 1)
        hint = QLabel(
            self.tr("…or drop a folder of pictures or a .tldesk project anywhere on this window."), card
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        more = QLabel(
            self.tr(
                "One subfolder per class labels the pictures automatically; so do train, val "
                "and test folders or a table (CSV, Excel). The pictures stay where they are "
                "and nothing leaves this computer."
            ),
            card,
        )
        more.setProperty("role", "muted")
        more.setWordWrap(True)
        more.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(32, 32, 32, 24)
        layout.setSpacing(16)
        layout.addLayout(buttons)
        layout.addWidget(hint)
        layout.addWidget(more)
        return card

    def _fill_recent_card(self) -> QFrame:
        heading = QLabel(self.tr("Recent projects"), self.recent_card)
        heading.setProperty("role", "heading")
        self.recent.setAccessibleName(self.tr("Recent projects"))
        self.recent.setObjectName("plain")
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.recent_card.setProperty("role", "card")
        layout = QVBoxLayout(self.recent_card)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addWidget(heading)
        layout.addWidget(self.recent)
        return self.recent_card

    def refresh(self) -> None:
        """Show the recent projects that still exist."""
        self.recent.clear()
        for path in self._session.settings.recent()[:5]:
            item = QListWidgetItem(f"{path.stem}    {path.parent}")
            item.setData(_PATH, path)
            item.setToolTip(str(path))
            self.recent.addItem(item)
        rows = self.recent.count()
        self.recent.setFixedHeight(rows * (self.recent.sizeHintForRow(0) if rows else 0) + 4)
        self.recent_card.setVisible(rows > 0)

    def focus_first(self) -> None:
        """Focus the first control of the page."""
        self.pictures.setFocus()

    def _open(self, item: QListWidgetItem) -> None:
        self.recentAsked.emit(item.data(_PATH))
