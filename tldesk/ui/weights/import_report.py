"""The result of importing several weight files: imported, not needed, or refused and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from tldesk.base import plural
from tldesk.ui.widgets.panel import Panel, label

if TYPE_CHECKING:
    from tldesk.model.import_files import ImportResult

_ROLES = {"taken": "good", "left": "muted", "refused": "bad"}


class WeightsReport(QDialog):
    """One row per file; rejected ones first, because they need attention."""

    def __init__(self, outcomes: Sequence[ImportResult], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("weightsReport")
        self.setWindowTitle(self.tr("Import of weights"))
        ordered = sorted(outcomes, key=lambda one: one.state != "refused")
        self.rows = tuple((one.path.name, self._became(one), one.why) for one in ordered)
        self.words = label(self._summary(outcomes), wrap=True)
        self._build([_ROLES[one.state] for one in ordered])

    def _build(self, roles: Sequence[str]) -> None:
        panel = Panel(self.tr("Files"))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName(self.tr("Files"))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._grid(roles))
        panel.body.addWidget(area)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self.words)
        layout.addWidget(panel, 1)
        layout.addWidget(buttons)
        self.resize(800, 400)

    def _grid(self, roles: Sequence[str]) -> QWidget:
        """Return labels in a grid.

        Not a Qt table: those cut off the last line of wrapped text if the style gives items padding.
        """
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(2, 1)
        for row, ((file, became, why), role) in enumerate(zip(self.rows, roles, strict=True)):
            named = label(file, wrap=True)
            named.setFixedWidth(180)
            told = label(became, role, wrap=True)
            told.setFixedWidth(176)
            for column, one in enumerate((named, told, label(why, "muted", wrap=True))):
                one.setTextFormat(Qt.TextFormat.PlainText)
                one.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                grid.addWidget(one, row, column, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(self.rows), 1)
        return inside

    def _summary(self, outcomes: Sequence[ImportResult]) -> str:
        numbers = {state: sum(one.state == state for one in outcomes) for state in _ROLES}
        said = {
            "taken": self.tr("{0} imported and checked."),
            "left": self.tr("{0} not needed."),
            "refused": self.tr("{0} not imported."),
        }
        counted = {
            state: plural(number, self.tr("file"), self.tr("files")) for state, number in numbers.items()
        }
        return " ".join(said[state].format(counted[state]) for state in said if numbers[state])

    def _became(self, one: ImportResult) -> str:
        title = "" if one.entry is None else one.entry.title
        return {
            "taken": self.tr("✓ imported: {0}").format(title),
            "left": self.tr("not needed: {0}").format(title),
            "refused": self.tr("✗ not imported"),
        }[one.state]
