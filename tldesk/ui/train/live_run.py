"""The curves of the run that is being trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tldesk.run import Run
from tldesk.trainer.events import BatchFinished, EpochFinished, PhaseStarted
from tldesk.ui.train import words, work
from tldesk.ui.widgets.freeze_line_words import short_line

if TYPE_CHECKING:
    from tldesk.ui.train.curves import RunCurves
    from tldesk.ui.widgets.phase_band import PhaseBand


class LiveRun:
    """Receives the events of one training and keeps the data for its curves.

    Attributes:
        number: number of the run.
        curves: its epochs and batches so far.
        bands: its phases, first as planned and then as they were trained.
    """

    def __init__(self, run: Run) -> None:
        from tldesk.ui.train.curves import RunCurves

        self.number = run.number
        self.curves: RunCurves = RunCurves(words.colour_of(run.number), run.history())
        self.bands: tuple[PhaseBand, ...] = work.planned_bands(run.recipe, short_line)

    @property
    def epochs(self) -> int:
        """The planned number of epochs; early stopping may reduce it."""
        return sum(band.epochs for band in self.bands)

    def phase(self, event: PhaseStarted) -> None:
        """Record the start of a phase, perhaps earlier than planned."""
        self.bands = work.after_phase(self.bands, event)

    def batch(self, event: BatchFinished) -> None:
        """Record a finished batch."""
        at = event.epoch - 1 + event.step / max(event.steps, 1)
        self.curves.batches.append((at, event.loss))

    def epoch(self, event: EpochFinished) -> str:
        """Record a finished epoch; return a sentence about it."""
        self.curves.epochs.append(event)
        return words.after_epoch(event, self.curves.epochs, self.epochs)
