"""The view of equal cells: places, keys and selections worked out by hand, and quick with 100,000 items."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractListModel, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt

from tldesk.ui.images.grid.cell_view import CellView

KEYS = Qt.KeyboardModifier


class Numbers(QAbstractListModel):
    def __init__(self, count):
        super().__init__()
        self.count = count
        self.asked = 0

    def index(self, row, column=0, parent=QModelIndex()):  # noqa: B008 - Qt's signature
        self.asked += 1
        return super().index(row, column, parent)

    def rowCount(self, parent=QModelIndex()):  # noqa: B008
        self.asked += 1
        return 0 if parent.isValid() else self.count

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        self.asked += 1
        return str(index.row()) if role == Qt.ItemDataRole.DisplayRole else None


@pytest.fixture
def view(qtbot):
    """23 items in cells of 100 x 50 px, five a row: the viewport is 540 px wide, so each gets 108."""
    made = CellView()
    qtbot.addWidget(made)
    made.numbers = Numbers(23)
    made.setModel(made.numbers)
    made.set_cell_size(QSize(100, 50))
    made.show()
    extra = made.width() - made.viewport().width()
    tall = made.height() - made.viewport().height()
    made.resize(540 + extra, 120 + tall)
    assert made.viewport().size() == QSize(540, 120)
    return made


def selected(view):
    return [row for rows in view.selected_rows() for row in rows]


def test_places_and_back(view):
    index = view.model().index
    assert view.columns() == 5
    assert view.visualRect(index(0)) == QRect(0, 0, 108, 50)
    assert view.visualRect(index(7)) == QRect(216, 50, 108, 50)
    view.verticalScrollBar().setValue(30)
    assert view.visualRect(index(7)) == QRect(216, 20, 108, 50)
    for row in range(23):
        assert view.indexAt(view.visualRect(index(row)).center()).row() == row
    assert not view.indexAt(QPoint(400, 4 * 50 - 30 + 10)).isValid()  # the last row has three items
    assert view.verticalScrollBar().maximum() == 5 * 50 - 120


def test_keys_move_in_the_order_of_reading(view, qtbot):
    view.setCurrentIndex(view.model().index(3))

    def after(key, modifier=KEYS.NoModifier):
        qtbot.keyClick(view, key, modifier)
        return view.currentIndex().row()

    assert after(Qt.Key.Key_Right) == 4
    assert after(Qt.Key.Key_Right) == 5  # on to the next line
    assert after(Qt.Key.Key_Down) == 10
    assert after(Qt.Key.Key_Up) == 5
    assert after(Qt.Key.Key_PageDown) == 15  # two whole lines a screen
    assert after(Qt.Key.Key_End) == 22
    assert after(Qt.Key.Key_Down) == 22
    assert after(Qt.Key.Key_Left) == 21
    assert after(Qt.Key.Key_Home) == 0
    assert after(Qt.Key.Key_Up) == 0


def test_shift_selects_across_line_ends_and_the_current_one_stays_in_sight(view, qtbot):
    view.setCurrentIndex(view.model().index(3))
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right, KEYS.ShiftModifier)
    assert selected(view) == [3, 4, 5, 6]
    qtbot.keyClick(view, Qt.Key.Key_Down, KEYS.ShiftModifier)
    assert selected(view) == list(range(3, 12))
    qtbot.keyClick(view, Qt.Key.Key_End, KEYS.ShiftModifier)
    assert selected(view) == list(range(3, 23))
    place = view.visualRect(view.model().index(22))
    assert (place.top(), place.bottom() + 1) == (70, 120)


def test_the_mouse_selects_one_a_range_and_single_ones(view, qtbot):
    def click(row, modifier=KEYS.NoModifier):
        place = view.visualRect(view.model().index(row)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, place)

    click(4)
    assert selected(view) == [4]
    click(6, KEYS.ShiftModifier)
    assert selected(view) == [4, 5, 6]
    click(1, KEYS.ControlModifier)
    assert selected(view) == [1, 4, 5, 6]
    click(5, KEYS.ControlModifier)
    assert selected(view) == [1, 4, 6]
    click(9)
    assert selected(view) == [9]
    click(6, KEYS.ShiftModifier)  # backwards over the end of a line
    assert selected(view) == [6, 7, 8, 9]


def test_a_click_beside_the_items_selects_nothing(view, qtbot):
    view.verticalScrollBar().setValue(1000)
    view.selectAll()
    assert len(selected(view)) == 23
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, KEYS.NoModifier, QPoint(500, 100))
    assert selected(view) == []


def test_a_narrower_window_keeps_the_top_item_at_the_top(view, qtbot):
    view.verticalScrollBar().setValue(100)  # item 10 is at the top
    view.resize(view.width() - 240, view.height())
    assert view.columns() == 3
    assert view.rows_in_sight()[0] == 9


def test_100_000_items_cost_no_more_than_20(view, qtbot):
    """The model is asked as often, whatever it holds: counted, for seconds depend on the machine."""

    def asked_by(jump):
        before = view.numbers.asked
        jump()
        return view.numbers.asked - before

    def to_and_fro(target):
        view.scrollTo(view.model().index(target))
        view.viewport().repaint()
        view.resize(view.width() + 1, view.height())
        view.scrollTo(view.model().index(0))
        view.viewport().repaint()

    few = asked_by(lambda: to_and_fro(20))
    assert few > 20
    view.numbers = Numbers(100_000)
    view.setModel(view.numbers)
    assert asked_by(lambda: to_and_fro(99_999)) <= few * 2
    assert asked_by(view.selectAll) <= few
    assert view.selected_rows() == [range(100_000)], "one range, not 100,000 rows"
    view.selectionModel().setCurrentIndex(
        view.model().index(5), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    assert selected(view) == [5]
