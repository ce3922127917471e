"""The list of backbones with their facts; for those without weights it shows how to get them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.backbone_model import NAME, WEIGHTS, BackboneModel, BackboneRow, Index, grouped
from tldesk.ui.widgets.select_row import select_row
from tldesk.ui.widgets.table_columns import show_as_rows


class _TextDelegate(QStyledItemDelegate):
    """Draws the text itself, because the style sheet's text colour would override the model's.

    The size of each text is measured once, since Qt asks for all rows whenever the list changes.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sizes: dict[tuple[str, bool], QSize] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        text = index.data() or ""
        bold = index.column() == NAME and index.data(Qt.ItemDataRole.FontRole) is not None
        if (text, bold) not in self._sizes:
            self._sizes[text, bold] = super().sizeHint(option, index)
        return self._sizes[text, bold]

    def forget_sizes(self) -> None:
        self._sizes.clear()

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
    """Selects one row. Return or a double click on a row without weights requests a file."""

    backboneChosen = Signal(str)
    bringRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = _TextDelegate(self)
        self._widths: dict[int, int] = {}
        self._model = BackboneModel(self)
        self._rows: tuple[BackboneRow, ...] = ()
        self._recommended = self._words = ""
        self._scroll_due = False
        self.setModel(self._model)
        show_as_rows(self, NAME)
        self.horizontalHeader().setMinimumSectionSize(40)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(self.tr("Backbones"))
        self.setItemDelegate(self._texts)
        self.selectionModel().currentRowChanged.connect(self._chosen)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._activated)

    def show_rows(self, rows: Sequence[BackboneRow], chosen: str, recommended: str = "") -> None:
        """Show new rows with one selected; emits no signal."""
        if (self._rows, self._recommended) != (tuple(rows), recommended):
            self._rows, self._recommended = tuple(rows), recommended
            self._list()
        self.choose(chosen)

    def narrow(self, words: str) -> None:
        """Show only the backbones that match these words; emits no signal."""
        self._words = words
        self._list()
        self.choose(self._model.chosen)

    def choose_first(self) -> None:
        """Select the first visible backbone, as a click does."""
        row = next((row for row in range(self._model.rowCount()) if self._model.backbone_at(row)), None)
        if row is not None:
            self.setFocus()
            select_row(self, row)

    def choose(self, name: str) -> None:
        """Select a backbone; emits no signal."""
        self._model.chosen = name
        row = self._model.row_of(name)
        self.selectionModel().blockSignals(True)
        if row >= 0:
            select_row(self, row)
            self._scroll_to_chosen()
        else:
            self.clearSelection()
        self.selectionModel().blockSignals(False)
        self.viewport().update()  # the view did not get the blocked signals

    def sizeHintForColumn(self, column: int) -> int:
        """Return the width of a column; the header asks several times for each layout."""
        if column not in self._widths:
            self._widths[column] = super().sizeHintForColumn(column)
        return self._widths[column]

    def changeEvent(self, event: QEvent) -> None:
        """Measure the texts again if the font or the style has changed."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._texts.forget_sizes()
            self._widths.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to what was chosen while the list was hidden."""
        super().showEvent(event)
        if self._scroll_due:
            self._scroll_to_chosen()

    def _scroll_to_chosen(self) -> None:
        """Scroll now or, because it measures all rows, which takes a tenth of a second, once shown."""
        self._scroll_due = not self.isVisible()
        row = self._model.row_of(self._model.chosen)
        if row >= 0 and not self._scroll_due:
            self.scrollTo(self._model.index(row, 0))

    @property
    def rows(self) -> tuple[BackboneRow, ...]:
        """All backbones, visible or not."""
        return self._rows

    def _list(self) -> None:
        self.selectionModel().blockSignals(True)
        self._widths.clear()
        self._model.set_lines(grouped(self._rows, self._recommended, self._words))
        self.selectionModel().blockSignals(False)
        self.clearSpans()
        for row in self._model.headings():
            self.setSpan(row, NAME, 1, self._model.columnCount())

    def _chosen(self, index: QModelIndex) -> None:
        row = self._model.backbone_at(index.row()) if index.isValid() else None
        if row is not None:
            self._model.chosen = row.card.name
            self.viewport().update()
            self.backboneChosen.emit(row.card.name)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == WEIGHTS:
            self._activated(index)

    def _activated(self, index: QModelIndex) -> None:
        row = self._model.backbone_at(index.row())
        if row is not None and not row.present:
            self.bringRequested.emit(row.card.name)


class BackboneSearch(QLineEdit):
    """A search field that filters the list; Return selects the first match."""

    def __init__(self, backbones: BackboneList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("Search: resnet, vit, swin…"))
        self.setAccessibleName(self.tr("Search backbones"))
        self.setClearButtonEnabled(True)
        self.textChanged.connect(backbones.narrow)
        self.returnPressed.connect(backbones.choose_first)
