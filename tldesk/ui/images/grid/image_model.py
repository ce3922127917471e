"""The images of the grid as a Qt model: all ids at once, records in blocks on demand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset import ImageRecord, Project

_BLOCK = 64  # records per block: one or two screens of a usual window
# Few, because the garbage collector visits every record of them, which makes scrolling stutter
_BLOCKS_KEPT = 24
# Blocks requested at once: when scrolling on quickly, outdated requests do not delay the new ones
_IN_FLIGHT = 4
_BREATH_MS = 40  # between two sets of requested blocks

Index = QModelIndex | QPersistentModelIndex
RECORD = Qt.ItemDataRole.UserRole + 1


class ImageModel(QAbstractListModel):
    """Keeps a list of ids (for 100,000 images or more); records are read only for visible images."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._project: Project | None = None
        self._ids: list[int] = []
        self._rows: dict[int, int] | None = None
        self._blocks: OrderedDict[int, list[ImageRecord]] = OrderedDict()
        self._stale: set[int] = set()
        self._asked: dict[int, Ticket] = {}
        self._wished: dict[int, None] = {}  # requested blocks, the latest request last
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(_BREATH_MS)
        self._breath.timeout.connect(self._ask_wished)
        self.reader: str | None = None  # a reader who must not see the labels

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
        """Number of images."""
        return 0 if parent.isValid() else len(self._ids)

    def id_at(self, row: int) -> int:
        """Return the id of the image in a row."""
        return self._ids[row]

    def ids(self) -> Sequence[int]:
        """All ids in order."""
        return self._ids

    def row_of(self, image_id: int) -> int | None:
        """Return the row of an image; None if it is not shown."""
        if self._rows is None:
            self._rows = {each: row for row, each in enumerate(self._ids)}
        return self._rows.get(image_id)

    def record(self, row: int) -> ImageRecord | None:
        """Return the record of an image; None until it has been read, which this call requests."""
        block, place = divmod(row, _BLOCK)
        if block not in self._blocks or block in self._stale:
            self._wish(block)
        found = self._blocks.get(block)
        if found is None:
            return None
        self._blocks.move_to_end(block)
        return found[place] if place < len(found) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the record, or its text for screen readers."""
        if not index.isValid():
            return None
        record = self.record(index.row())
        if role == RECORD or record is None:
            return record
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return ", ".join([record.path.name, *self._state(record)])
        if role == Qt.ItemDataRole.ToolTipRole:
            # Names of folders often reveal the class
            shown = record.path.name if self.reader else str(record.path)
            return f"{shown}\n{record.reason}" if record.reason else shown
        return None

    def _state(self, record: ImageRecord) -> list[str]:
        if record.reason:
            return [record.reason]
        marks = [str(mark) for mark in sorted(record.marks)]
        return marks if self.reader else [record.class_name or self.tr("unlabelled"), *marks]

    def refresh(self, ids: Iterable[int]) -> None:
        """Read these records again; the old ones stay on the screen until the new ones have arrived."""
        rows = [row for row in map(self.row_of, ids) if row is not None]
        for block in {row // _BLOCK for row in rows}:
            if block in self._blocks:
                self._stale.add(block)
                self._ask(block)

    def _wish(self, block: int) -> None:
        """Request a block at once, or after a short delay if others were requested just before.

        Dragging the scroll bar through a large project passes more blocks than can be read; requesting each
        would leave no time to paint. Of the blocks requested during the delay, only the latest are read.
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
