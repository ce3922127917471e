"""Small pictures with captions, in a row or wrapped; read in the background as they come into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyleOptionViewItem, QWidget

from tldesk.ui.theme import tokens
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
    from tldesk.imaging import PreparedCache
    from tldesk.ui.lane.tasks import Tasks


@dataclass(frozen=True, slots=True)
class CaptionBelow:
    """A thumbnail ``side`` px high and ``extra`` px wider, with ``lines`` lines of text below it."""

    side: int
    lines: int
    extra: int

    def size(self, metrics: QFontMetrics) -> QSize:
        """Return the size of an item in pixels."""
        return QSize(self.side + self.extra + 8, self.side + 10 + self.lines * (metrics.height() + 1))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, item: PictureItem, image: QImage | None
    ) -> None:
        """Draw the item into ``option.rect``."""
        box = option.rect
        if is_selected(option):
            painter.setBrush(QColor(tokens().selection))
            painter.setPen(QPen(QColor(tokens().accent), 1.5))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        draw_thumbnail(
            painter, QRect(box.left() + 4, box.top() + 4, self.side + self.extra, self.side), image
        )
        painter.setFont(option.font)
        self._paint_caption(painter, box, item, option.fontMetrics.height())

    def _paint_caption(self, painter: QPainter, box: QRect, item: PictureItem, height: int) -> None:
        theme = tokens()
        top = box.top() + 6 + self.side
        left = box.left() + 4
        if item.colour:
            draw_swatch(painter, left, top + (height - 10) // 2, item.colour)
            left += 15
        for text, ink in ((item.title, theme.text), (item.below, theme.muted))[: self.lines]:
            painter.setPen(QColor(ink))
            draw_text(painter, QRect(left, top, box.right() - left - 2, height), text)
            top += height + 1
            left = box.left() + 4


class ThumbStrip(QListView):
    """Pictures in one row (or wrapped). Arrow keys move, Return opens.

    ``side`` is their height in px; they are ``extra`` px wider, for longer captions.
    """

    chosen = Signal(int)  # row of the picture that is now the current one
    opened = Signal(int)  # row of a picture that was double-clicked or activated with Return

    def __init__(
        self,
        tasks: Tasks,
        side: int,
        *,
        lines: int = 2,
        wrap: bool = False,
        extra: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = PictureListModel(tasks, side, self)
        layout = CaptionBelow(side, lines, extra)
        self.setModel(self._model)
        self.setItemDelegate(PictureDelegate(layout, self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(wrap)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("plain")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        if not wrap:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setFixedHeight(layout.size(self.fontMetrics()).height() + 18)
        self.activated.connect(self._open)
        self.doubleClicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._choose)

    def set_items(self, items: Sequence[PictureItem], cache: PreparedCache | None = None) -> None:
        """Show new pictures; those with a content hash are read through ``cache``."""
        self._model.set_items(items, cache)

    @property
    def items(self) -> tuple[PictureItem, ...]:
        """The items shown."""
        return self._model.items

    def select_row(self, row: int) -> None:
        """Make a picture the current one."""
        self.setCurrentIndex(self._model.index(row))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.row())

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(index.row())
