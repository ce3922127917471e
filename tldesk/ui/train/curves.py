"""Live plots of loss, balanced accuracy and learning rate, redrawn at most twice per second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tldesk.trainer.events import EpochFinished
from tldesk.ui.theme import theme
from tldesk.ui.train.epoch_plot import EpochPlot
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.phase_band import PhaseBand
from tldesk.ui.widgets.plot import Line

_FIRST_MS = 50
_REDRAW_MS = 500  # a redraw competes with the training for the interpreter lock
_NEXT_MS = 10  # between the plots of one redraw


@dataclass
class RunCurves:
    """The drawn data of one run: its finished epochs in order, its colour ("#rrggbb"), live batch losses."""

    colour: str
    epochs: list[EpochFinished] = field(default_factory=list)
    batches: list[tuple[float, float]] = field(default_factory=list)

    @property
    def best(self) -> int | None:
        """The last epoch that was the best so far; None if there is none."""
        marked = [event.epoch for event in self.epochs if event.best]
        return marked[-1] if marked else None


class CurvesView(QWidget):
    """Three plots, one below the other.

    Colours show the run; solid lines are validation, dotted ones training.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._main: RunCurves | None = None
        self._others: tuple[RunCurves, ...] = ()
        self.redraws = 0
        self._asked = False
        self._turns: list[Callable[[], None]] = []
        self._since_last = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self._loss = EpochPlot(self.tr("Loss by epoch"))
        self._accuracy = EpochPlot(
            self.tr("Balanced accuracy on validation by epoch"), percent=True, show_phases=False
        )
        self._rate = EpochPlot(self.tr("Learning rate by epoch"), show_phases=False)
        self._arrange()
        theme().changed.connect(self._apply_theme)

    def set_phases(self, bands: Sequence[PhaseBand], epochs: int) -> None:
        """Show the main run's phases as bands; ``epochs`` is their total number of epochs."""
        for plot in self._plots():
            plot.set_phases(bands, epochs)
        self.refresh()

    def set_runs(self, main: RunCurves | None, others: Sequence[RunCurves] = ()) -> None:
        """Show the main run (with its training loss and best epoch) and the runs laid over it."""
        self._main = main
        self._others = tuple(others)
        self.refresh()

    def refresh(self) -> None:
        """Redraw soon; several calls cause only one redraw."""
        if not self.isVisible():
            return
        self._asked = True
        if not self._timer.isActive():
            rested = self._since_last.isValid() and self._since_last.elapsed() < _REDRAW_MS
            self._timer.start(_REDRAW_MS if rested else _FIRST_MS)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was skipped while the page was hidden."""
        super().showEvent(event)
        self.refresh()

    def _plots(self) -> tuple[EpochPlot, EpochPlot, EpochPlot]:
        return self._loss, self._accuracy, self._rate

    def _arrange(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        titles = (self.tr("Loss"), self.tr("Balanced accuracy on validation (%)"), self.tr("Learning rate"))
        for title, plot, stretch in zip(titles, self._plots(), (5, 5, 3), strict=True):
            panel = Panel(title)
            panel.body.addWidget(plot)
            if plot is self._loss:
                panel.header.addWidget(
                    label(self.tr("──  validation     ┄┄  training     ┆  best epoch"), "muted")
                )
            box.addWidget(panel, stretch)
        self._rate_panel = panel  # the bottom plot

    def _draw(self) -> None:
        """Draw one plot, then let the event loop handle input before the next."""
        if not self._turns:
            self._asked = False
            self._turns = [self._draw_loss, self._draw_accuracy, self._draw_rate]
        self._turns.pop(0)()
        if self._turns:
            self._timer.start(_NEXT_MS)
            return
        self.redraws += 1
        self._since_last.start()
        if self._asked:  # another redraw was requested since the first plot was drawn
            self._timer.start(_REDRAW_MS)

    def _draw_loss(self) -> None:
        lines = [line for run in self._runs() for line in self._loss_lines(run)]
        self._loss.show_lines(lines, self._best())

    def _draw_accuracy(self) -> None:
        self._accuracy.show_lines([_accuracy_line(run) for run in self._runs()], self._best())

    def _draw_rate(self) -> None:
        # A directly solved head is not trained in steps, so it has no learning rate.
        epochs = [epoch for run in self._runs() for epoch in run.epochs]
        solved = bool(epochs) and all(epoch.strength is not None for epoch in epochs)
        self._rate_panel.setHidden(solved)
        if not solved:
            self._rate.show_lines([_rate_line(run) for run in self._runs()], self._best())

    def _runs(self) -> list[RunCurves]:
        return [*self._others, *([self._main] if self._main else [])]

    def _best(self) -> int | None:
        return self._main.best if self._main else None

    def _loss_lines(self, run: RunCurves) -> list[Line]:
        validation = [(e.epoch, e.validation_loss) for e in run.epochs if e.validation_loss is not None]
        lines = [Line(tuple(validation), run.colour, width=2.4 if run is self._main else 1.6)]
        if run is self._main:
            training = tuple((float(e.epoch), e.train_loss) for e in run.epochs)
            lines.append(Line(training, run.colour, dotted=True))
            lines.append(Line(tuple(run.batches), run.colour, width=1.0, faint=True))
        return lines

    def _apply_theme(self) -> None:
        for plot in self._plots():
            plot.apply_theme()
        self.refresh()


def _accuracy_line(run: RunCurves) -> Line:
    points = tuple(
        (float(e.epoch), e.validation_balanced_accuracy)
        for e in run.epochs
        if e.validation_balanced_accuracy is not None
    )
    return Line(points, run.colour)


def _rate_line(run: RunCurves) -> Line:
    steps = [e for e in run.epochs if e.strength is None]
    return Line(tuple((float(e.epoch), e.learning_rate) for e in steps), run.colour, width=1.6)
