"""``tldesk find-rate``: the learning-rate test of one phase, with its curve and suggestion."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, Progress
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project
from tldesk.cli.stop_on_signal import stop_on_signal
from tldesk.cli.train import NOTHING_KEPT, add_recipe_options, plan_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from tldesk.cli.main import Commands
    from tldesk.trainer.advice.rate_curve import RateCurve
    from tldesk.trainer.advice.rate_finder import RateStep
    from tldesk.trainer.plan import Plan

_STOPPING = "Stopping after this step. Press Ctrl-C again to abort."
_LINES = 16
_WIDTH = 40


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the recipe options of ``train``, and the phase."""
    parser = commands.add_parser(
        "find-rate", help="find a learning rate with a short test that changes nothing"
    )
    add_project(parser)
    add_recipe_options(parser)
    parser.add_argument(
        "--phase", type=int, metavar="N", help="the phase, from 1; by default the last one trained in steps"
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the test and print its curve and suggestion."""
    from tldesk.trainer.advice.rate_finder import finding_rate

    if args.recipe and args.preset:
        raise ProblemError(Problem("--preset", "--recipe already selects a recipe", "Omit one of the two"))
    with open_project(args.project) as project, stop_on_signal(_STOPPING, console) as stop:
        plan = plan_of(args, project, console)
        phase = _phase(args.phase, plan)
        curve = _followed(finding_rate(plan, phase, stop), console)
    if curve is None:
        console.note("Stopped before the first step.")
        return NOTHING_KEPT
    _report(curve, plan, console)
    console.document(document(curve, plan))
    return 0


def _phase(wanted: int | None, plan: Plan) -> int:
    from tldesk.trainer.advice.rate_finder import steps_of

    if wanted is not None:
        return wanted - 1
    phases = steps_of(plan)
    if not phases:
        what = "its head is solved directly, without a learning rate"
        fix = "Train stages too (--freeze STAGE), or train in steps (--set phases.0.solver=steps)"
        raise ProblemError(Problem("recipe", what, fix))
    return phases[-1]


def _followed(
    steps: Generator[Progress | RateStep, None, RateCurve | None], console: Console
) -> RateCurve | None:
    with closing(steps), console.bar() as bar:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                curve: RateCurve | None = end.value
                return curve
            if isinstance(step, Progress):
                bar.show(step)


def _report(curve: RateCurve, plan: Plan, console: Console) -> None:
    console.table(("rate", "loss", ""), _rows(curve))
    end = "the loss diverged" if curve.exploded else "complete"
    if len(curve.rates) < curve.steps and not curve.exploded:
        end = "stopped"
    console.say(f"Phase {curve.phase + 1}: {len(curve.rates)} of {curve.steps} steps, {end}.")
    now = plan.recipe.phases[curve.phase].learning_rate
    if curve.suggestion is None:
        console.say(f"The loss hardly falls at any rate, so there is no suggestion. The recipe uses {now:g}.")
        return
    setting = f"--set phases.{curve.phase}.learning_rate={curve.suggestion:g}"
    console.say(
        f"Suggested rate: {curve.suggestion:g} (the recipe uses {now:g}). To train with it: {setting}"
    )


def _rows(curve: RateCurve) -> list[list[str]]:
    """Return points of the curve as table rows, with the loss as a bar."""
    places = range(0, len(curve.rates), max(1, len(curve.rates) // _LINES))
    most = max(min(curve.smoothed[place], 2 * curve.smoothed[0]) for place in places)
    return [
        [
            f"{curve.rates[place]:.1e}",
            f"{curve.smoothed[place]:.4f}",
            "#" * round(_WIDTH * min(curve.smoothed[place], most) / most),
        ]
        for place in places
    ]


def document(curve: RateCurve, plan: Plan) -> dict[str, Any]:
    """Return the JSON document of a test."""
    return {
        "phase": curve.phase + 1,
        "recipe_rate": plan.recipe.phases[curve.phase].learning_rate,
        "suggestion": curve.suggestion,
        "exploded": curve.exploded,
        "steps": curve.steps,
        "rates": list(curve.rates),
        "losses": list(curve.losses),
        "smoothed": list(curve.smoothed),
    }
