"""The learning-rate test of a phase: its growing curve, the suggested rate, and a button to use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from tldesk.base import Problem
from tldesk.ui.model.tools.progress_line import ProgressLine
from tldesk.ui.model.tools.tool_frame import button_row, lay_out, show_primary, show_words
from tldesk.ui.model.tools.xy_plot import Dot, XYPlot
from tldesk.ui.theme import OKABE_ITO
from tldesk.ui.widgets.field_editors import QuietComboBox, rate_text
from tldesk.ui.widgets.field_grid import mark
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.plot import Line

if TYPE_CHECKING:
    from tldesk.trainer.advice.rate_curve import RateCurve

_BLUE, _ORANGE = OKABE_ITO[0], OKABE_ITO[3]
_TOP = 1.6  # times the first loss: showing larger values would flatten the valley


class RateDialog(QDialog):
    """``wanted`` passes the phase to test, ``chosen`` a phase and its new rate."""

    wanted = Signal(int)
    chosen = Signal(int, float)

    def __init__(self, phases: Sequence[tuple[int, str, float]], parent: QWidget | None = None) -> None:
        """``phases``: the phases trained in steps: index, title, current rate."""
        super().__init__(parent)
        self.setObjectName("rateDialog")
        self.setWindowTitle(self.tr("Find a learning rate"))
        self._phases = tuple(phases)
        self._running = False
        self._over = False
        self._curve: RateCurve | None = None
        self.line = ProgressLine()
        self.phases = QuietComboBox()
        self.rate = QLineEdit()
        self.start_button = QPushButton(self.tr("Find"))
        self.use_button = QPushButton(self.tr("Use this rate"))
        self._build()
        self._show_state()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.plot = XYPlot(
            self.tr("Loss against learning rate"), self.tr("learning rate"), self.tr("loss"), log_x=True
        )
        self.plot.setMinimumHeight(220)
        self.plot.set_across(0.8e-6, 1.2)
        self.plot.moved.connect(lambda x: self.rate.setText(rate_text(x)))
        panel = Panel(self.tr("Loss as the rate increases"))
        panel.header.addWidget(label(self.tr("──  smoothed     ┆  rate to use"), "muted"))
        panel.body.addWidget(self.plot)
        self.told = label(wrap=True)
        intro = label(self._intro(), "muted", wrap=True)
        lay_out(self, [intro, self._choices(), panel, self.told, self.line, self._buttons()], panel)
        self.resize(860, 600)

    def _choices(self) -> QHBoxLayout:
        for index, words, rate in self._phases:
            self.phases.addItem(self.tr("{0} (now {1})").format(words, rate_text(rate)), index)
        self.phases.setCurrentIndex(len(self._phases) - 1)
        self.phases.setAccessibleName(self.tr("Phase"))
        self.phases.currentIndexChanged.connect(lambda _index: self._forget())
        self.rate.setAccessibleName(self.tr("Learning rate to use"))
        self.rate.setFixedWidth(110)
        self.rate.textChanged.connect(lambda _text: self._typed())
        rate_label = QLabel(self.tr("Rate to use"))
        rate_label.setBuddy(self.rate)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel(self.tr("Phase")))
        row.addWidget(self.phases, 1)
        row.addSpacing(16)
        row.addWidget(rate_label)
        row.addWidget(self.rate)
        return row

    def _buttons(self) -> QDialogButtonBox:
        self.start_button.clicked.connect(lambda _checked: self.wanted.emit(self.phases.currentData()))
        self.use_button.clicked.connect(lambda _checked: self._use())
        return button_row(self, self.start_button, self.use_button)

    def _intro(self) -> str:
        if not self._phases:
            return self.tr(
                "The head of this recipe is solved directly instead of being trained in "
                "steps, so it needs no learning rate. To find a rate, first move the freeze "
                "line so that stages are trained as well."
            )
        return self.tr(
            "A copy of the network is trained for a hundred steps, each with a larger "
            "learning rate. Where the loss falls steadily, the rate is suitable; where the "
            "loss rises, the rate is too large. The test changes nothing in your project. "
            "You can drag the dashed line or type another rate."
        )

    # --- states ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Show that the test is running."""
        self._running = True
        self._forget()

    def show_curve(self, curve: RateCurve) -> None:
        """Show the curve so far."""
        self._curve = curve
        top = _TOP * max(curve.smoothed[: max(1, len(curve.smoothed) // 2)])
        inside = [(x, y) for x, y in zip(curve.rates, curve.smoothed, strict=True) if y <= top]
        raw = [(x, y) for x, y in zip(curve.rates, curve.losses, strict=True) if y <= top]
        lines = [Line(tuple(raw), _BLUE, width=1.0, faint=True), Line(tuple(inside), _BLUE, width=2.4)]
        self.plot.show_all(lines[::-1], self._dot(curve))

    def end(self, how: str) -> None:
        """Show how it ended: "done", "stopped" or "failed"."""
        curve = self._curve
        self._running, self._over = False, curve is not None
        if curve is not None:
            self.show_curve(curve)
            show_words(self.told, self._words(curve, how))
            if curve.suggestion is not None:
                self.rate.setText(rate_text(curve.suggestion))
        self._show_state()
        (self.use_button if self.use_button.isEnabled() else self.start_button).setFocus()

    def _words(self, curve: RateCurve, how: str) -> str:
        if how == "stopped":
            return self.tr("Stopped after {0} of {1} steps.").format(len(curve.rates), curve.steps)
        end = (
            self.tr("The test ended at {0}, where the loss diverged.").format(rate_text(curve.rates[-1]))
            if curve.exploded
            else self.tr("The loss did not diverge up to {0}.").format(rate_text(curve.rates[-1]))
        )
        if curve.suggestion is None:
            return self.tr("The loss hardly decreases at any rate, so none can be suggested. {0}").format(end)
        return self.tr("Suggested: {0}, about the middle of the longest decrease of the loss. {1}").format(
            rate_text(curve.suggestion), end
        )

    # --- display --------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._over, self._curve = False, None
        self.plot.show_all([])
        self.rate.clear()
        show_words(self.told, "")
        self._show_state()

    def _dot(self, curve: RateCurve) -> list[Dot]:
        wanted = curve.suggestion
        if wanted is None or self._running:
            return []
        place = min(range(len(curve.rates)), key=lambda at: abs(curve.rates[at] / wanted - 1))
        return [Dot(curve.rates[place], curve.smoothed[place], _ORANGE)]

    def _typed(self) -> None:
        rate = self._rate()
        mark(self.rate, wrong=bool(self.rate.text()) and rate is None)
        self.plot.set_mark(rate if self._over else None, movable=True)
        self._show_state()

    def _rate(self) -> float | None:
        try:
            rate = float(self.rate.text().replace(",", "."))
        except ValueError:
            return None
        return rate if 0 < rate <= 1 else None

    def _show_state(self) -> None:
        self.phases.setEnabled(not self._running and len(self._phases) > 1)
        self.start_button.setEnabled(bool(self._phases) and not self._running)
        self.rate.setEnabled(bool(self._phases) and not self._running)
        ready = self._rate() is not None and not self._running
        self.use_button.setEnabled(ready)
        primary = self.use_button if ready else self.start_button
        show_primary((self.start_button, self.use_button), primary)
        wrong = bool(self.rate.text()) and self._rate() is None
        if wrong:
            what, fix = (
                self.tr("this is not a valid learning rate"),
                self.tr("Type a number above 0 and at most 1"),
            )
            self.line.problem.set_problems([Problem("", what, fix)])
        elif not self._running and self.line.problem.isVisible() and self._over:
            self.line.problem.set_problems([])

    def _use(self) -> None:
        rate = self._rate()
        if rate is not None:
            self.chosen.emit(self.phases.currentData(), rate)
            self.accept()
