"""How the pages of the window are made."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from tldesk.ui.widgets.page import PageName


class _Moves(QObject):
    """Notes every widget that gets another parent after it was filled, with the number of its contents."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int]] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange and isinstance(watched, QWidget):
            inside = len(watched.findChildren(QWidget))
            of_qt = isinstance(watched.parentWidget().parentWidget(), QComboBox)  # its list
            if inside and not of_qt:
                self.seen.append((type(watched).__name__, inside))
        return False


def test_children_are_created_where_they_stay(make_window):
    """The style sheet is applied again to all that a moved widget contains: that was half of the start."""
    app = QApplication.instance()
    moves = _Moves()
    app.installEventFilter(moves)
    try:
        window = make_window()
        for name in PageName:
            window.pages.page(name)
    finally:
        app.removeEventFilter(moves)
    # The fields of augmentation belong to the form and are shown beside it. A tab takes its title along.
    assert {name for name, inside in moves.seen if inside > 1} == {"FieldGrid"}
