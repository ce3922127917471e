"""Short lists of entries with a colour, a count and a key: classes, filters, findings."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tldesk.ui.theme import tokens

_CHOICE = Qt.ItemDataRole.UserRole + 1
_HEIGHT = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry.

    Attributes:
        name: the text.
        count: number at the right; None if not known yet.
        colour: "#rrggbb" of the chip; None for no chip.
        key: the key that selects it; "" if none.
    """

    name: str
    count: int | None = None
    colour: str | None = None
    key: str = ""


class _ChoiceDelegate(QStyledItemDelegate):
    """Draws chip, name, count and key; the selected entry is bold, not only coloured."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        choice = index.data(_CHOICE)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        place: QRect = option.rect.adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _draw_ground(painter, place, chosen=chosen, focused=focused, hovered=hovered)
        right = place.right() - 8
        if choice.key:
            right = _draw_key(painter, place, right, choice.key)
        if choice.count is not None:
            right = _draw_count(painter, place, right, f"{choice.count:,}")
        left = place.left() + 8
        if choice.colour:
            left = _draw_chip(painter, place, choice.colour)
        font = painter.font()
        font.setBold(chosen)
        painter.setFont(font)
        painter.setPen(QColor(tokens().text))
        words = QRect(left, place.top(), right - left - 8, place.height())
        name = painter.fontMetrics().elidedText(choice.name, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()


def _draw_ground(painter: QPainter, place: QRect, *, chosen: bool, focused: bool, hovered: bool) -> None:
    theme = tokens()
    if not (chosen or focused or hovered):
        return
    painter.setBrush(QColor(theme.selection if chosen else theme.hover))
    painter.setPen(QPen(QColor(theme.accent), 2) if focused else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(place, 5, 5)


def _draw_key(painter: QPainter, place: QRect, right: int, key: str) -> int:
    theme = tokens()
    badge = QRect(right - 20, place.center().y() - 9, 20, 20)
    painter.setBrush(QColor(theme.hover))
    painter.setPen(QColor(theme.border))
    painter.drawRoundedRect(badge, 4, 4)
    painter.setPen(QColor(theme.muted))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, key)
    return badge.left() - 8


def _draw_count(painter: QPainter, place: QRect, right: int, count: str) -> int:
    painter.setPen(QColor(tokens().muted))
    width = painter.fontMetrics().horizontalAdvance(count)
    words = QRect(right - width, place.top(), width + 1, place.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, count)
    return words.left() - 4


def _draw_chip(painter: QPainter, place: QRect, colour: str) -> int:
    painter.setBrush(QColor(colour))
    painter.setPen(QColor(tokens().field_border))
    chip = QRect(place.left() + 8, place.center().y() - 6, 13, 13)
    painter.drawRoundedRect(chip, 3, 3)
    return chip.right() + 10


class ChoiceList(QListWidget):
    """A list as tall as its entries. If ``optional``, clicking the selected entry again deselects it."""

    picked = Signal(int)  # -1: none
    renamed = Signal(int, str)

    def __init__(self, name: str, parent: QWidget | None = None, *, optional: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("plain")
        self.setAccessibleName(name)
        self.setItemDelegate(_ChoiceDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self._optional = optional
        self._chosen = -1
        self.setFixedHeight(0)
        self.itemClicked.connect(self._pressed)
        self.itemActivated.connect(self._pressed)
        self.itemSelectionChanged.connect(self._moved)

    def set_choices(self, choices: list[Choice]) -> None:
        """Show these entries; the selection is kept if their number is unchanged."""
        same = len(choices) == self.count()
        self.blockSignals(True)
        if not same:
            self.clear()
            for _each in choices:
                self.addItem(QListWidgetItem())
            self._chosen = -1
        for row, choice in enumerate(choices):
            self._fill(self.item(row), choice)
        self.blockSignals(False)
        if not same:
            self.setFixedHeight(len(choices) * _HEIGHT + 2 if choices else 0)

    @staticmethod
    def _fill(item: QListWidgetItem, choice: Choice) -> None:
        item.setData(_CHOICE, choice)
        item.setText(choice.name)
        words = choice.name if choice.count is None else f"{choice.name}, {choice.count:,}"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        item.setToolTip(choice.name)

    def choose(self, row: int) -> None:
        """Mark an entry, or none (-1), without emitting a signal."""
        self.blockSignals(True)
        self._chosen = row
        self.setCurrentRow(row)
        if row < 0:
            self.clearSelection()
        self.blockSignals(False)
        self.viewport().update()

    @property
    def chosen(self) -> int:
        """The index of the selected entry; -1 if none."""
        return self._chosen

    def _pressed(self, item: QListWidgetItem) -> None:
        row = self.row(item)
        if row == self._chosen and self._optional:
            self.choose(-1)
            self.picked.emit(-1)
        else:
            self.choose(row)
            self.picked.emit(row)

    def _moved(self) -> None:
        """Keep the selection on the chosen entry: moving with the keys alone selects nothing."""
        current = [self.row(item) for item in self.selectedItems()]
        if current != ([self._chosen] if self._chosen >= 0 else []):
            self.blockSignals(True)
            self.clearSelection()
            if self._chosen >= 0:
                self.item(self._chosen).setSelected(True)
            self.blockSignals(False)
