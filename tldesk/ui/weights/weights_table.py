"""A table of all backbones and whether their weights are available, to search and select from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QLineEdit, QWidget

from tldesk.base import file_size
from tldesk.model.cards import card
from tldesk.ui.weights.weights_details import whose
from tldesk.ui.widgets.backbone_model import millions
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.select_row import select_row

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry

_NUMBERS = (2, 3, 5)


class WeightsTable(Panel):
    """One row per backbone; the field above searches by name, the tick hides those without weights."""

    chosenChanged = Signal(str)  # name of a backbone, "" for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Backbones"), parent)
        self.search = QLineEdit()
        self.only_here = QCheckBox(self.tr("Only available"))
        self.count = label(role="muted")
        self.table = PlainTable(
            self.tr("Backbones"),
            (
                self.tr("Backbone"),
                self.tr("Weights"),
                self.tr("Parameters"),
                self.tr("ImageNet"),
                self.tr("Location"),
                self.tr("Runs"),
            ),
            numbers=_NUMBERS,
        )
        self._entries: tuple[WeightsEntry, ...] = ()
        self._shown: tuple[WeightsEntry, ...] = ()
        self._runs: Mapping[str, Sequence[str]] = {}
        self._chosen = ""
        self._build()

    def _build(self) -> None:
        self.search.setPlaceholderText(self.tr("Find a backbone"))
        self.search.setAccessibleName(self.tr("Find a backbone"))
        self.search.setClearButtonEnabled(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.search.setFixedWidth(220)
        self.header.setSpacing(12)
        for widget in (self.count, self.only_here, self.search):
            self.header.addWidget(widget)
        self.body.addWidget(self.table, 1)
        self.search.textChanged.connect(lambda _text: self._fill())
        self.only_here.toggled.connect(lambda _on: self._fill())
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._selected())

    @property
    def chosen(self) -> str:
        """The name of the selected backbone; "" if there is none."""
        return self._chosen

    @property
    def names(self) -> tuple[str, ...]:
        """The visible backbones in order."""
        return tuple(entry.name for entry in self._shown)

    def show_entries(self, entries: Sequence[WeightsEntry], runs: Mapping[str, Sequence[str]] | None) -> None:
        """Show new entries; ``runs`` by backbone, None without a project. The selection is kept."""
        self._entries, self._runs = tuple(entries), runs or {}
        here = sum(entry.present for entry in entries)
        self.count.setText(self.tr("{0} of {1} available").format(here, len(entries)))
        self.only_here.setEnabled(bool(here))
        self.table.setColumnHidden(5, runs is None)
        self._fill()

    def choose(self, name: str) -> None:
        """Select a backbone, even one hidden by the search."""
        if name not in self.names:
            self.search.clear()
            self.only_here.setChecked(False)
        if name in self.names:
            row = self.names.index(name)
            select_row(self.table, row)
            self.table.scrollTo(self.table.model().index(row, 0))

    def _fill(self) -> None:
        """Refill the model and restore the selection, without signals in between."""
        chosen = self._chosen
        wanted = self.search.text().strip().casefold()
        self._shown = tuple(one for one in self._entries if self._is_wanted(one, wanted))
        self.table.selectionModel().blockSignals(True)
        self.table.set_rows([self._row(entry) for entry in self._shown])
        self.table.selectionModel().blockSignals(False)
        if chosen in self.names:
            select_row(self.table, self.names.index(chosen))
        self._selected()

    def _is_wanted(self, entry: WeightsEntry, wanted: str) -> bool:
        named = wanted in entry.name.casefold() or wanted in entry.title.casefold()
        return named and (entry.present or not self.only_here.isChecked())

    def _row(self, entry: WeightsEntry) -> tuple[str, ...]:
        known = card(entry.name)
        accuracy = "–" if known.imagenet_accuracy is None else f"{known.imagenet_accuracy:.1f} %"
        here = (
            self.tr("✓ available, {0}").format(file_size(entry.bytes))
            if entry.present
            else self.tr("not available")
        )
        runs = str(len(self._runs[entry.name])) if entry.name in self._runs else ""
        return (entry.title, here, millions(known.parameters), accuracy, whose(entry.place), runs)

    def _selected(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        chosen = self._shown[rows[0].row()].name if rows else ""
        if chosen != self._chosen:
            self._chosen = chosen
            self.chosenChanged.emit(chosen)
