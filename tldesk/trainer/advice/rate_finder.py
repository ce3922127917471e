"""A learning-rate range test: the rate grows from step to step while the loss is recorded.

See ``rate_curve`` for its evaluation.

It trains a network of its own, which is discarded: neither the project nor a run is changed. Only the outputs
of frozen stages are cached, as in a training.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import torch

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter, derive_seed
from tldesk.engine.out_of_memory import is_out_of_memory
from tldesk.model import LINE_ALL
from tldesk.trainer.advice.rate_curve import RateCurve, smooth
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.data.phase_data import PhaseData
from tldesk.trainer.events import BatchFinished, Event, PhaseStarted, Preparing
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.batch_size import expected_batch
from tldesk.trainer.strategies.learner import Learner, class_weights
from tldesk.trainer.strategies.regularisation_path import is_solvable

STEPS = 100
LOWEST, HIGHEST = 1e-6, 1.0
"""The upper limit for learning rates in a recipe is 1."""
_EXPLODED = 4.0  # times the minimum smoothed loss, as in fastai


@dataclass(frozen=True, slots=True)
class RateStep:
    """A step is finished: the curve so far."""

    curve: RateCurve


def steps_of(plan: Plan) -> tuple[int, ...]:
    """Return the indices of the phases trained in steps; the others are solved directly and have no rate."""
    count = len(plan.snapshot.items)
    return tuple(one for one in range(len(plan.recipe.phases)) if not is_solvable(plan, one, count))


def finding_rate(
    plan: Plan, phase: int, stop: threading.Event | None = None, *, steps: int = STEPS
) -> Generator[Progress | RateStep, None, RateCurve | None]:
    """Try rates from 1e-6 to 1 in one phase of the plan's recipe; ends early when the loss diverges.

    Earlier phases that train only the head are run first, because a trained head gives different losses than
    a new one. Earlier phases that train stages are skipped: they would take as long as a training.

    Returns:
        The curve; None if it was stopped before the first step.

    Raises:
        ProblemError: there is no such phase, its head is solved directly, or the images cannot be read.
    """
    _refuse_phase(plan, phase)
    earlier = [one for one in plan.recipe.phases[:phase] if one.freeze == LINE_ALL]
    alone = replace(
        plan,
        recipe=plan.recipe.model_copy(
            update={"phases": (*earlier, plan.recipe.phases[phase]), "average_last": 0}
        ),
    )
    training = Training(alone)
    if not (yield from _until(training, len(earlier), stop)):
        return None
    data = yield from _told(training.data.phase(len(earlier), stop))
    if data is None:
        return None
    return (yield from _tried(_Trial(alone, training, len(earlier), data), phase, steps, stop))


def _refuse_phase(plan: Plan, phase: int) -> None:
    count = len(plan.recipe.phases)
    if not 0 <= phase < count:
        fix = f"Choose one from 1 to {count}"
        raise ProblemError(Problem("phase", f"the recipe has no phase {phase + 1}", fix))
    if phase not in steps_of(plan):
        what = f"the head of phase {phase + 1} is solved at once, so that no learning rate plays a part in it"
        raise ProblemError(Problem("phase", what, "Choose a phase that learns in steps"))


def _until(training: Training, phase: int, stop: threading.Event | None) -> Generator[Progress, None, bool]:
    """Train until the phase begins; False if stopped before."""
    with closing(training.events(stop)) as events:
        for event in events:
            if isinstance(event, PhaseStarted) and event.index == phase:
                return True
            yield from _shown(event)
    return False


def _told(
    steps: Generator[Event, None, PhaseData | None],
) -> Generator[Progress, None, PhaseData | None]:
    while True:
        try:
            yield from _shown(next(steps))
        except StopIteration as end:
            data: PhaseData | None = end.value
            return data


def _shown(event: Event) -> Iterator[Progress]:
    if isinstance(event, Preparing):
        yield Progress(event.what, event.done, event.total, event.seconds_left)
    elif isinstance(event, BatchFinished):
        yield Progress("Training the head first", event.step, event.steps)


class _Trial:
    """A network that is trained one batch at a time, at any learning rate."""

    def __init__(self, plan: Plan, training: Training, phase: int, data: PhaseData) -> None:
        recipe = plan.recipe
        balanced = recipe.class_balance == "weighted"
        weights = class_weights(data.train.labels, len(plan.snapshot.classes)) if balanced else None
        self._plan = plan
        self._source = data.train
        self._size = expected_batch(recipe)
        self._learner = Learner(training.network, recipe, phase, weights, plan.device)
        self._batches = _batches(data.train, self._size, recipe.seed)

    def loss(self, step: int, rate: float) -> float | None:
        """Train one step and return its loss; None if it is NaN or infinite."""
        epoch, places = next(self._batches)
        try:
            return self._learner.step(self._source, places, epoch=epoch, step=step, rate=rate).loss
        except ProblemError:
            return None
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            what = f"there is not enough memory for {self._size} images at a time"
            raise ProblemError(Problem("batch_size", what, "Choose a smaller batch")) from error


def _batches(source: BatchSource, size: int, seed: int) -> Iterator[tuple[int, list[int]]]:
    """Yield batches epoch after epoch, shuffled; whole batches only, or all images if there are fewer."""
    epoch, total = 0, len(source.items)
    while True:
        epoch += 1
        shuffle = torch.Generator().manual_seed(derive_seed(seed, "rate", epoch))
        order: list[int] = torch.randperm(total, generator=shuffle).tolist()
        for start in range(0, max(1, total - size + 1), size):
            yield epoch, order[start : start + size]


def _tried(
    trial: _Trial, phase: int, steps: int, stop: threading.Event | None
) -> Generator[Progress | RateStep, None, RateCurve | None]:
    rates, losses = [], []
    meter, exploded = ProgressMeter("Trying learning rates", steps), False
    for step in range(steps):
        if stop is not None and stop.is_set():
            break
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / (steps - 1))
        loss = trial.loss(step, rate)
        if loss is None:
            exploded = True
            break
        rates.append(rate)
        losses.append(loss)
        smoothed = smooth(losses)
        exploded = smoothed[-1] > _EXPLODED * min(smoothed)
        curve = RateCurve(phase, tuple(rates), tuple(losses), tuple(smoothed), steps, exploded)
        yield RateStep(curve)
        yield meter.at(step + 1)
        if exploded:
            break
    if not rates:
        return None
    return RateCurve(phase, tuple(rates), tuple(losses), tuple(smooth(losses)), steps, exploded)
