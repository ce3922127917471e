"""The agreement of the readers, and the images they label differently."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from tldesk.base import percent
from tldesk.evaluation import agreement_of_all, agreements
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.select_row import select_row

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.evaluation import Agreement


@dataclass(frozen=True, slots=True)
class _Agreements:
    """The agreement of each pair and of all readers; computed in the background."""

    pairs: tuple[Agreement, ...]
    everybody: tuple[float, int] | None


def _read_agreements(project: Project) -> _Agreements:
    classes = [one.id for one in project.classes]
    readings = project.readings()
    return _Agreements(agreements(readings, classes), agreement_of_all(readings, classes))


class AgreementDialog(QDialog):
    """One row per pair of readers; a button shows the images on which the selected pair differs."""

    imagesAsked = Signal(object, str)  # ids, title

    def __init__(self, project: Project, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Agreement between readers"))
        self.resize(720, 360)
        self._pairs: Sequence[Agreement] = ()
        titles = [self.tr("Readers"), self.tr("Images"), self.tr("Agreement"), self.tr("Kappa"), ""]
        self.table = PlainTable(self.tr("Agreement"), titles, numbers=(1, 2), wide=0, parent=self)
        self.words = QLabel(self.tr("Comparing…"), self)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.show_them = QPushButton(self.tr("Show where they differ"), self)
        self.show_them.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self.show_them, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.show_them.clicked.connect(self._show)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addWidget(buttons)
        self._ticket = tasks.read(lambda: _read_agreements(project), on_done=self._take)
        self.finished.connect(self._ticket.cancel)

    def _take(self, found: _Agreements) -> None:
        self._pairs = found.pairs
        self.table.set_rows([self._row(one) for one in found.pairs])
        if found.pairs:
            select_row(self.table, 0)
        self.words.setText(self._explain(found))

    def _row(self, one: Agreement) -> tuple[str, ...]:
        kappa = one.kappa
        known = not math.isnan(kappa.value)
        return (
            self.tr("{0} and {1}").format(one.first or self.tr("project labels"), one.second),
            f"{one.images:,}",
            percent(one.alike),
            f"{kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})" if known else "–",
            self._verdict(kappa.value) if known else self.tr("one class only"),
        )

    def _verdict(self, kappa: float) -> str:
        # Interpretation after Landis and Koch, "The measurement of observer agreement for categorical data",
        # Biometrics 33 (1977).
        words = {
            0.8: self.tr("almost perfect"),
            0.6: self.tr("substantial"),
            0.4: self.tr("moderate"),
            0.2: self.tr("fair"),
            0.0: self.tr("slight"),
        }
        return next(
            (text for least, text in words.items() if kappa > least), self.tr("no better than chance")
        )

    def _explain(self, found: _Agreements) -> str:
        if not found.pairs:
            return self.tr(
                "No image has been labelled by two readers yet. Close this, choose “Label as "
                "reader…” in the Images menu, and label as another reader."
            )
        words = self.tr(
            "Kappa is the agreement beyond chance: 1 means perfect agreement, 0 no better "
            "than chance. Its 95 % interval is in brackets. A network cannot be trusted "
            "further than its readers agree."
        )
        if found.everybody is not None:
            kappa, images = found.everybody
            words += " " + self.tr("All readers together: Fleiss’ kappa {0:.2f} on {1:,} images.").format(
                kappa, images
            )
        return words

    def _chosen(self) -> None:
        pair = self._pair()
        self.show_them.setEnabled(pair is not None and bool(pair.differing))

    def _pair(self) -> Agreement | None:
        rows = self.table.selectionModel().selectedRows()
        return self._pairs[rows[0].row()] if rows and rows[0].row() < len(self._pairs) else None

    def _show(self) -> None:
        pair = self._pair()
        if pair is not None:
            title = self.tr("{0} and {1} differ").format(pair.first or self.tr("Project labels"), pair.second)
            self.imagesAsked.emit(pair.differing, title)
            self.accept()
