"""The confusion matrix: one row per true class, one column per predicted class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.inks import mixed, readable_on

Index = QModelIndex | QPersistentModelIndex
_LEAST = 34


class ConfusionModel(QAbstractTableModel):
    """The counts; a cell is shaded by its share of the row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()

    def set_counts(self, classes: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show new counts: ``counts[true class][predicted class]``."""
        self.beginResetModel()
        self._classes = tuple(classes)
        self._counts = tuple(tuple(row) for row in counts)
        self.endResetModel()

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in their fixed order."""
        return self._classes

    def count(self, row: int, column: int) -> int:
        """Return the number of images of class ``row`` predicted as class ``column``."""
        return self._counts[row][column]

    def share(self, row: int, column: int) -> float:
        """Return that number as a share of the class's images, 0 to 1."""
        total = sum(self._counts[row])
        return self._counts[row][column] / total if total else 0.0

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of classes."""
        return 0 if parent is not None and parent.isValid() else len(self._counts)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of classes."""
        return 0 if parent is not None and parent.isValid() else len(self._counts)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the count of a cell, or a sentence for the tool tip and for screen readers."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return str(self.count(row, column))
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.tr("{0} of {1} images of class {2} were predicted as {3} ({4} %)").format(
                self.count(row, column),
                sum(self._counts[row]),
                self._classes[row],
                self._classes[column],
                f"{self.share(row, column) * 100:.0f}",
            )
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a class."""
        del orientation
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._classes[section]
        return None


class _CellDelegate(QStyledItemDelegate):
    def __init__(self, model: ConfusionModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(_LEAST, _LEAST)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = self._model.count(index.row(), index.column())
        share = self._model.share(index.row(), index.column())
        right = index.row() == index.column()
        fill = mixed(theme.surface, theme.accent if right else theme.warn_edge, _shade(share))
        box = option.rect.adjusted(2, 2, -2, -2)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(theme.text if selected else theme.border), 2 if selected else 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 4, 4)
        font = option.font
        font.setBold(right or selected)
        painter.setFont(font)
        painter.setPen(readable_on(fill) if count else QColor(theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count))
        painter.restore()


class _ColumnHeader(QHeaderView):
    """Column names, written vertically if they are too wide for their columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def sizeHint(self) -> QSize:
        one_line = super().sizeHint()
        if not self._upwards():
            return one_line
        return QSize(one_line.width(), min(self._longest() + 12, 110))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        painter.save()
        painter.setFont(self._bold())
        painter.setPen(QColor(tokens().muted))
        name = str(self.model().headerData(logical, Qt.Orientation.Horizontal))
        place = QRect(rect)
        flags = Qt.AlignmentFlag.AlignCenter
        if self._upwards():
            painter.translate(rect.left(), rect.bottom())
            painter.rotate(-90)
            place = QRect(4, 0, rect.height() - 8, rect.width())
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, flags, elided)
        painter.restore()

    def _upwards(self) -> bool:
        sections = self.count()
        return sections > 0 and self._longest() + 6 > self.viewport().width() // sections

    def _longest(self) -> int:
        metrics = QFontMetrics(self._bold())
        names = (str(self.model().headerData(at, Qt.Orientation.Horizontal)) for at in range(self.count()))
        return max((metrics.horizontalAdvance(name) for name in names), default=0)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font


class ConfusionView(QTableView):
    """Cells selected by click or arrow keys. Return or a double click opens the images of a cell."""

    cellChosen = Signal(int, int)
    cellOpened = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ConfusionModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_CellDelegate(self._model, self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("plain")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setCornerButtonEnabled(False)
        self.setAccessibleName(
            self.tr("Confusion matrix: rows show the true class, columns the predicted class")
        )
        self.setHorizontalHeader(_ColumnHeader(self))
        self._prepare_headers()
        self.clicked.connect(lambda index: self.cellChosen.emit(index.row(), index.column()))
        self.activated.connect(lambda index: self.cellOpened.emit(index.row(), index.column()))
        self.doubleClicked.connect(lambda index: self.cellOpened.emit(index.row(), index.column()))

    def set_counts(self, classes: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show new counts: ``counts[true class][predicted class]``."""
        self._model.set_counts(classes, counts)

    def _prepare_headers(self) -> None:
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setMinimumSectionSize(_LEAST)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
            header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().setMaximumWidth(120)
        self.verticalHeader().setStyleSheet("QHeaderView::section { border: none; }")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select cells with the arrow keys.

        Receiving the focus also sets a current cell, but selects none.
        """
        before = self.currentIndex()
        super().keyPressEvent(event)
        index = self.currentIndex()
        if index.isValid() and index != before:
            self.cellChosen.emit(index.row(), index.column())


def _shade(share: float) -> float:
    """Return the shade for a share; a lower bound keeps cells with few images visible."""
    return 0.0 if share == 0 else 0.12 + 0.8 * share
