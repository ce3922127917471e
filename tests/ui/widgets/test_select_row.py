"""A row that the program selects, whatever keys are held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.select_row import select_row


@pytest.fixture
def table(qtbot):
    table = PlainTable("letters", ["letter"])
    table.set_rows([("a",), ("b",), ("c",)])
    qtbot.addWidget(table)
    table.show()
    return table


def selected(table) -> list[int]:
    return [index.row() for index in table.selectionModel().selectedRows()]


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_only_that_row_is_selected_while_a_key_is_held(table, qtbot, held):
    place = table.visualRect(table.model().index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, place)
    assert selected(table) == [0]
    select_row(table, 2)
    assert selected(table) == [2]
    assert table.currentIndex().row() == 2
    table.selectRow(1)
    assert selected(table) != [1], "Qt's own way heeds the key: else this helper is needed no more"
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)  # and lets go of the key
