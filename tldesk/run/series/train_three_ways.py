"""Trains the three ways: one run each, one after the other, as one stream of events. Loads torch."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tldesk.base import ProblemError, Progress
from tldesk.engine.device import Device, best_device, device_named
from tldesk.engine.out_of_memory import free_memory
from tldesk.engine.preprocess import prepared_side
from tldesk.imaging.prepared_cache import PreparedCache
from tldesk.model import card
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import Recipe
from tldesk.recipe.three_ways import WayName
from tldesk.run.run import Run
from tldesk.run.series.three_ways_record import ThreeWays
from tldesk.run.train_run import found_again
from tldesk.trainer.costs.measure_stages import known_or_measured
from tldesk.trainer.costs.recipe_estimate import ImageCounts, estimate
from tldesk.trainer.plan import Plan, plan_for

if TYPE_CHECKING:
    from tldesk.trainer.events import Event


@dataclass(frozen=True, slots=True)
class WayBegun:
    """The run of a way exists; its training begins or resumes."""

    way: WayName
    run: Run


@dataclass(frozen=True, slots=True)
class WayDone:
    """The model of a way was made and evaluated."""

    way: WayName
    run: Run


@dataclass(frozen=True, slots=True)
class WayFailed:
    """A way could not be trained, with the reason in words; the others are still trained."""

    way: WayName
    why: str


Step = WayBegun | WayDone | WayFailed | Progress


@dataclass(frozen=True)
class Forecast:
    """The estimated time of a comparison with all epochs; early stopping makes it shorter.

    Attributes:
        reading: seconds to read all pictures once if none are cached yet.
        seconds: seconds per way.
    """

    reading: float
    seconds: Mapping[WayName, float]

    @property
    def total(self) -> float:
        """Total time in seconds."""
        return self.reading + sum(self.seconds.values())


def forecast(
    recipes: Mapping[WayName, Recipe],
    counts: ImageCounts,
    device: Device | str | None = None,
    stop: threading.Event | None = None,
) -> Forecast | None:
    """Estimate the time of the three recipes of one backbone; None when ``stop`` was set.

    If the training costs on this computer are not known yet, they are measured, which takes some seconds.
    """
    where, reading, seconds = _device(device), 0.0, {}
    for way, recipe in recipes.items():
        known = card(recipe.backbone)
        costs = known_or_measured(known, recipe, where, stop)
        if costs is None:
            return None
        found = estimate(recipe, known, counts, costs)
        reading = found.reading
        seconds[way] = found.seconds - found.reading
    return Forecast(reading, seconds)


def comparing(
    ways: ThreeWays,
    device: Device | str | None = None,
    library: WeightsLibrary | None = None,
    stop: threading.Event | None = None,
) -> Generator[Step | Event, None, ThreeWays]:
    """Train those of the three ways that are not trained yet; the results are in ``ways.results``.

    A finished way is skipped; one that was stopped, interrupted or failed resumes from its last checkpoint.
    Pictures that are slow to decode are prepared before the first training, so that the first way's time does
    not include work for the others.

    Args:
        ways: a new or an earlier comparison.
        device: the device to train on; None: the best one.
        library: the weights library; None: the project's.
        stop: set it to stop early; the way being trained can be resumed later.

    Raises:
        ProblemError: another process is working on the comparison.
    """
    where = _device(device)
    with ways.record.hold(f"comparison {ways.number}", "is comparing the three ways here"):
        todo = [one.way for one in ways.results if not one.done]
        snapshot = found_again(ways.project, ways.snapshot) if todo else None
        for way in todo:
            assert snapshot is not None
            plan = plan_for(
                snapshot, ways.recipes[way], ways.project.cache_dir, where, _library(ways, library)
            )
            if way == todo[0]:
                yield from _read(plan, stop)
            if stop is not None and stop.is_set():
                break
            yield from _one_way(ways, way, plan, stop)
            free_memory(where)
    return ways


def _device(wanted: Device | str | None) -> Device:
    return device_named(wanted) if isinstance(wanted, str) else wanted or best_device()


def _library(ways: ThreeWays, library: WeightsLibrary | None) -> WeightsLibrary:
    return library or WeightsLibrary(project=ways.project.path)


def _read(plan: Plan, stop: threading.Event | None) -> Iterator[Progress]:
    """Prepare every picture that is slow to decode, so that all three ways start equally."""
    prepared = PreparedCache(
        plan.cache_dir / "prepared",
        side=prepared_side(plan.preprocessing),
        rendering=plan.preprocessing.rendering,
    )
    return prepared.fill(((item.path, item.content) for item in plan.snapshot.items), stop)


def _one_way(
    ways: ThreeWays, way: WayName, plan: Plan, stop: threading.Event | None
) -> Generator[Step | Event, None, None]:
    try:
        run = ways.run_of(way)
        if run is None:
            run = Run.create(ways.project, plan)
            ways.note(way, run)
        else:
            run = Run.resume(ways.project, run.number, plan.device.name)
        yield WayBegun(way, run)
        if run.status != "finished":
            yield from run.train(stop)
        if run.status == "finished":  # not if it was stopped: such a run is resumed later
            yield from run.finishing(stop)
            yield WayDone(way, run)
    except ProblemError as error:
        if stop is None or not stop.is_set():
            yield WayFailed(way, " ".join(str(problem) for problem in error.problems))
