"""Predicted pictures: thumbnail, class, probability, and marks for "unsure" and "unlike training"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem, QWidget

from tldesk.ui.theme import pixmap, tokens
from tldesk.ui.widgets.draw_thumbnail import draw_thumbnail
from tldesk.ui.widgets.picture_list import (
    PictureDelegate,
    PictureItem,
    PictureListModel,
    draw_swatch,
    draw_text,
    is_selected,
)

if TYPE_CHECKING:
    from tldesk.ui.lane.tasks import Tasks

_SIDE = 60
_HEIGHT = 76
_LINE = 20
_MIDDLE = Qt.TextElideMode.ElideMiddle


class TextBeside:
    """A framed row: the thumbnail, next to it class and probability, file name, and a mark."""

    def size(self, metrics: QFontMetrics) -> QSize:
        """Return the size of a row in pixels; the list stretches rows to its width."""
        del metrics
        return QSize(180, _HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, item: PictureItem, image: QImage | None
    ) -> None:
        """Draw the row into ``option.rect``."""
        theme, selected = tokens(), is_selected(option)
        box = option.rect.adjusted(1, 1, -1, -3)
        painter.setBrush(QColor(theme.selection if selected else theme.surface))
        painter.setPen(QPen(QColor(theme.accent if selected else theme.border), 1))
        painter.drawRoundedRect(box, 4, 4)
        draw_thumbnail(painter, QRect(box.left() + 6, box.top() + 6, _SIDE, _SIDE), image)
        words = QRect(box).adjusted(_SIDE + 16, 6, -8, -6)
        font = option.font
        font.setBold(True)
        painter.setFont(font)
        _paint_title(painter, words, item)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        draw_text(
            painter, QRect(words.left(), words.top() + _LINE, words.width(), _LINE), item.below, _MIDDLE
        )
        if item.mark:
            _paint_mark(painter, QRect(words.left(), words.top() + 41, words.width(), 19), item.mark)


class ResultList(QListView):
    """A list in which a picture is selected by mouse or arrow keys."""

    rowChosen = Signal(int)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PictureListModel(tasks, _SIDE, self)
        self.setModel(self._model)
        self.setItemDelegate(PictureDelegate(TextBeside(), self))
        self.setObjectName("plain")
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Pictures and their predictions"))
        self.selectionModel().currentChanged.connect(self._current)

    def clear(self) -> None:
        """Remove all rows."""
        self._model.set_items(())

    def add(self, rows: Sequence[PictureItem]) -> None:
        """Append rows; the very first row becomes the current one."""
        self._model.add(rows)
        if not self.currentIndex().isValid() and self._model.rowCount():
            self.setCurrentIndex(self._model.index(0))

    def replace(self, row: int, item: PictureItem) -> None:
        """Replace the item in a row."""
        self._model.replace(row, item)

    def choose(self, row: int) -> None:
        """Make a row the current one."""
        self.setCurrentIndex(self._model.index(row))

    @property
    def rows(self) -> tuple[PictureItem, ...]:
        """The items shown."""
        return self._model.items

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.rowChosen.emit(index.row())


def _paint_title(painter: QPainter, box: QRect, item: PictureItem) -> None:
    theme, left = tokens(), box.left()
    if item.colour:
        draw_swatch(painter, left, box.top() + 5, item.colour)
        left += 16
    painter.setPen(QColor(theme.bad if item.failed else theme.text))
    width = painter.fontMetrics().horizontalAdvance(item.number)
    beside = QRect(box.right() - width, box.top(), width + 1, _LINE)
    painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, item.number)
    draw_text(painter, QRect(left, box.top(), box.right() - left - width - 8, _LINE), item.title, _MIDDLE)


def _paint_mark(painter: QPainter, place: QRect, text: str) -> None:
    theme = tokens()
    width = min(painter.fontMetrics().horizontalAdvance(text) + 32, place.width())
    pill = QRect(place.left(), place.top(), width, place.height())
    painter.setPen(QPen(QColor(theme.warn_edge), 1))
    painter.setBrush(QColor(theme.warn_fill))
    painter.drawRoundedRect(pill, 9, 9)
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(pill.left() + 7, pill.top() + 3, pixmap("unsure", 13, theme.warn, ratio))
    painter.setPen(QColor(theme.warn))
    draw_text(painter, pill.adjusted(24, 0, -6, 0), text)
