"""The images of the grid as a Qt model: all ids at once, records in blocks as they are needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset import ImageRecord, Project

_BLOCK = 64  # records read at once: one or two screens of a common window
_BLOCKS_KEPT = 24  # few: the garbage collector looks at every record of them, which is felt while scrolling
_IN_FLIGHT = 4  # blocks asked for at once: who scrolls on quickly does not wait for what is past
_BREATH_MS = 40  # between one set of blocks asked for and the next

Index = QModelIndex | QPersistentModelIndex
RECORD = Qt.ItemDataRole.UserRole + 1


class ImageModel(QAbstractListModel):
    """For 100,000 images it holds a list of ids; records are read only for what is on the screen."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._project: Project | None = None
        self._ids: list[int] = []
        self._rows: dict[int, int] | None = None
        self._blocks: OrderedDict[int, list[ImageRecord]] = OrderedDict()
        self._stale: set[int] = set()
        self._asked: dict[int, Ticket] = {}
        self._wished: dict[int, None] = {}  # blocks, the last wish last
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(_BREATH_MS)
        self._breath.timeout.connect(self._ask_wished)
        self.reader: str | None = None  # who reads without seeing labels

    def show_images(self, project: Project | None, ids: list[int]) -> None:
        """Show these images of a project, in this order."""
        self.beginResetModel()
        for ticket in self._asked.values():
            ticket.cancel()
        self._project, self._ids, self._rows = project, ids, None
        self._asked.clear()
        self._wished.clear()
        self._breath.stop()
        self._blocks.clear()
        self._stale.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """The number of images."""
        return 0 if parent.isValid() else len(self._ids)

    def id_at(self, row: int) -> int:
        """The id of the image in a row."""
        return self._ids[row]

    def ids(self) -> Sequence[int]:
        """All ids in order."""
        return self._ids

    def row_of(self, image_id: int) -> int | None:
        """The row of an image, if it is shown."""
        if self._rows is None:
            self._rows = {each: row for row, each in enumerate(self._ids)}
        return self._rows.get(image_id)

    def record(self, row: int) -> ImageRecord | None:
        """The record of an image; None until it has been read, which this call asks for."""
        block, place = divmod(row, _BLOCK)
        if block not in self._blocks or block in self._stale:
            self._wish(block)
        found = self._blocks.get(block)
        if found is None:
            return None
        self._blocks.move_to_end(block)
        return found[place] if place < len(found) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The record, or its text for screen readers."""
        if not index.isValid():
            return None
        record = self.record(index.row())
        if role == RECORD or record is None:
            return record
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return ", ".join([record.path.name, *self._state(record)])
        if role == Qt.ItemDataRole.ToolTipRole:
            shown = record.path.name if self.reader else str(record.path)  # folders often name the class
            return f"{shown}\n{record.reason}" if record.reason else shown
        return None

    def _state(self, record: ImageRecord) -> list[str]:
        if record.reason:
            return [record.reason]
        marks = [str(mark) for mark in sorted(record.marks)]
        return marks if self.reader else [record.class_name or self.tr("unlabelled"), *marks]

    def refresh(self, ids: Iterable[int]) -> None:
        """Read these again; the old records stay on the screen until the new ones have arrived."""
        rows = [row for row in map(self.row_of, ids) if row is not None]
        for block in {row // _BLOCK for row in rows}:
            if block in self._blocks:
                self._stale.add(block)
                self._ask(block)

    def _wish(self, block: int) -> None:
        """Ask for a block at once, or a moment later if others were asked for just now.

        Whoever drags the bar through a large project comes past more blocks than can be read; asking for each
        would leave no time to paint. Of those that were wished for meanwhile only the last ones are read.
        """
        self._wished.pop(block, None)
        self._wished[block] = None
        if not self._breath.isActive():
            self._ask_wished()

    def _ask_wished(self) -> None:
        wished = list(self._wished)[-_IN_FLIGHT:]
        self._wished.clear()
        for block in wished:
            if block not in self._blocks or block in self._stale:
                self._ask(block)
        if wished:
            self._breath.start()

    def _ask(self, block: int) -> None:
        project = self._project
        if project is None or (block in self._asked and block not in self._stale):
            return
        if block in self._asked:
            self._asked.pop(block).cancel()
        self._stale.discard(block)
        while len(self._asked) >= _IN_FLIGHT:
            self._asked.pop(next(iter(self._asked))).cancel()
        wanted = self._ids[block * _BLOCK : (block + 1) * _BLOCK]
        self._asked[block] = self._tasks.read(
            lambda: project.images(wanted), on_done=lambda records: self._take(block, records), priority=2
        )

    def _take(self, block: int, records: list[ImageRecord]) -> None:
        self._asked.pop(block, None)
        self._blocks[block] = records
        while len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        first = block * _BLOCK
        last = min(first + _BLOCK, len(self._ids)) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first), self.index(last))
