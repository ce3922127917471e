"""How far several runs are together: epochs counted over all, time by what each weighs."""

from __future__ import annotations

import pytest

from tldesk.base import Progress
from tldesk.trainer.events import BatchFinished, EpochFinished, Preparing
from tldesk.ui.widgets.series_progress import SeriesProgress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def epoch(number: int) -> EpochFinished:
    return EpochFinished(number, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 1.0, None, best=False)


def only(steps) -> Progress:
    (one,) = steps
    return one


def test_runs_alike_count_by_their_epochs():
    clock = Clock()
    series = SeriesProgress([4, 4], clock=clock)
    series.begin(0, "Fold 1 of 2")
    clock.now = 10.0
    assert only(series.of(epoch(2))) == Progress("Fold 1 of 2, epoch", 2, 8, 30.0)
    series.begin(1, "Fold 2 of 2")
    clock.now = 25.0
    half = only(series.of(BatchFinished(2, 5, 10, 0.3)))
    assert (half.what, half.done, half.total) == ("Fold 2 of 2, epoch 2, batch", 5, 10)
    assert half.seconds_left == pytest.approx(25 / 5.5 * 2.5)


def test_epochs_are_counted_over_all_runs():
    series = SeriesProgress([10] * 4)
    series.begin(2, "Fold 3 of 4")
    assert only(series.of(Preparing("Reading", 1, 8))) == Progress("Fold 3 of 4: Reading", 1, 8)
    told = only(series.of(epoch(5)))
    assert (told.what, told.done, told.total) == ("Fold 3 of 4, epoch", 25, 40)
    batch = only(series.of(BatchFinished(6, 1, 4, 0.5)))
    assert (batch.what, batch.done, batch.total) == ("Fold 3 of 4, epoch 6, batch", 1, 4)
    assert batch.seconds_left >= 0


def test_a_run_that_weighs_more_takes_longer_and_what_was_done_before_is_not_counted():
    clock = Clock()
    series = SeriesProgress([10, 10], [10.0, 90.0], clock)
    assert only(series.of(Progress("Preparing images", 1, 3))).what == "Preparing images"
    clock.now = 100.0
    series.begin(0, "Fine-tuning", epochs_done=5)
    clock.now = 105.0
    told = only(series.of(epoch(10)))
    assert (told.done, told.total) == (10, 20)
    assert told.seconds_left == pytest.approx(90.0), "5 s for 5 of what weighs 95"
