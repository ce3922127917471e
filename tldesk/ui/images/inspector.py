"""The panel right of the grid: the selected image in large, its facts, and the history of its label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import plural
from tldesk.imaging import AS_STORED, Rendering, UnreadableImage
from tldesk.ui.images.deep import rendering_words
from tldesk.ui.images.deep.deep_preview import ValueFacts, read_deep
from tldesk.ui.images.deep.image_preview import Preview
from tldesk.ui.images.grid.thumbnail_store import to_qimage
from tldesk.ui.lane.tasks import Tasks, Ticket

if TYPE_CHECKING:
    from tldesk.dataset import ImageEvent, ImageRecord, Project

_MANY = 500  # if more images are selected, they are not summarised


@dataclass(frozen=True, slots=True)
class _Shown:
    """The records and preview of the selection; read in the background."""

    records: list[ImageRecord]
    history: tuple[ImageEvent, ...]
    preview: QImage | str
    values: ValueFacts | None = None  # of deep pictures and stacks only
    rendering: Rendering = AS_STORED


class Inspector(QFrame):
    """Shows one image in detail, a summary of several, or a hint if none is selected."""

    renderingAsked = Signal()

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(248)
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self.blind = False  # during a second reading, everything that reveals the label is hidden
        self._area = QScrollArea(self)
        inner = self._inner = QWidget(self._area.viewport())
        self.preview = Preview(inner)
        self.name = QLabel(inner)
        self.reason = QLabel(inner)
        self.facts = QFormLayout()
        self.how_read = QPushButton(self.tr("How images are read…"), inner)
        self.history_heading = QLabel(self.tr("History"), inner)
        self.history = QLabel(inner)
        self._build()
        self.clear()

    def _build(self) -> None:
        self.name.setProperty("role", "title")
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setProperty("role", "problem")
        self.history_heading.setProperty("role", "heading")
        self.how_read.clicked.connect(self.renderingAsked)
        for label in (self.name, self.reason, self.history):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setHorizontalSpacing(12)
        self.facts.setVerticalSpacing(6)
        inner, area = self._inner, self._area
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        for widget in (self.preview, self.name, self.reason):
            layout.addWidget(widget)
        layout.addLayout(self.facts)
        layout.addWidget(self.how_read)
        layout.addSpacing(8)
        layout.addWidget(self.history_heading)
        layout.addWidget(self.history)
        layout.addStretch(1)
        inner.setMinimumWidth(1)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(area)

    def sizeHint(self) -> QSize:
        """Wide enough for a phone photo."""
        return QSize(248, 400)

    def clear(self) -> None:
        """Show the hint for an empty selection."""
        self._cancel()
        self.preview.hide()
        self.name.setText(self.tr("No image selected"))
        self._show_reason("")
        self._show_facts([])
        self.how_read.hide()
        self._show_history("")

    def show_images(self, project: Project, ids: Sequence[int]) -> None:
        """Read and show the selected images."""
        if not ids:
            self.clear()
            return
        self._cancel()
        side = round(2 * self.preview.height() * self.devicePixelRatioF())
        self._ticket = self._tasks.read(
            lambda: _read_shown(project, ids, side), on_done=self._take, priority=3
        )
        if len(ids) > 1:
            self.name.setText(plural(len(ids), self.tr("image"), self.tr("images")) + self.tr(" selected"))

    def _cancel(self) -> None:
        if self._ticket is not None:
            self._ticket.cancel()

    def _take(self, shown: _Shown) -> None:
        if len(shown.records) == 1:
            self._show_one(shown)
        else:
            self._show_many(shown)

    def _show_one(self, shown: _Shown) -> None:
        record = shown.records[0]
        self.preview.show()
        self.preview.show_picture(shown.preview)
        self.name.setText(_breakable(record.path.name))
        self._show_reason(record.reason or (shown.preview if isinstance(shown.preview, str) else ""))
        lines = [] if shown.values is None else rendering_words.lines(shown.values, shown.rendering)
        self._show_facts((self._blind_facts if self.blind else self._facts_of)(record, lines))
        self.how_read.setVisible(shown.values is not None)
        events = [] if self.blind else [self._event_line(event) for event in reversed(shown.history)]
        self._show_history("\n".join(events))

    def _show_many(self, shown: _Shown) -> None:
        self.preview.hide()
        self.how_read.hide()
        self._show_reason("")
        self._show_history("")
        if self.blind:
            self._show_facts([])
            return
        counts = Counter(record.class_name or self.tr("unlabelled") for record in shown.records)
        all_shown = len(shown.records) < _MANY
        self._show_facts([(name, f"{count:,}") for name, count in counts.most_common()] if all_shown else [])

    def _blind_facts(self, record: ImageRecord, shown: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [*((key, value) for key, value in record.facts.items() if value), *shown]

    def _facts_of(self, record: ImageRecord, shown: list[tuple[str, str]]) -> list[tuple[str, str]]:
        split = {"train": self.tr("training"), "validation": self.tr("validation"), "test": self.tr("test")}
        lines = [(self.tr("Label"), record.class_name or self.tr("none"))]
        if record.group:
            lines.append((self.tr("Group"), record.group))
        lines.append((self.tr("Split"), split[record.split] if record.split else self.tr("none yet")))
        if record.width:
            lines.append((self.tr("Size"), f"{record.width:,} × {record.height:,} px"))
        elif record.reason is None:
            lines.append((self.tr("Size"), self.tr("not read yet")))
        if record.format:
            lines.append((self.tr("Format"), record.format))
        lines += [
            (key[:1].upper() + key[1:], value)
            for key, value in {**record.facts, **record.metadata}.items()
            if value
        ]
        return [*lines, *shown, (self.tr("Folder"), str(record.path.parent))]

    def _event_line(self, event: ImageEvent) -> str:
        how = {
            "folder": self.tr("from the folder name"),
            "table": self.tr("from the table"),
            "undo": self.tr("undone by {0}").format(event.author),
            "redo": self.tr("redone by {0}").format(event.author),
            "person": self.tr("by {0}").format(event.author),
            "joined": self.tr("as a new image"),
        }.get(event.how, event.how)
        when = event.at.astimezone().strftime("%d %b %H:%M")
        return f"{when}  {self._change(event)}, {how}"

    def _change(self, event: ImageEvent) -> str:
        kind, _, name = event.field.partition(":")
        said = {
            "unsure": self.tr("unsure"),
            "excluded": self.tr("excluded"),
            "forgotten": self.tr("forgotten"),
        }
        if kind in said:
            words = said[kind]
            return words if event.after else self.tr("no longer {0}").format(words)
        if kind == "dismissed":
            return self.tr("finding dismissed") if event.after else self.tr("finding restored")
        none = self.tr("unlabelled") if kind in {"label", "reading"} else self.tr("none")
        change = f"{event.before or none} → {event.after or none}"
        titles = {"label": "", "split": self.tr("Split"), "group": self.tr("Group")}
        title = titles.get(kind, name)
        return f"{title}: {change}" if title else change

    def _show_reason(self, reason: str) -> None:
        self.reason.setText(self.tr("Cannot be read: {0}").format(reason) if reason else "")
        self.reason.setVisible(bool(reason))

    def _show_facts(self, lines: list[tuple[str, str]]) -> None:
        while self.facts.rowCount():
            self.facts.removeRow(0)
        for name, value in lines:
            words = QLabel(_breakable(value), self)
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            title = QLabel(name, self)
            title.setProperty("role", "muted")
            title.setTextFormat(Qt.TextFormat.PlainText)
            title.setAlignment(Qt.AlignmentFlag.AlignTop)
            self.facts.addRow(title, words)

    def _show_history(self, words: str) -> None:
        self.history.setText(words)
        self.history.setVisible(bool(words))
        self.history_heading.setVisible(bool(words))


def _breakable(words: str) -> str:
    """Allow long names and paths to wrap after the characters that separate their parts."""
    return re.sub(r"([/\\\\_.-])", "\\1\u200b", words)


def _read_shown(project: Project, ids: Sequence[int], side: int) -> _Shown:
    records = project.images(list(ids[:_MANY]))
    if len(ids) > 1:
        return _Shown(records, (), "")
    record = records[0]
    history, how = project.history(record.id), project.rendering()
    if record.reason:
        return _Shown(records, history, record.reason)
    try:
        pixels, values = read_deep(record.path, how, side)
    except UnreadableImage as error:
        return _Shown(records, history, error.reason)
    return _Shown(records, history, to_qimage(pixels), values, how)
