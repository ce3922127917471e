"""The distribution of the classes over the splits: a table whose cells open their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import plural
from tldesk.dataset import Filter, Split
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from tldesk.dataset import Balance, Project, Spread

_WIDTH, _ROW_HEIGHT, _MOST_ROWS = 760, 26, 16


class BalanceDialog(QDialog):
    """Counts and shares; large deviations from the intended shares are marked by a sign and a word."""

    imagesAsked = Signal(object, str)  # ids, title
    splitAsked = Signal()

    def __init__(self, project: Project, found: Balance, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("balanceDialog")
        self.setWindowTitle(self.tr("Balance of the splits"))
        self._project = project
        self._tasks = tasks
        self._found = found
        self._ticket: Ticket | None = None
        self.lines: list[tuple[str, Spread | None]] = []  # row by row; None: the row does not count images
        self.table = PlainTable(
            self.tr("Images per class and split"), self._titles(), numbers=(1, 2, 3, 4, 5)
        )
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.show_them = QPushButton(self.tr("Show these images"), self)
        self.split_button = QPushButton(self.tr("Split…"), self)
        self._build()
        self._fill(found)

    def _titles(self) -> list[str]:
        return [
            self.tr("Class"),
            self.tr("Images"),
            self.tr("Training"),
            self.tr("Validation"),
            self.tr("Test"),
            self.tr("No split"),
        ]

    def _build(self) -> None:
        self.show_them.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        for button in (self.show_them, self.split_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        for each in buttons.buttons():  # Enter in the table opens a cell's images and must not press a button
            if isinstance(each, QPushButton):
                each.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        self.show_them.clicked.connect(self._show)
        self.split_button.clicked.connect(self._ask_split)
        self.table.activated.connect(self._show)
        self.table.selectionModel().currentChanged.connect(self._chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addWidget(buttons)

    def _fill(self, found: Balance) -> None:
        self.lines = [(one.name, one) for one in found.classes]
        if found.unlabelled.images:
            self.lines.append((self.tr("unlabelled"), found.unlabelled))
        self.lines.append((self.tr("all labelled"), found.all))
        rows = [self._row(name, one) for name, one in self.lines if one is not None]
        if any(found.groups.values()):
            self.lines.append((self.tr("groups"), None))
            rows.append(self._group_row(found))
        self.table.set_rows(rows)
        self.table.setColumnHidden(5, not found.all.without + found.unlabelled.without)
        self.words.setText(" ".join(self._remarks(found)))
        height = (min(len(rows), _MOST_ROWS) + 1) * _ROW_HEIGHT + 150
        self.resize(_WIDTH, height)

    def _row(self, name: str, one: Spread) -> tuple[str, ...]:
        cells = [self._cell(one, split) for split in Split]
        return (name, f"{one.images:,}", *cells, f"{one.without:,}" if one.without else "–")

    def _group_row(self, found: Balance) -> tuple[str, ...]:
        counts = [f"{found.groups[split]:,}" for split in Split]
        return (self.tr("groups"), f"{sum(found.groups.values()) - found.torn:,}", *counts, "")

    def _cell(self, one: Spread, split: Split) -> str:
        signs = {"none": self.tr("⚠ none"), "few": self.tr("▼ few"), "many": self.tr("▲ many")}
        counted = f"{one.counts[split]:,} · {one.share(split) * 100:.0f} %" if one.images else "–"
        remark = one.remarks.get(split)
        return f"{signs[remark]}   {counted}" if remark else counted

    def _remarks(self, found: Balance) -> list[str]:
        if not found.is_split:
            return [self.tr("The images are not split yet. Press Split…")]
        lines = []
        if not found.all.images:
            lines.append(self.tr("No image has a label yet; classes appear here once you label some."))
        if found.torn:
            many = plural(found.torn, self.tr("group spans"), self.tr("groups span"))
            lines.append(self.tr("⚠ {0} several splits: the scores are too good. Split again.").format(many))
        if found.uneven:
            names = ", ".join(f"“{one.name}”" for one in found.uneven[:4])
            lines.append(self.tr("Marked cells are far from the expected share: {0}.").format(names))
        elif found.all.images and not found.torn:
            lines.append(self.tr("Every class is split in the expected proportions."))
        if found.locked:
            lines.append(self.tr("The test set is locked."))
        return lines

    def _chosen(self, index: QModelIndex) -> None:
        self.show_them.setEnabled(self._wanted(index) is not None)

    def _wanted(self, index: QModelIndex) -> tuple[Filter, str] | None:
        """Return the filter for a cell's images and its title; None for cells that do not count images."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        name, one = self.lines[index.row()]
        place = index.column() - 2
        split = tuple(Split)[place] if 0 <= place < len(Split) else None
        if one is None or one is self._found.all or place == len(Split):
            return None
        wanted = Filter(class_id=one.class_id, unlabelled=one.class_id is None, split=split)
        return wanted, f"{name}, {self._titles()[index.column()].lower()}" if split else name

    def _show(self) -> None:
        wanted = self._wanted(self.table.currentIndex())
        if wanted is not None:
            project, (images, title) = self._project, wanted
            self._ticket = self._tasks.read(
                lambda: project.ids(images), on_done=lambda ids: self._tell(ids, title)
            )

    def _tell(self, ids: list[int], title: str) -> None:
        if ids:
            self.imagesAsked.emit(ids, title)
            self.accept()

    def _ask_split(self) -> None:
        self.splitAsked.emit()
        self.accept()

    def done(self, result: int) -> None:
        """Cancel reading when the dialog closes."""
        if self._ticket is not None:
            self._ticket.cancel()
        super().done(result)
