"""The rows of the list of backbones: first those that can be used at once, then by family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from tldesk.model.card_types import Card
from tldesk.ui.theme import tokens
from tldesk.ui.widgets.table_columns import TableColumn, header_data

Index = QModelIndex | QPersistentModelIndex
NAME, PARAMETERS, INPUT, ACCURACY, WEIGHTS = range(5)


@dataclass(frozen=True, slots=True)
class BackboneRow:
    """A backbone's card, and whether its weights are in the library."""

    card: Card
    present: bool


def grouped(rows: Sequence[BackboneRow], recommended: str, words: str = "") -> tuple[str | BackboneRow, ...]:
    """Return headings, each followed by its backbones: recommended, available, families, timm.

    Args:
        rows: all backbones, with those of a family next to each other.
        recommended: name of the recommended backbone; "" if none.
        words: search text; each word must occur in name, title, family, paper or library.
    """
    groups: dict[str, list[BackboneRow]] = {_tr("Recommended"): [], _tr("On this computer"): []}
    first, here = groups
    for row in rows:
        if _has(row.card, words):
            heading = here if row.present else _heading(row.card)
            groups.setdefault(first if row.card.name == recommended else heading, []).append(row)
    lines: list[str | BackboneRow] = []
    for heading, found in groups.items():
        lines += (heading, *found) if found else ()
    return tuple(lines) or (_tr("No backbone is called so"),)


def _heading(card: Card) -> str:
    """Return the heading of a card.

    Timm's networks are listed after torchvision's, because many families share names.
    """
    return card.library if card.library == "timm" else card.family


def _has(card: Card, words: str) -> bool:
    known = f"{card.name} {card.title} {card.family} {card.paper} {card.library}".casefold()
    return all(word in known for word in words.casefold().split())


def _tr(text: str) -> str:
    return QCoreApplication.translate("BackboneModel", text)


class BackboneModel(QAbstractTableModel):
    """One row per backbone or heading; headings cannot be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[str | BackboneRow, ...] = ()
        self.chosen = ""
        self._columns = self._make_columns()

    def set_lines(self, lines: tuple[str | BackboneRow, ...]) -> None:
        """Show these headings and rows."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def backbone_at(self, row: int) -> BackboneRow | None:
        """Return the backbone in this row; None for a heading."""
        line = self.lines[row]
        return line if isinstance(line, BackboneRow) else None

    def headings(self) -> list[int]:
        """Return the rows of the headings."""
        return [row for row, line in enumerate(self.lines) if isinstance(line, str)]

    def row_of(self, name: str) -> int:
        """Return the row of a backbone; -1 if it is not in the list."""
        names = (line.card.name if isinstance(line, BackboneRow) else "" for line in self.lines)
        return next((row for row, one in enumerate(names) if one == name), -1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return the flags; a heading can be neither selected nor reached with the keys."""
        return Qt.ItemFlag.NoItemFlags if self.backbone_at(index.row()) is None else super().flags(index)

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of columns: name, parameters, input, accuracy, weights."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell; the whole card as the tool tip."""
        row, column = self.backbone_at(index.row()), index.column()
        if row is None:
            return self._heading(index, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._columns[column].alignment
        return self._appearance(row, column, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a column, or its meaning for the tool tip."""
        return header_data(self._columns, section, orientation, role)

    def _make_columns(self) -> tuple[TableColumn, ...]:
        accuracy = self.tr("Accuracy on ImageNet (1,000 classes): a rough measure of quality")
        side = self.tr("Side length of the square input, in pixels")
        return (
            TableColumn(self.tr("Backbone"), tip=self.tr("A network pretrained on other images")),
            TableColumn(self.tr("Size"), number=True, tip=self.tr("Parameters (millions)")),
            TableColumn(self.tr("Input"), number=True, tip=side),
            TableColumn(self.tr("ImageNet"), number=True, tip=accuracy),
            TableColumn(
                self.tr("Weights"), tip=self.tr("Whether its pretrained weights are on this computer")
            ),
        )

    def _heading(self, index: Index, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole and index.column() == NAME:
            return self.lines[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(tokens().muted)
        return _bold() if role == Qt.ItemDataRole.FontRole else None

    def _appearance(self, row: BackboneRow, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column != NAME:
            wanted = column == WEIGHTS and not row.present
            return QColor(tokens().accent if wanted else tokens().muted)
        if role == Qt.ItemDataRole.FontRole and column == NAME and row.card.name == self.chosen:
            return _bold()
        return None

    def _text(self, row: BackboneRow, column: int) -> str:
        card = row.card
        accuracy = "–" if card.imagenet_accuracy is None else f"{card.imagenet_accuracy:.1f} %"
        weights = self.tr("available") if row.present else self.tr("import…")
        return (card.name, millions(card.parameters), str(card.input_size), accuracy, weights)[column]

    def _tip(self, row: BackboneRow) -> str:
        card = row.card
        known = self.tr("{0} ({1}). {2} parameters, {3} billion multiply-adds per image.").format(
            card.title, card.paper, f"{card.parameters:,}", f"{card.gmacs:.2f}"
        )
        lines = [known, self.tr("Licence of the weights: {0}").format(card.licence)]
        if card.trained_on:
            lines.append(self.tr("Trained on {0}").format(card.trained_on))
        if card.transfer:
            lines.append(card.transfer)
        if card.caution:
            lines.append(card.caution)
        return "\n".join(lines if row.present else [*lines, self._how_to_bring(card)])

    def _how_to_bring(self, card: Card) -> str:
        if card.ships:
            return self.tr("Not on this computer, although it comes with tldesk: reinstall tldesk.")
        return self.tr("Not on this computer yet. Import a file such as {0}.").format(card.weight_files[0])


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font


def millions(count: int) -> str:
    """``3.5 M``, ``138 M``, ``12 k``: a rounded number of parameters."""
    if count >= 100_000_000:
        return f"{count / 1e6:.0f} M"
    return f"{count / 1e6:.1f} M" if count >= 100_000 else f"{count / 1e3:.1f} k"
