"""Predicted pictures: thumbnail, class, probability, and marks for "unsure" and "unlike training"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tldesk.imaging import AS_STORED, Rendering
from tldesk.ui.theme import pixmap, tokens
from tldesk.ui.widgets.thumb_strip import draw_thumbnail, read_thumbnail

if TYPE_CHECKING:
    from tldesk.ui.lane.tasks import Tasks, Ticket

Index = QModelIndex | QPersistentModelIndex
RowRole = Qt.ItemDataRole.UserRole
ImageRole = Qt.ItemDataRole.UserRole + 1
_SIDE = 60
_HEIGHT = 72
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One picture as the list shows it.

    Attributes:
        path: the file.
        title: the class, or "not read".
        below: file name.
        colour: "#rrggbb" of the class, empty for a failure.
        mark: "unsure", "unlike training", or empty.
        number: the probability in words.
        failed: there is no answer.
        rendering: how the file was read.
    """

    path: Path
    title: str
    below: str
    colour: str = ""
    mark: str = ""
    number: str = ""
    failed: bool = False
    rendering: Rendering = AS_STORED


class ResultModel(QAbstractListModel):
    """Rows are only added, or all taken away. Thumbnails are read when they come into view."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.rows: list[ResultRow] = []
        self._images: dict[Path, QImage] = {}
        self._tickets: dict[Path, Ticket] = {}

    def clear(self) -> None:
        """Take all rows away."""
        self.beginResetModel()
        self.rows = []
        self._images.clear()
        for ticket in self._tickets.values():
            ticket.cancel()
        self._tickets.clear()
        self.endResetModel()

    def add(self, rows: Sequence[ResultRow]) -> None:
        """Put rows at the end."""
        if not rows:
            return
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
        self.rows.extend(rows)
        self.endInsertRows()

    def replace(self, place: int, row: ResultRow) -> None:
        """Another row in the place of one."""
        self.rows[place] = row
        index = self.index(place)
        self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index | None = None) -> int:
        """Pictures."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text for readers, row and picture for the delegate."""
        row = self.rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return ", ".join(part for part in (row.title, row.number, row.below, row.mark) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.path}\n{row.below}"
        if role == RowRole:
            return row
        if role == ImageRole:
            return QImage() if row.failed else self._image(row)
        return None

    def _image(self, row: ResultRow) -> QImage | None:
        path = row.path
        if path not in self._images and path not in self._tickets:
            self._tickets[path] = self._tasks.read(
                lambda: read_thumbnail(path, _SIDE, row.rendering),
                on_done=lambda image: self._take(path, image),
            )
        return self._images.get(path)

    def _take(self, path: Path, image: QImage) -> None:
        self._tickets.pop(path, None)
        self._images[path] = image
        for row, one in enumerate(self.rows):
            if one.path == path:
                self.dataChanged.emit(self.index(row), self.index(row))


class _ResultDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(180, _HEIGHT + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ResultRow = index.data(RowRole)
        theme = tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = option.rect.adjusted(1, 1, -1, -3)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setBrush(QColor(theme.selection if selected else theme.surface))
        painter.setPen(QPen(QColor(theme.accent if selected else theme.border), 1))
        painter.drawRoundedRect(box, 4, 4)
        place = QRect(box.left() + 6, box.top() + 6, _SIDE, _SIDE)
        draw_thumbnail(painter, place, index.data(ImageRole))
        self._paint_words(painter, QRect(box).adjusted(_SIDE + 16, 6, -8, -6), row, option)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, box: QRect, row: ResultRow, option: QStyleOptionViewItem
    ) -> None:
        theme = tokens()
        font = option.font
        font.setBold(True)
        painter.setFont(font)
        left = box.left()
        if row.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(row.colour))
            painter.drawRoundedRect(QRect(left, box.top() + 5, 10, 10), 2, 2)
            left += 16
        painter.setPen(QColor(theme.bad if row.failed else theme.text))
        number = painter.fontMetrics().horizontalAdvance(row.number)
        painter.drawText(QRect(box.right() - number, box.top(), number + 1, 20), _MIDDLE, row.number)
        _draw_line(painter, QRect(left, box.top(), box.right() - left - number - 8, 20), row.title)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        _draw_line(painter, QRect(box.left(), box.top() + 20, box.width(), 20), row.below)
        if row.mark:
            _draw_mark(painter, QRect(box.left(), box.top() + 41, box.width(), 19), row.mark)


class ResultList(QListView):
    """Choose a picture with mouse or arrow keys."""

    rowChosen = Signal(int)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ResultModel(tasks, self)
        self.setModel(self._model)
        self.setItemDelegate(_ResultDelegate(self))
        self.setObjectName("plain")
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Pictures with their answers"))
        self.selectionModel().currentChanged.connect(self._current)

    def clear(self) -> None:
        """Take all rows away."""
        self._model.clear()

    def add(self, rows: Sequence[ResultRow]) -> None:
        """Put rows at the end; the first row ever becomes the current one."""
        self._model.add(rows)
        if not self.currentIndex().isValid() and self._model.rows:
            self.setCurrentIndex(self._model.index(0))

    def replace(self, place: int, row: ResultRow) -> None:
        """Another row in the place of one."""
        self._model.replace(place, row)

    def choose(self, row: int) -> None:
        """Make a row the current one."""
        self.setCurrentIndex(self._model.index(row))

    @property
    def rows(self) -> tuple[ResultRow, ...]:
        """What is shown."""
        return tuple(self._model.rows)

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.rowChosen.emit(index.row())


def _draw_line(painter: QPainter, place: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_mark(painter: QPainter, place: QRect, text: str) -> None:
    theme = tokens()
    width = min(painter.fontMetrics().horizontalAdvance(text) + 32, place.width())
    pill = QRect(place.left(), place.top(), width, place.height())
    painter.setPen(QPen(QColor(theme.warn_edge), 1))
    painter.setBrush(QColor(theme.warn_fill))
    painter.drawRoundedRect(pill, 9, 9)
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(pill.left() + 7, pill.top() + 3, pixmap("unsure", 13, theme.warn, ratio))
    painter.setPen(QColor(theme.warn))
    words = pill.adjusted(24, 0, -6, 0)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, words.width())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
