"""Draws one image of the grid: picture on a mat, class chip and name, file name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tldesk.ui.images.grid.image_model import RECORD
from tldesk.ui.images.grid.thumbnail_store import Thumbnails
from tldesk.ui.theme import pixmap, tokens

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo, ImageRecord

_PAD = 4
_TEXT = 44  # px for the two lines of text below the picture


def cell_size(side: int) -> QSize:
    """Return the size of a cell for a picture with this side, in px."""
    return QSize(side + 2 * _PAD + 4, side + _TEXT + 2 * _PAD + 4)


class ImageDelegate(QStyledItemDelegate):
    """Selection is shown by border and background, a class by colour and name, a broken file by an icon."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.side = 104
        self.classes: dict[int, ClassInfo] = {}  # by id
        self.reader: str | None = None  # the reader whose labels are shown; None: the project's
        self._thumbnails = thumbnails

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All cells have the same size."""
        return cell_size(self.side)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell; an image that is not read yet is an empty mat."""
        record = index.data(RECORD)
        cell = QRect(QPoint(), cell_size(self.side)).adjusted(2, 2, -2, -2)
        cell.moveCenter(option.rect.center())
        picture = QRect(cell.left() + _PAD, cell.top() + _PAD, self.side, self.side)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._draw_ground(painter, cell, option.state)
        self._draw_mat(painter, picture)
        if record is not None:
            self._draw_picture(painter, picture, record)
            self._draw_words(painter, QRect(picture.left(), picture.bottom() + 4, self.side, _TEXT), record)
        painter.restore()

    @staticmethod
    def _draw_ground(painter: QPainter, cell: QRect, state: QStyle.StateFlag) -> None:
        theme = tokens()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if not (selected or focused or hovered):
            return
        painter.setBrush(QColor(theme.selection if selected else theme.hover))
        edge = theme.accent if selected else theme.border
        style = Qt.PenStyle.DotLine if focused and not selected else Qt.PenStyle.SolidLine
        painter.setPen(
            QPen(QColor(theme.accent if focused else edge), 2 if selected or focused else 1, style)
        )
        painter.drawRoundedRect(cell, 5, 5)

    @staticmethod
    def _draw_mat(painter: QPainter, picture: QRect) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().mat))
        painter.drawRoundedRect(picture, 3, 3)

    def _draw_picture(self, painter: QPainter, picture: QRect, record: ImageRecord) -> None:
        reason = record.reason or self._thumbnails.reason(record.picture)
        if reason:
            _draw_broken(painter, picture, reason)
            return
        # Until an image's content hash is known, its thumbnail is stored under its path.
        thumb = self._thumbnails.get(record.picture) or self._thumbnails.get(str(record.path))
        excluded = "excluded" in record.marks
        painter.setOpacity(0.35 if excluded else 1.0)
        if thumb is not None:
            painter.drawPixmap(_fitted(thumb, picture), thumb)
        painter.setOpacity(1.0)
        if excluded or "unsure" in record.marks:
            _draw_badge(painter, picture, "close" if excluded else "unsure")

    def class_of(self, record: ImageRecord) -> ClassInfo | None:
        """Return the class shown for an image: its label, or the reader's."""
        number = record.class_id if self.reader is None else record.readings.get(self.reader)
        return None if number is None else self.classes.get(number)

    def words_of(self, record: ImageRecord) -> str:
        """Return the text next to the chip."""
        if record.reason:
            return self.tr("quarantined")
        given = self.class_of(record)
        words = given.name if given else self.tr("unlabelled")
        if "excluded" in record.marks:
            return self.tr("excluded · {0}").format(words)
        return f"? {words}" if "unsure" in record.marks else words

    def _draw_words(self, painter: QPainter, place: QRect, record: ImageRecord) -> None:
        theme = tokens()
        line = QRect(place.left(), place.top(), place.width(), 20)
        chip = QRect(line.left(), line.top() + 5, 11, 11)
        given = self.class_of(record)
        painter.setPen(QPen(QColor(theme.field_border), 1))
        painter.setBrush(QColor(given.colour) if given else Qt.GlobalColor.transparent)
        painter.drawRoundedRect(chip, 3, 3)
        painter.setPen(QColor(theme.text if given and not record.reason else theme.muted))
        _draw_line(painter, line.adjusted(17, 0, 0, 0), self.words_of(record), Qt.TextElideMode.ElideRight)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        _draw_line(painter, line.translated(0, 19), record.path.name, Qt.TextElideMode.ElideMiddle)


def _draw_line(painter: QPainter, place: QRect, words: str, elide: Qt.TextElideMode) -> None:
    shown = painter.fontMetrics().elidedText(words, elide, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_badge(painter: QPainter, picture: QRect, name: str) -> None:
    """Draw a round badge in the picture's corner."""
    theme = tokens()
    place = QRect(picture.right() - 25, picture.top() + 4, 22, 22)
    painter.setPen(QColor(theme.border))
    painter.setBrush(QColor(theme.surface))
    painter.drawEllipse(place)
    glyph = pixmap(name, 14, theme.text, painter.device().devicePixelRatio())
    painter.drawPixmap(place.left() + 4, place.top() + 4, glyph)


def _draw_broken(painter: QPainter, picture: QRect, reason: str) -> None:
    theme = tokens()
    glyph = pixmap("broken", 32, theme.bad, painter.device().devicePixelRatio())
    painter.drawPixmap(picture.center().x() - 16, picture.top() + picture.height() // 8, glyph)
    font = painter.font()
    font.setPixelSize(11)
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    words = picture.adjusted(6, picture.height() // 8 + 36, -6, -4)
    line = painter.fontMetrics().lineSpacing()
    words.setHeight(words.height() // line * line)  # whole lines only
    _draw_beginning(painter, words, reason)
    painter.restore()


def _draw_beginning(painter: QPainter, place: QRect, text: str) -> None:
    """Draw as many whole words as fit, followed by dots if some are omitted."""
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    metrics, words, shown = painter.fontMetrics(), text.split(), text
    while words and metrics.boundingRect(place, flags, shown).height() > place.height():
        words.pop()
        shown = " ".join(words) + "…"
    painter.setClipRect(place)
    painter.drawText(place, flags, shown)


def _fitted(thumb: QPixmap, picture: QRect) -> QRect:
    size = thumb.size().scaled(picture.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, size.width(), size.height())
    place.moveCenter(picture.center())
    return place
