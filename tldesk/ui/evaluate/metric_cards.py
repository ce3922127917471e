"""The four main metrics of the Evaluate page, each with its interval and its meaning."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tldesk.base import percent
from tldesk.evaluation import Evaluation
from tldesk.ui.evaluate import words
from tldesk.ui.widgets.metric_card import MetricCard


class EvaluateCards(QWidget):
    """Accuracy, balanced accuracy, calibration error and share of unsure predictions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accuracy = MetricCard(self.tr("accuracy"), parent=self)
        self.balanced = MetricCard(self.tr("balanced accuracy"), parent=self)
        self.calibration = MetricCard(self.tr("calibration error"), parent=self)
        self.unsure = MetricCard(self.tr("unsure"), parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for card in (self.accuracy, self.balanced, self.calibration, self.unsure):
            row.addWidget(card)

    def show_numbers(self, numbers: Evaluation) -> None:
        """Show the metrics of a split."""
        self.accuracy.show_value(
            percent(numbers.accuracy.value),
            words.range_text(numbers.accuracy),
            self.tr(
                "Share of images whose predicted class is the true class, with its 95 % Wilson interval."
            ),
        )
        self.balanced.show_value(
            percent(numbers.balanced_accuracy.value),
            words.range_text(numbers.balanced_accuracy),
            self.tr(
                "Mean of the per-class recalls, so every class counts equally. 95 % "
                "interval from a stratified bootstrap, or from the classes' Wilson "
                "intervals if all resamples are equal."
            ),
        )
        self.calibration.show_value(
            percent(numbers.ece),
            self.tr("temperature scaling, T = {0}").format(f"{numbers.temperature:.2f}"),
            self.tr(
                "Expected calibration error (ECE): the average gap between confidence "
                "(the probability of the predicted class) and accuracy"
            ),
        )
        share, range_words = words.unsure_words(numbers)
        self.unsure.show_value(
            share,
            range_words,
            self.tr(
                "Share of predictions whose probability is below the threshold fitted on "
                "the validation images"
            ),
        )
