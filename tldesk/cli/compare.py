"""``tldesk compare``: train from scratch, by feature extraction and by fine-tuning, and compare the runs."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, duration, rough_duration
from tldesk.base.shell_words import typed
from tldesk.cli.console import Console
from tldesk.cli.metrics_text import interval
from tldesk.cli.open_project import add_project, open_project, read_changes
from tldesk.cli.stop_on_signal import stop_on_signal
from tldesk.cli.train import NOTHING_KEPT, add_recipe_options, plan_of, refuse_bases

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.cli.series_log import SeriesLog
    from tldesk.dataset import Project
    from tldesk.run.series.three_ways_advice import Advice
    from tldesk.run.series.three_ways_record import SplitNumbers, ThreeWays, WayResult
    from tldesk.run.series.train_three_ways import Step
    from tldesk.trainer.events import Event

_STOPPING = "Stopping; finished runs are kept. Press Ctrl-C again to abort."
_GIVEN = ("recipe", "preset", "like", "backbone", "freeze", "augment", "seed")
_HEADS = (
    *(
        "way",
        "run",
        "trained",
        "trainable",
        "validation balanced",
        "test balanced",
        "test accuracy",
        "epochs",
    ),
    *("best epoch", "time", ""),
)


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, --resume, and the recipe options of ``train``."""
    parser = commands.add_parser(
        "compare", help="compare training from scratch, feature extraction and fine-tuning"
    )
    add_project(parser)
    add_recipe_options(parser)
    parser.add_argument(
        "--resume", action="store_true", help="resume the last comparison that was stopped or interrupted"
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Train the three ways and print the comparison."""
    _refuse_mixture(args)
    with open_project(args.project) as project, stop_on_signal(_STOPPING, console) as stop:
        ways = _resumed(project, console) if args.resume else _new(args, project, console)
        if not ways.done:
            _forecast(ways, args, console, stop)
        failed = _follow(ways, args, console, stop)
        results = ways.results
        if failed and not any(one.done for one in results):
            again = f"Fix this, then resume with: {_again(args)}"
            raise ProblemError(Problem("compare", f"all three trainings failed ({failed[0]})", again))
        _report(ways, results, args, console)
        console.document(document(ways, results))
        return 0 if any(one.done for one in results) else NOTHING_KEPT


def _refuse_mixture(args: argparse.Namespace) -> None:
    given = [name for name in _GIVEN if getattr(args, name) is not None] + (["set"] if args.set else [])
    if args.resume and given:
        what = f"a resumed comparison keeps its own recipes, so --{given[0]} cannot be given"
        raise ProblemError(Problem("--resume", what, "Omit one of the two"))
    refuse_bases(args)


def _new(args: argparse.Namespace, project: Project, console: Console) -> ThreeWays:
    from tldesk.run.series.three_ways_record import ThreeWays

    return ThreeWays.create(project, plan_of(args, project, console))


def _resumed(project: Project, console: Console) -> ThreeWays:
    from tldesk.run.series.three_ways_record import ThreeWays

    read_changes(project, console)
    ways = ThreeWays.last(project)
    if ways is None:
        fix = f"Start one with: tldesk compare {typed(project.path)}"
        raise ProblemError(Problem("--resume", "the project has no comparison yet", fix))
    return ways


def _forecast(ways: ThreeWays, args: argparse.Namespace, console: Console, stop: threading.Event) -> None:
    """Print the estimated time before training starts."""
    from tldesk.recipe.three_ways import TITLES
    from tldesk.run.series.train_three_ways import forecast
    from tldesk.trainer.costs.recipe_estimate import ImageCounts

    if console.quiet:
        return
    todo = {one.way: one.recipe for one in ways.results if not one.done}
    found = forecast(todo, ImageCounts.of(ways.project.facts()), args.device, stop)
    if found is not None:
        parts = ", ".join(
            f"{TITLES[way]} {rough_duration(seconds)}" for way, seconds in found.seconds.items()
        )
        console.note(
            f"Estimated time: {rough_duration(found.total)} ({parts}); less if training stops early."
        )


def _follow(ways: ThreeWays, args: argparse.Namespace, console: Console, stop: threading.Event) -> list[str]:
    """Train, showing progress; return the reasons of those that failed."""
    from tldesk.cli.series_log import SeriesLog
    from tldesk.run.series.train_three_ways import WayFailed, comparing

    failed = []
    steps = comparing(ways, args.device, None, stop)
    with closing(steps), console.bar() as bar:
        log = SeriesLog(console, bar)
        for step in steps:
            _show(step, log)
            if isinstance(step, WayFailed):
                failed.append(step.why)
                console.note(step.why)
    return failed


def _show(step: Step | Event, log: SeriesLog) -> None:
    from tldesk.recipe.three_ways import TITLES, WAYS
    from tldesk.run.series.train_three_ways import WayBegun, WayDone, WayFailed

    if isinstance(step, WayBegun):
        title = TITLES[step.way]
        log.begin(step.run, f"{title[0].upper()}{title[1:]}, {WAYS.index(step.way) + 1} of {len(WAYS)}")
    elif not isinstance(step, WayDone | WayFailed):
        log.show(step)


def _again(args: argparse.Namespace) -> str:
    return f"tldesk compare {typed(args.project)} --resume"


def _report(
    ways: ThreeWays, results: Sequence[WayResult], args: argparse.Namespace, console: Console
) -> None:
    done = sum(one.done for one in results)
    if done < len(results):
        how = "Some trainings failed" if any(one.message for one in results) else "Stopped"
        console.say(f"{how}: {done} of {len(results)} ways are done. To resume: {_again(args)}")
    console.say()
    console.table(_HEADS, [_row(one) for one in results])
    for text in _words(ways, _judged(ways, results)):
        console.say(text)


def _judged(ways: ThreeWays, results: Sequence[WayResult]) -> Advice | None:
    from tldesk.run.series.three_ways_advice import judge

    return judge(ways, results)


def _words(ways: ThreeWays, judgement: Advice | None) -> tuple[str, ...]:
    from tldesk.dataset import Split
    from tldesk.run.series.three_ways_advice import sentences

    return () if judgement is None else sentences(judgement, len(ways.snapshot.of(Split.TRAIN)))


def _row(one: WayResult) -> list[str]:
    from tldesk.recipe.three_ways import TITLES

    return [
        TITLES[one.way],
        "–" if one.run is None else str(one.run),
        _learns(one),
        f"{one.trained:,}",
        _share(one.validation, "balanced_accuracy"),
        _share(one.test, "balanced_accuracy"),
        _share(one.test, "accuracy"),
        f"{one.epochs_done} of {one.epochs}" if one.epochs_done < one.epochs else str(one.epochs),
        str(one.best_epoch) if one.best_epoch else "–",
        duration(one.seconds) if one.run is not None else "–",
        "" if one.done else one.state,
    ]


def _learns(one: WayResult) -> str:
    line = one.recipe.phases[-1].freeze
    return {"all": "head only", "none": "all stages"}.get(line, f"from {line} on")


def _share(numbers: SplitNumbers | None, metric: str) -> str:
    return "–" if numbers is None else interval(getattr(numbers, metric).as_dict())


def document(ways: ThreeWays, results: Sequence[WayResult]) -> dict[str, Any]:
    """Return the JSON document of a comparison."""
    from tldesk.run.series.three_ways_advice import as_document

    judgement = _judged(ways, results)
    return {
        "comparison": ways.number,
        "folder": str(ways.folder),
        "done": all(one.done for one in results),
        "ways": [
            {
                "way": one.way,
                "run": one.run,
                "state": one.state,
                "message": one.message,
                "freeze": [phase.freeze for phase in one.recipe.phases],
                "weights": one.recipe.weights,
                "trained_parameters": one.trained,
                "epochs": one.epochs_done,
                "best_epoch": one.best_epoch,
                "seconds": one.seconds,
                "validation": _numbers(one.validation),
                "test": _numbers(one.test),
            }
            for one in results
        ],
        "advice": None if judgement is None else as_document(judgement, _words(ways, judgement)),
    }


def _numbers(found: SplitNumbers | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "n": found.n,
        "accuracy": found.accuracy.as_dict(),
        "balanced_accuracy": found.balanced_accuracy.as_dict(),
    }
