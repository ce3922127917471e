"""The dialogs before and after a cross-validation: number of folds, and the table of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from tldesk.base import duration, percent
from tldesk.dataset.splits.fold_snapshots import MOST_FOLDS
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.number_box import number_box
from tldesk.ui.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from tldesk.evaluation import FoldSpread, Interval
    from tldesk.run.series.cross_validation import CrossValidation, FoldDone

_ROW_HEIGHT = 26


class FoldsDialog(QDialog):
    """``wanted`` passes the number of folds."""

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foldsDialog")
        self.setWindowTitle(self.tr("Cross-validate"))
        self.setMinimumWidth(480)
        words = QLabel(
            self.tr(
                "With few images, a single validation set tells you little. Cross-validation "
                "divides the training and validation images into folds; each fold is "
                "predicted once by a model trained on the others. Groups stay together, and "
                "the test images are not used. The recipe is that of the Model page; each "
                "fold is a run of its own."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self.folds = number_box(self)
        self.folds.setRange(2, MOST_FOLDS)
        self.folds.setValue(5)
        self.folds.setAccessibleName(self.tr("Folds"))
        form = QFormLayout()
        form.addRow(self.tr("Folds"), self.folds)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        make_primary(self.go)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _accept(self) -> None:
        self.wanted.emit(self.folds.value())
        self.accept()


class CrossDialog(QDialog):
    """One row per fold, then mean and standard deviation, and a sentence about all images together."""

    def __init__(self, found: CrossValidation, parent: QWidget | None = None, remark: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("crossDialog")
        self.setWindowTitle(self.tr("Cross-validation"))
        titles = [
            self.tr("Fold"),
            self.tr("Run"),
            self.tr("Images"),
            self.tr("Accuracy"),
            self.tr("Bal. acc."),
            self.tr("Macro F1"),
            self.tr("Time"),
        ]
        self.table = PlainTable(self.tr("Folds"), titles, numbers=(1, 2, 3, 4, 5, 6))
        self.table.set_rows([*map(self._row, found.folds), *self._summary(found)])
        self.words = QLabel(" ".join(filter(None, [remark, self._explain(found)])), self)
        self.words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addWidget(buttons)
        self.resize(680, min(len(self.table.rows) + 1, 20) * _ROW_HEIGHT + 180)

    def _row(self, one: FoldDone) -> tuple[str, ...]:
        numbers = one.validation
        words = one.fold.words if one.whole else self.tr("{0}, stopped").format(one.fold.words)
        measured = (numbers.accuracy, numbers.balanced_accuracy, numbers.macro_f1)
        shares = [percent(each.value) for each in measured]
        return (words, str(one.run.number), f"{numbers.n:,}", *shares, duration(one.run.summary.seconds))

    def _summary(self, found: CrossValidation) -> list[tuple[str, ...]]:
        together = found.together
        if together is None:
            return []
        spreads: list[FoldSpread] = [together.accuracy, together.balanced_accuracy, together.macro_f1]
        return [
            (self.tr("mean"), "", "", *(percent(one.mean) for one in spreads), ""),
            (self.tr("standard deviation"), "", "", *(percent(one.deviation) for one in spreads), ""),
        ]

    def _explain(self, found: CrossValidation) -> str:
        lines = []
        whole = sum(one.whole for one in found.folds)
        if whole < found.count:
            lines.append(self.tr("Stopped: only {0} of {1} folds were completed.").format(whole, found.count))
        if found.together is not None:
            together = found.together
            lines.append(
                self.tr(
                    "All {0} images, each predicted by a model that was not trained on it: "
                    "accuracy {1}, balanced accuracy {2} (95 % intervals)."
                ).format(
                    f"{together.n:,}",
                    _interval(together.accuracy.together),
                    _interval(together.balanced_accuracy.together),
                )
            )
            lines.append(
                self.tr(
                    "Each fold's best epoch was chosen on that fold's images, so expect "
                    "slightly lower scores on new pictures."
                )
            )
        return " ".join(lines)


def _interval(value: Interval) -> str:
    return f"{percent(value.value)} ({value.low * 100:.1f} to {value.high * 100:.1f})"
