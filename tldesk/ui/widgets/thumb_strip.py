"""Small pictures with captions, in a row or wrapped; read in the background as they come into view."""

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
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tldesk.imaging import AS_STORED, Rendering, UnreadableImage, prepared_thumbnail, thumbnail
from tldesk.ui.theme import tokens
from tldesk.ui.widgets.picture_view import image_of

if TYPE_CHECKING:
    from tldesk.imaging import PreparedCache
    from tldesk.ui.lane.tasks import Tasks, Ticket

Index = QModelIndex | QPersistentModelIndex
ItemRole = Qt.ItemDataRole.UserRole
ImageRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class ThumbItem:
    """One small picture.

    Attributes:
        key: what a click tells: an image's id, or a place in a list.
        path: the file, None if it is no longer there.
        title: first line of the caption.
        below: second line, muted.
        colour: "#rrggbb" of a square before the title, or empty.
        content: content hash of an image of the open project, or empty.
    """

    key: int
    path: Path | None
    title: str
    below: str = ""
    colour: str = ""
    content: str = ""


class ThumbModel(QAbstractListModel):
    """The items; a picture is read when it is first asked for."""

    def __init__(self, tasks: Tasks, side: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._side = side
        self._cache: PreparedCache | None = None
        self._items: tuple[ThumbItem, ...] = ()
        self._images: dict[Path, QImage] = {}
        self._tickets: dict[Path, Ticket] = {}

    def set_items(self, items: Sequence[ThumbItem], cache: PreparedCache | None) -> None:
        """Show other pictures; those already read through this cache are kept if they are shown again."""
        self.beginResetModel()
        self._items = tuple(items)
        wanted = {item.path for item in self._items if cache is self._cache}
        self._cache = cache
        self._images = {path: image for path, image in self._images.items() if path in wanted}
        for path in [path for path in self._tickets if path not in wanted]:
            self._tickets.pop(path).cancel()
        self.endResetModel()

    @property
    def items(self) -> tuple[ThumbItem, ...]:
        """What is shown, in order."""
        return self._items

    def rowCount(self, parent: Index | None = None) -> int:
        """Pictures shown."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Caption for readers and searches, tip, item and picture for the delegate."""
        item = self._items[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{item.title}, {item.below}" if item.below else item.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.path.name if item.path else ''}\n{item.title}\n{item.below}".strip()
        if role == ItemRole:
            return item
        if role == ImageRole:
            return self._image(item)
        return None

    def _image(self, item: ThumbItem) -> QImage | None:
        path = item.path
        if path is None:
            return QImage()
        if path not in self._images and path not in self._tickets:
            side, cache, content = self._side, self._cache, item.content
            self._tickets[path] = self._tasks.read(
                lambda: read_thumbnail(path, side, cache=cache, content=content),
                on_done=lambda image: self._take(path, image),
            )
        return self._images.get(path)

    def _take(self, path: Path, image: QImage) -> None:
        self._tickets.pop(path, None)
        self._images[path] = image
        for row, item in enumerate(self._items):
            if item.path == path:
                self.dataChanged.emit(self.index(row), self.index(row))


class _ThumbDelegate(QStyledItemDelegate):
    def __init__(self, side: int, lines: int, extra: int, parent: QObject) -> None:
        super().__init__(parent)
        self.extra = extra
        self.side = side
        self.lines = lines

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        return QSize(
            self.side + self.extra + 8, self.side + 10 + self.lines * (option.fontMetrics.height() + 1)
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = option.rect
        self._paint_state(painter, option, box)
        place = QRect(box.left() + 4, box.top() + 4, self.side + self.extra, self.side)
        draw_thumbnail(painter, place, index.data(ImageRole))
        self._paint_caption(painter, box, index.data(ItemRole), option)
        painter.restore()

    def _paint_state(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect) -> None:
        theme = tokens()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if not selected:
            return
        painter.setBrush(QColor(theme.selection))
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)

    def _paint_caption(
        self, painter: QPainter, box: QRect, item: ThumbItem, option: QStyleOptionViewItem
    ) -> None:
        theme = tokens()
        metrics = option.fontMetrics
        top = box.top() + 6 + self.side
        left = box.left() + 4
        painter.setFont(option.font)
        if item.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(item.colour))
            painter.drawRoundedRect(QRect(left, top + (metrics.height() - 10) // 2, 10, 10), 2, 2)
            left += 15
        for text, ink in ((item.title, theme.text), (item.below, theme.muted))[: self.lines]:
            width = box.right() - left - 2
            painter.setPen(QColor(ink))
            line = QRect(left, top, width, metrics.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, _elided(metrics, text, width))
            top += metrics.height() + 1
            left = box.left() + 4


class ThumbStrip(QListView):
    """Pictures in one row (or wrapped). Keyboard: arrow keys move, Return opens.

    ``side`` is their height in px; they are ``extra`` px wider, for longer captions.
    """

    chosen = Signal(int)  # key of the picture that is now the current one
    opened = Signal(int)  # key of a picture that was double-clicked or entered

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
        self._model = ThumbModel(tasks, side, self)
        self._delegate = _ThumbDelegate(side, lines, extra, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
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
            self.setFixedHeight(self._row_height() + 18)
        self.activated.connect(self._open)
        self.doubleClicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._choose)

    def set_items(self, items: Sequence[ThumbItem], cache: PreparedCache | None = None) -> None:
        """Show other pictures; those with a content hash are read through ``cache``."""
        self._model.set_items(items, cache)

    @property
    def items(self) -> tuple[ThumbItem, ...]:
        """What is shown."""
        return self._model.items

    def select_row(self, row: int) -> None:
        """Make a picture the current one."""
        self.setCurrentIndex(self._model.index(row))

    def _row_height(self) -> int:
        option = QStyleOptionViewItem()
        option.fontMetrics = self.fontMetrics()
        return self._delegate.sizeHint(option, QModelIndex()).height()

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._model.items[index.row()].key)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self._model.items[index.row()].key)


def draw_thumbnail(painter: QPainter, place: QRect, image: QImage | None) -> None:
    """Draw a picture fitted into ``place``; grey while it is read (None), crossed out if lost (null)."""
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


def read_thumbnail(
    path: Path,
    side: int,
    rendering: Rendering = AS_STORED,
    *,
    cache: PreparedCache | None = None,
    content: str = "",
) -> QImage:
    """The picture for a place of ``side`` pixels; a null image if the file cannot be read. Any thread.

    Through ``cache`` and as it reads pictures where ``content`` is given, else as ``rendering`` says.
    """
    twice = 2 * side  # for dense screens
    try:
        if cache is None or not content:
            return image_of(thumbnail(path, twice, rendering))
        return image_of(prepared_thumbnail(cache, path, content, twice))
    except UnreadableImage:
        return QImage()


def _elided(metrics: object, text: str, width: int) -> str:
    return str(metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))  # type: ignore[attr-defined]
