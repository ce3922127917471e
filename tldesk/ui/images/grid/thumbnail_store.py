"""Thumbnails of visible images: nearest first, cancelled when scrolled past, in a cache of limited size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from tldesk.imaging import (
    AS_STORED,
    Pixels,
    Rendering,
    UnreadableImage,
    prepared_thumbnail,
    read_picture,
    thumbnail,
)
from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.imaging import PreparedCache

_IN_FLIGHT = 4
_CLOSE_SIDE = 4096
_KEPT_BYTES = 96 * 1024 * 1024


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return a QImage that owns its data, from (H, W, 3) uint8 RGB pixels; may be called on any thread."""
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def read_large(path: Path, rendering: Rendering = AS_STORED) -> QImage | str:
    """Return the picture in (almost) full size, or the reason why it cannot be read. For the reading pool.

    Very large pictures are reduced by 2, 4 or 8 to a short side of at least 4,096 px, more than any screen
    shows.
    """
    return image_or_reason(lambda: read_picture(path, min_side=_CLOSE_SIDE, rendering=rendering).pixels)


def image_or_reason(read: Callable[[], Pixels]) -> QImage | str:
    """Return the result of ``read``, or the reason why the picture cannot be read. For the reading pool."""
    try:
        return to_qimage(read())
    except UnreadableImage as error:
        return error.reason
    except OSError as error:
        return error.strerror or str(error)


class Thumbnails(QObject):
    """Reads the requested thumbnails, a few at a time; each new request replaces the previous one."""

    arrived = Signal(str)  # ImageRecord.picture

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._cache: PreparedCache | None = None
        self._side = 160
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._kept_bytes = 0
        self._broken: dict[str, str] = {}
        self._wanted: list[tuple[str, Path]] = []
        self._reading: dict[str, Ticket] = {}

    def set_side(self, side: int) -> None:
        """Set the longest side in device pixels; if it grows, thumbnails are read again."""
        if side > self._side:
            self.clear()
        self._side = side

    def set_cache(self, cache: PreparedCache | None) -> None:
        """Set the cache of prepared pictures (None without a project) and clear all thumbnails."""
        self._cache = cache
        self.clear()

    def clear(self) -> None:
        """Clear all thumbnails, because another project was opened or pictures have changed."""
        for ticket in self._reading.values():
            ticket.cancel()
        self._reading.clear()
        self._wanted.clear()
        self._kept.clear()
        self._broken.clear()
        self._kept_bytes = 0

    def get(self, picture: str) -> QPixmap | None:
        """Return the thumbnail; None if it has not been read."""
        found = self._kept.get(picture)
        if found is not None:
            self._kept.move_to_end(picture)
        return found

    def reason(self, picture: str) -> str | None:
        """Return why the picture cannot be read; None if it can."""
        return self._broken.get(picture)

    def want(self, pictures: Iterable[tuple[str, Path]]) -> None:
        """Read these thumbnails in this order; other pending reads are cancelled."""
        wanted = [each for each in pictures if each[0] not in self._kept and each[0] not in self._broken]
        names = {picture for picture, _path in wanted}
        for picture in [each for each in self._reading if each not in names]:
            self._reading.pop(picture).cancel()
        self._wanted = [each for each in wanted if each[0] not in self._reading]
        self._go_on()

    def _go_on(self) -> None:
        while self._wanted and len(self._reading) < _IN_FLIGHT:
            picture, path = self._wanted.pop(0)
            self._reading[picture] = self._start(picture, path)

    def _start(self, picture: str, path: Path) -> Ticket:
        cache, side = self._cache, self._side

        def read() -> Pixels:
            if cache is None:
                return thumbnail(path, side)
            if picture == str(path):  # the content hash is not known yet, so it cannot be in the cache
                return thumbnail(path, side, cache.rendering)
            return prepared_thumbnail(cache, path, picture, side)

        return self._tasks.read(
            lambda: image_or_reason(read),
            on_done=lambda read: self._take(picture, read),
            on_failed=lambda error: self._take(picture, str(error)),
        )

    def _take(self, picture: str, read: QImage | str) -> None:
        self._reading.pop(picture, None)
        if isinstance(read, str):
            self._broken[picture] = read
        else:
            self._keep(picture, QPixmap.fromImage(read))
        self.arrived.emit(picture)
        self._go_on()

    def _keep(self, picture: str, drawn: QPixmap) -> None:
        self._kept[picture] = drawn
        self._kept_bytes += _bytes(drawn)
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _old, gone = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes(gone)


def _bytes(drawn: QPixmap) -> int:
    return drawn.width() * drawn.height() * 4
