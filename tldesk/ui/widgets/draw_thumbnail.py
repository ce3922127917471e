"""Thumbnails: read a picture file at a small size, and draw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from tldesk.imaging import AS_STORED, Rendering, UnreadableImage, prepared_thumbnail, thumbnail
from tldesk.ui.theme import tokens
from tldesk.ui.widgets.picture_view import image_of

if TYPE_CHECKING:
    from tldesk.imaging import PreparedCache


def read_thumbnail(
    path: Path,
    side: int,
    rendering: Rendering = AS_STORED,
    *,
    cache: PreparedCache | None = None,
    content: str = "",
) -> QImage:
    """Return the picture at ``side`` pixels; a null image if the file cannot be read. On any thread.

    With ``content`` (the content hash) the picture comes from ``cache``, rendered with that cache's settings;
    without it, the file is read with ``rendering``.
    """
    twice = 2 * side  # for high-resolution screens
    try:
        if cache is None or not content:
            return image_of(thumbnail(path, twice, rendering))
        return image_of(prepared_thumbnail(cache, path, content, twice))
    except UnreadableImage:
        return QImage()


def draw_thumbnail(painter: QPainter, place: QRect, image: QImage | None) -> None:
    """Draw a picture fitted into ``place``: grey if None (not read yet), crossed out if null (unreadable)."""
    theme = tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.mat))
    painter.drawRoundedRect(place, 4, 4)
    if image is None:
        return
    if image.isNull():
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        painter.drawLine(place.topLeft(), place.bottomRight())
        return
    size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left = place.left() + (place.width() - size.width()) // 2
    top = place.top() + (place.height() - size.height()) // 2
    painter.drawImage(QRect(left, top, size.width(), size.height()), image)
