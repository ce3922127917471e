"""Precision and recall of each class with intervals; recall is also drawn as a dot with whiskers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.table_columns import TableColumn, header_data, show_as_rows

Index = QModelIndex | QPersistentModelIndex
_CLASS, _PICTURE = 0, 4


@dataclass(frozen=True, slots=True)
class Span:
    """A share with its confidence interval, all 0 to 1; None if the denominator is zero."""

    value: float | None
    low: float | None
    high: float | None

    def text(self) -> str:
        """``91 % (84–95)``, or a dash."""
        if self.value is None or self.low is None or self.high is None:
            return "–"
        return f"{self.value * 100:.0f} % ({self.low * 100:.0f}–{self.high * 100:.0f})"


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: name, colour ("#rrggbb"), number of images, recall and precision."""

    name: str
    colour: str
    count: int
    recall: Span
    precision: Span


class PerClassModel(QAbstractTableModel):
    """One row per class."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ClassRow, ...] = ()
        self._columns = self._make_columns()

    def set_rows(self, rows: Sequence[ClassRow]) -> None:
        """Show new classes."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of classes."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of columns: class, images, recall, precision, drawing of the recall."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell, or a sentence for the tool tip."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, f"{row.count:,}", row.recall.text(), row.precision.text(), "")[index.column()]
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.tr("{0}: {1} images. Recall {2}, precision {3} (95 % intervals)").format(
                row.name, row.count, row.recall.text(), row.precision.text()
            )
        if role == Qt.ItemDataRole.DecorationRole and index.column() == _CLASS:
            return _square(row.colour)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._columns[index.column()].alignment
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the heading of a column, or its meaning for the tool tip."""
        return header_data(self._columns, section, orientation, role)

    def _make_columns(self) -> tuple[TableColumn, ...]:
        found = self.tr(
            "Share of the images of this class that were predicted as this class (95 % Wilson interval)"
        )
        right = self.tr(
            "Share of the images predicted as this class that belong to it (95 % Wilson interval)"
        )
        return (
            TableColumn(self.tr("Class")),
            TableColumn(self.tr("Images"), number=True, tip=self.tr("Images of this class in this split")),
            TableColumn(self.tr("Recall"), number=True, tip=found),
            TableColumn(self.tr("Precision"), number=True, tip=right),
            TableColumn("", tip=self.tr("The dot is the recall, the line its 95 % interval")),
        )


def _square(colour: str) -> QPixmap:
    square = QPixmap(12, 12)
    square.fill(QColor(colour))
    return square


class _SpanDelegate(QStyledItemDelegate):
    def __init__(self, model: PerClassModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(96, 26)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = tokens()
        span = self._model.rows[index.row()].recall
        box = QRectF(option.rect.adjusted(10, 0, -10, 0))
        middle = box.center().y()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.track), 2))
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
        if span.value is not None and span.low is not None and span.high is not None:
            ink = QColor(theme.accent)
            painter.setPen(QPen(ink, 3))
            low, high = (box.left() + box.width() * at for at in (span.low, span.high))
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(box.left() + box.width() * span.value, middle), 5, 5)
        painter.restore()


class PerClassTable(QTableView):
    """The classes with their metrics, in the project's order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PerClassModel(self)
        self.setModel(self._model)
        self.setItemDelegateForColumn(_PICTURE, _SpanDelegate(self._model, self))
        show_as_rows(self, _PICTURE)
        self.horizontalHeader().setMinimumSectionSize(56)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setIconSize(QSize(12, 12))
        self.setAccessibleName(self.tr("Metrics per class"))

    def set_rows(self, rows: Sequence[ClassRow]) -> None:
        """Show new classes."""
        self._model.set_rows(rows)

    @property
    def rows(self) -> tuple[ClassRow, ...]:
        """The rows shown."""
        return self._model.rows
