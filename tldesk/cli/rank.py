"""``tldesk rank``: compare backbones on the project's images, by their frozen features."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, duration, percent, plural
from tldesk.cli.console import Console
from tldesk.cli.metrics_text import interval
from tldesk.cli.open_project import add_project, open_project, read_and_split
from tldesk.cli.stop_on_signal import stop_on_signal

if TYPE_CHECKING:
    from collections.abc import Generator

    from tldesk.cli.main import Commands
    from tldesk.trainer.advice.rank_backbones import Step
    from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking

STOPPING = "Stopping; backbones that are done are kept. Press Ctrl-C again to abort."
NOTHING = 130


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the backbones and the number of images."""
    parser = commands.add_parser("rank", help="compare backbones on the project's images")
    add_project(parser)
    parser.add_argument(
        "--backbone",
        metavar="NAME",
        action="append",
        default=[],
        help="a backbone to compare; by default all with weights",
    )
    parser.add_argument("--images", type=int, metavar="N", help="use about N images (at most 3,000)")
    parser.add_argument("--device", default="auto", metavar="D", help="cpu, cuda:0, mps or auto")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Rank the backbones and print the table."""
    from tldesk.engine import device_named
    from tldesk.trainer.advice.rank_backbones import MOST_IMAGES, ranking

    most = MOST_IMAGES if args.images is None else args.images
    if not 10 <= most <= MOST_IMAGES:
        fix = f"Choose a number from 10 to {MOST_IMAGES:,}"
        raise ProblemError(Problem("--images", f"{most:,} images are too few or too many", fix))
    with open_project(args.project) as project, stop_on_signal(STOPPING, console) as stop:
        read_and_split(project, console)
        from tldesk.cli.chosen_recipe import recommendation

        device = device_named(args.device)
        fit = recommendation(project, device).recipe.fit
        steps = ranking(project, args.backbone, fit=fit, device=device, most_images=most, stop=stop)
        found = _followed(steps, console)
    _report(found, console)
    console.document(document(found))
    return 0 if found.backbones else NOTHING


def _followed(steps: Generator[Step, None, Ranking], console: Console) -> Ranking:
    from tldesk.base import Progress
    from tldesk.trainer.advice.ranking_result import RankedBackbone

    with closing(steps), console.bar() as bar:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                found: Ranking = end.value
                return found
            if isinstance(step, Progress):
                bar.show(step)
            elif isinstance(step, RankedBackbone):
                console.note(f"{step.title}: {percent(step.balanced_accuracy.value)} balanced accuracy")
            else:
                console.note(f"{step.title} was skipped: {step.why}")


def _report(found: Ranking, console: Console) -> None:
    done = len(found.backbones) + len(found.unranked)
    if done < found.wanted:
        console.say(f"Stopped: {done} of {plural(found.wanted, 'backbone')} done.")
    if not found.backbones:
        return
    heads = ("backbone", "balanced accuracy", "accuracy", "LogME", "time per image", "size", "took", "")
    console.table(heads, [_row(one, worth) for one, worth in zip(found.backbones, found.front, strict=True)])
    drawn = f" (sampled from {found.of:,})" if found.of > found.images else ""
    console.say(
        f"Scores of a linear head on frozen features, {found.folds}-fold cross-validation on "
        f"{plural(found.images, 'training and validation image')}{drawn}. Groups are kept in one fold; the "
        "test images are not used."
    )
    console.say("* = no other is both faster and better. LogME: higher is better, within this table only.")
    if len(found.backbones) > 1:
        console.say(_advice(found))


def _advice(found: Ranking) -> str:
    best, wanted = found.backbones[0], found.suggested
    if wanted is None or wanted is best:
        return f"Suggested: {best.title}."
    return (
        f"Suggested: {wanted.title}. It is faster, and the lead of {best.title} on these images could be "
        "due to chance."
    )


def _row(one: RankedBackbone, worth: bool) -> list[str]:
    return [
        one.name,
        interval(one.balanced_accuracy.as_dict()),
        percent(one.accuracy.value),
        f"{one.logme:.3f}",
        f"{one.seconds_a_picture * 1000:.1f} ms",
        f"{one.parameters / 1e6:.1f} M",
        duration(one.seconds),
        "*" if worth else "",
    ]


def document(found: Ranking) -> dict[str, Any]:
    """Return the JSON document of a ranking."""
    suggested = found.suggested
    return {
        "images": found.images,
        "of": found.of,
        "folds": found.folds,
        "wanted": found.wanted,
        "suggested": None if suggested is None else suggested.name,
        "backbones": [
            {
                "backbone": one.name,
                "balanced_accuracy": one.balanced_accuracy.as_dict(),
                "accuracy": one.accuracy.as_dict(),
                "logme": one.logme,
                "milliseconds_a_picture": one.seconds_a_picture * 1000,
                "parameters": one.parameters,
                "seconds": one.seconds,
                "pareto": worth,
                "clearly_worse_than_best": found.clearly_worse(one),
            }
            for one, worth in zip(found.backbones, found.front, strict=True)
        ],
        "left_out": [{"backbone": one.name, "why": one.why} for one in found.unranked],
    }
