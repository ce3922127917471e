"""The backbones and what is known of each; those whose weights are missing say how to get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tldesk.model.cardtypes import Card
from tldesk.ui.theme import tokens

Index = QModelIndex | QPersistentModelIndex
_NAME, _PARAMETERS, _INPUT, _ACCURACY, _WEIGHTS = range(5)
_NUMBERS = {_PARAMETERS, _INPUT, _ACCURACY}


@dataclass(frozen=True, slots=True)
class BackboneRow:
    """A backbone's card, and whether its weights are in the library."""

    card: Card
    present: bool


class BackboneModel(QAbstractTableModel):
    """One row a backbone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[BackboneRow, ...] = ()
        self.chosen = ""

    def set_rows(self, rows: Sequence[BackboneRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def row_of(self, name: str) -> int:
        """The row of a backbone, -1 if it is not here."""
        return next((row for row, one in enumerate(self.rows) if one.card.name == name), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Backbones."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Name, parameters, input, accuracy, weights."""
        return 0 if parent is not None and parent.isValid() else 5

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Texts; the whole card as the tip."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and column != _NAME:
            wanted = column == _WEIGHTS and not row.present
            return QColor(tokens().accent if wanted else tokens().muted)
        if role == Qt.ItemDataRole.FontRole and column == _NAME and row.card.name == self.chosen:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Names of the columns, and what they mean."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            titles = (
                self.tr("Backbone"),
                self.tr("Size"),
                self.tr("Input"),
                self.tr("ImageNet"),
                self.tr("Weights"),
            )
            return titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("A network that already knows pictures"),
                self.tr("Numbers in it, in millions (M)"),
                self.tr("Side of the square picture it sees, in pixels"),
                self.tr(
                    "How often it names the right one of 1,000 kinds of things: a rough measure of quality"
                ),
                self.tr("Whether its pretrained weights are on this computer"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, row: BackboneRow, column: int) -> str:
        card = row.card
        accuracy = "–" if card.imagenet_accuracy is None else f"{card.imagenet_accuracy:.1f} %"
        weights = self.tr("here") if row.present else self.tr("bring…")
        return (card.name, millions(card.parameters), str(card.input_size), accuracy, weights)[column]

    def _tip(self, row: BackboneRow) -> str:
        card = row.card
        known = self.tr("{0} ({1}). {2} numbers, {3} billion multiplications for a picture.").format(
            card.title, card.paper, f"{card.parameters:,}", f"{card.gmacs:.2f}"
        )
        licence = self.tr("Weights: {0}").format(card.licence)
        if row.present:
            return f"{known}\n{licence}"
        bring = self.tr("Not here yet. Import a file such as {0}.").format(card.weight_files[0])
        return f"{known}\n{licence}\n{bring}"


class _TextDelegate(QStyledItemDelegate):
    """Draws the text itself: the style sheet's text colour would win over the model's."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        text, font = shown.text, shown.font
        shown.text = ""
        style = self._style(option)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, option.widget)
        ink = index.data(Qt.ItemDataRole.ForegroundRole) or QColor(tokens().text)
        painter.save()
        painter.setFont(font)
        painter.setPen(ink)
        place = option.rect.adjusted(7, 0, -7, 0)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, shown.displayAlignment, elided)
        painter.restore()

    @staticmethod
    def _style(option: QStyleOptionViewItem) -> QStyle:
        widget: QWidget | None = option.widget
        return widget.style() if widget else QApplication.style()


class BackboneList(QTableView):
    """Choose one row. Return or a double click on a row without weights asks for a file."""

    backboneChosen = Signal(str)
    bringRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = BackboneModel(self)
        self.setModel(self._model)
        self.setObjectName("plain")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(self.tr("Backbones"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        self.setItemDelegate(_TextDelegate(self))
        self._prepare_header()
        self.selectionModel().currentRowChanged.connect(self._chosen)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._activated)

    def set_rows(self, rows: Sequence[BackboneRow], chosen: str) -> None:
        """Show other rows with one chosen; tells nobody."""
        self.selectionModel().blockSignals(True)
        self._model.set_rows(rows)
        self.selectionModel().blockSignals(False)
        self.choose(chosen)

    def choose(self, name: str) -> None:
        """Choose a backbone; tells nobody."""
        self._model.chosen = name
        row = self._model.row_of(name)
        self.selectionModel().blockSignals(True)
        if row >= 0:
            self.selectRow(row)
            self.scrollTo(self._model.index(row, 0))
        else:
            self.clearSelection()
        self.selectionModel().blockSignals(False)
        self.viewport().update()

    @property
    def rows(self) -> tuple[BackboneRow, ...]:
        """What is shown."""
        return self._model.rows

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            name = self._model.rows[index.row()].card.name
            self._model.chosen = name
            self.viewport().update()
            self.backboneChosen.emit(name)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == _WEIGHTS:
            self._activated(index)

    def _activated(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()]
        if not row.present:
            self.bringRequested.emit(row.card.name)


def millions(count: int) -> str:
    """``3.5 M``, ``138 M``, ``12 k``: how people speak of parameters."""
    if count >= 100_000_000:
        return f"{count / 1e6:.0f} M"
    return f"{count / 1e6:.1f} M" if count >= 100_000 else f"{count / 1e3:.1f} k"
