"""Model and delegate of all lists of pictures with text; a layout draws one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tldesk.imaging import AS_STORED, Rendering
from tldesk.ui.widgets.draw_thumbnail import read_thumbnail

if TYPE_CHECKING:
    from tldesk.imaging import PreparedCache
    from tldesk.ui.lane.tasks import Tasks, Ticket

Index = QModelIndex | QPersistentModelIndex
ItemRole = Qt.ItemDataRole.UserRole
ImageRole = Qt.ItemDataRole.UserRole + 1
_SWATCH = 10  # side of the class colour's square, in pixels


@dataclass(frozen=True, slots=True)
class PictureItem:
    """One picture of a list.

    Attributes:
        path: the file; None if it no longer exists.
        title: first line, usually the class.
        below: second line, muted.
        colour: "#rrggbb" of a square before the title, or empty.
        content: content hash of an image of the open project, or empty.
        number: a value next to the title, such as a probability.
        mark: a warning about the picture, such as "unsure".
        failed: whether the picture could not be read; it is then shown crossed out.
        rendering: how the file is read if there is no content hash.
        tip: the tool tip; by default file name, title and second line.
    """

    path: Path | None
    title: str
    below: str = ""
    colour: str = ""
    content: str = ""
    number: str = ""
    mark: str = ""
    failed: bool = False
    rendering: Rendering = AS_STORED
    tip: str = ""

    @property
    def tool_tip(self) -> str:
        """The text of the tool tip."""
        name = self.path.name if self.path else ""
        return self.tip or f"{name}\n{self.title}\n{self.below}".strip()

    @property
    def spoken(self) -> str:
        """All its texts, for screen readers and for searching by typing."""
        return ", ".join(part for part in (self.title, self.number, self.below, self.mark) if part)


class PictureListModel(QAbstractListModel):
    """The items; a thumbnail is read in the background when it first comes into view.

    ``side`` is the height of the thumbnails in pixels.
    """

    def __init__(self, tasks: Tasks, side: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._side = side
        self._cache: PreparedCache | None = None
        self._items: list[PictureItem] = []
        self._images: dict[Path, QImage] = {}
        self._tickets: dict[Path, Ticket] = {}

    def set_items(self, items: Sequence[PictureItem], cache: PreparedCache | None = None) -> None:
        """Show new pictures. Thumbnails already read through the same cache are kept if still shown."""
        self.beginResetModel()
        self._items = list(items)
        wanted = {item.path for item in self._items if cache is self._cache}
        self._cache = cache
        self._images = {path: image for path, image in self._images.items() if path in wanted}
        for path in [path for path in self._tickets if path not in wanted]:
            self._tickets.pop(path).cancel()
        self.endResetModel()

    def add(self, items: Sequence[PictureItem]) -> None:
        """Append items."""
        if not items:
            return
        self.beginInsertRows(QModelIndex(), len(self._items), len(self._items) + len(items) - 1)
        self._items.extend(items)
        self.endInsertRows()

    def replace(self, row: int, item: PictureItem) -> None:
        """Replace the item in this row."""
        self._items[row] = item
        self.dataChanged.emit(self.index(row), self.index(row))

    @property
    def items(self) -> tuple[PictureItem, ...]:
        """The items shown, in order."""
        return tuple(self._items)

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of pictures."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text for screen readers and searches, tool tip, or item and thumbnail for the delegate."""
        item = self._items[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return item.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return item.tool_tip
        if role == ItemRole:
            return item
        if role == ImageRole:
            return self._image(item)
        return None

    def _image(self, item: PictureItem) -> QImage | None:
        path = item.path
        if path is None or item.failed:
            return QImage()
        if path not in self._images and path not in self._tickets:
            side, cache = self._side, self._cache
            self._tickets[path] = self._tasks.read(
                lambda: read_thumbnail(path, side, item.rendering, cache=cache, content=item.content),
                on_done=lambda image: self._keep(path, image),
            )
        return self._images.get(path)

    def _keep(self, path: Path, image: QImage) -> None:
        self._tickets.pop(path, None)
        self._images[path] = image
        for row, item in enumerate(self._items):
            if item.path == path:
                self.dataChanged.emit(self.index(row), self.index(row))


class PictureLayout(Protocol):
    """Defines where the thumbnail and the texts of an item are drawn."""

    def size(self, metrics: QFontMetrics) -> QSize:
        """Return the size of an item in pixels."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, item: PictureItem, image: QImage | None
    ) -> None:
        """Draw the item into ``option.rect``."""


class PictureDelegate(QStyledItemDelegate):
    """Draws the items of a ``PictureListModel`` as its layout says."""

    def __init__(self, layout: PictureLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._layout = layout

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the layout's size."""
        del index
        return self._layout.size(option.fontMetrics)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one item."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._layout.paint(painter, option, index.data(ItemRole), index.data(ImageRole))
        painter.restore()


def is_selected(option: QStyleOptionViewItem) -> bool:
    """Return whether the item to be drawn is selected."""
    return bool(option.state & QStyle.StateFlag.State_Selected)


def draw_swatch(painter: QPainter, left: int, top: int, colour: str) -> None:
    """Draw the small square in the colour ("#rrggbb") of a class."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRect(left, top, _SWATCH, _SWATCH), 2, 2)


def draw_text(
    painter: QPainter, place: QRect, text: str, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
) -> None:
    """Draw one line of text, shortened to the width of ``place``."""
    shown = painter.fontMetrics().elidedText(text, elide, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
