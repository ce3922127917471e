"""The project's runs: number, name, state, result; ticking a run lays its curves over the current ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tldesk.ui.theme import colour, pixmap, tokens
from tldesk.ui.widgets.inks import line_colour

Index = QModelIndex | QPersistentModelIndex
RowRole = Qt.ItemDataRole.UserRole
_HEIGHT = 52
_ICONS = {
    "running": ("play", "accent"),
    "finished": ("good", "good"),
    "stopped": ("stop", "muted"),
    "interrupted": ("warning", "warn"),
    "failed": ("problem", "bad"),
    "damaged": ("problem", "bad"),
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as a row of the list.

    Attributes:
        number: number of the run.
        title: description of the run ("two-phase fine-tuning, mobilenet_v2").
        below: result and time in words.
        state: running, finished, stopped, interrupted, failed or damaged.
        colour: "#rrggbb" of its curves.
        tip: text of the tool tip.
        stale: some of its images have changed since; ``below`` mentions it too.
    """

    number: int
    title: str
    below: str
    state: str
    colour: str
    tip: str = ""
    stale: bool = False


class RunModel(QAbstractListModel):
    """Newest first; ticks are remembered by number."""

    ticksChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self.ticked: set[int] = set()

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show new rows; if only texts changed, the selection is kept."""
        if [row.number for row in rows] == [row.number for row in self.rows]:
            self.rows = tuple(rows)
            self.dataChanged.emit(self.index(0), self.index(max(len(rows) - 1, 0)))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.ticked &= {row.number for row in rows}
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be ticked."""
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text for screen readers, the row for the delegate, or the tick."""
        row = self.rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{row.number} {row.title}, {row.below}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or f"{row.title}\n{row.below}"
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if row.number in self.ticked else Qt.CheckState.Unchecked
        return None

    def toggle(self, index: Index) -> None:
        """Tick or untick a run."""
        self.ticked ^= {self.rows[index.row()].number}
        place = self.index(index.row())
        self.dataChanged.emit(place, place)
        self.ticksChanged.emit()


class _RunDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(160, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: RunRow = index.data(RowRole)
        theme = tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(1, 1, -1, -3)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setBrush(QColor(theme.selection if selected else theme.surface))
        painter.setPen(QPen(QColor(theme.accent if selected else theme.border), 1))
        painter.drawRoundedRect(box, 4, 4)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        _draw_tick(painter, tick_rect(option.rect), ticked=ticked)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(line_colour(row.colour))
        painter.drawRoundedRect(QRect(box.left() + 30, box.center().y() - 6, 12, 12), 3, 3)
        self._paint_texts(painter, box, row, option, bold=selected)
        painter.restore()

    def _paint_texts(
        self, painter: QPainter, box: QRect, row: RunRow, option: QStyleOptionViewItem, *, bold: bool
    ) -> None:
        theme = tokens()
        left, width = box.left() + 50, box.width() - 50 - (46 if row.stale else 26)
        font = option.font
        font.setBold(bold)
        painter.setFont(font)
        for text, top, ink in ((f"{row.number}  {row.title}", 5, theme.text), (row.below, 25, theme.muted)):
            painter.setPen(QColor(ink))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRect(left, box.top() + top, width, 20), Qt.AlignmentFlag.AlignVCenter, shown)
            font.setBold(False)
            painter.setFont(font)
        name, token = _ICONS.get(row.state, ("info", "muted"))
        ratio = painter.device().devicePixelRatioF()
        mark = pixmap(name, 16, colour(token).name(), ratio)
        painter.drawPixmap(box.right() - 22, box.center().y() - 8, mark)
        if row.stale:
            clock = pixmap("recent", 16, theme.warn, ratio)
            painter.drawPixmap(box.right() - 42, box.center().y() - 8, clock)


class RunList(QListView):
    """A list in which a run is selected by mouse or arrow keys; Space ticks it."""

    runChosen = Signal(int)
    ticksChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_RunDelegate(self))
        self.setObjectName("plain")
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Runs"))
        self.selectionModel().currentChanged.connect(self._current)
        self._model.ticksChanged.connect(self.ticksChanged)

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show new rows and keep the current one if it still exists; emits no signal."""
        current = self.current
        self.selectionModel().blockSignals(True)
        self._model.set_rows(rows)
        self.selectionModel().blockSignals(False)
        if current is not None:
            self.choose(current)

    def choose(self, number: int | None) -> None:
        """Make a run the current one; emits no signal."""
        row = next((at for at, one in enumerate(self._model.rows) if one.number == number), -1)
        self.selectionModel().blockSignals(True)
        if row < 0:
            self.selectionModel().clear()
        else:
            self.setCurrentIndex(self._model.index(row))
        self.selectionModel().blockSignals(False)
        self.viewport().update()  # the view did not get the blocked signals

    @property
    def current(self) -> int | None:
        """Number of the current run; None if there is none."""
        index = self.currentIndex()
        return self._model.rows[index.row()].number if index.isValid() else None

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The rows shown."""
        return self._model.rows

    @property
    def ticked(self) -> frozenset[int]:
        """Numbers of the ticked runs."""
        return frozenset(self._model.ticked)

    def toggle(self, number: int) -> None:
        """Tick or untick a run."""
        row = next(at for at, one in enumerate(self._model.rows) if one.number == number)
        self._model.toggle(self._model.index(row))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick if the box is clicked, otherwise select."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and tick_rect(self.visualRect(index)).contains(event.position().toPoint()):
            self._model.toggle(index)
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with Space."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            if self.currentIndex().isValid():
                self._model.toggle(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.runChosen.emit(self._model.rows[index.row()].number)


def tick_rect(row: QRect) -> QRect:
    """Return the rectangle of a row's tick box."""
    return QRect(row.left() + 9, row.center().y() - 9, 16, 16)


def _draw_tick(painter: QPainter, place: QRect, *, ticked: bool) -> None:
    theme = tokens()
    painter.setPen(QPen(QColor(theme.accent if ticked else theme.field_border), 1))
    painter.setBrush(QColor(theme.accent if ticked else theme.field))
    painter.drawRoundedRect(place, 3, 3)
    if ticked:
        painter.setPen(QPen(QColor(theme.accent_text), 2))
        left, top = place.left(), place.top()
        painter.drawPolyline(
            [QPoint(left + 4, top + 8), QPoint(left + 7, top + 11), QPoint(left + 12, top + 5)]
        )
