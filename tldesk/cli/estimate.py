"""``tldesk estimate``: the time, memory and disk that a recipe needs, for every freeze line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tldesk.base import duration, file_size
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project
from tldesk.cli.stop_on_signal import stop_on_signal
from tldesk.cli.train import NOTHING_KEPT, add_recipe_options, plan_of

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.trainer.costs.cost_book import BackboneCosts
    from tldesk.trainer.costs.recipe_estimate import Estimate, ImageCounts
    from tldesk.trainer.plan import Plan

_STOPPING = "Stopping after this step. Press Ctrl-C again to abort."


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, and the recipe options of ``train``."""
    parser = commands.add_parser("estimate", help="estimate the time, memory and disk that a recipe needs")
    add_project(parser)
    add_recipe_options(parser)
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Measure the backbone unless that was done before, and print the estimates."""
    from tldesk.trainer.costs.measure_stages import known_or_measured
    from tldesk.trainer.costs.recipe_estimate import ImageCounts

    with open_project(args.project) as project, stop_on_signal(_STOPPING, console) as stop:
        plan = plan_of(args, project, console)
        facts = project.facts()
        console.note(f"Measuring {plan.card.title} on {plan.device.title}")
        costs = known_or_measured(plan.card, plan.recipe, plan.device, stop)
        if costs is None:
            return NOTHING_KEPT
        found = _of_lines(plan, ImageCounts.of(facts), costs)
    own = plan.recipe.phases[-1].freeze
    console.table(
        ("trained from", "", "trainable", "per epoch", "epochs", "first run", "later runs", "memory", "disk"),
        [_row(line, one, own) for line, one in found],
    )
    if not costs.trainings:
        console.say("No run has been timed on this computer yet: training may take only half of these times.")
    console.document({"backbone": plan.card.name, "device": plan.device.title, "lines": _lines(found, own)})
    return 0


def _of_lines(plan: Plan, counts: ImageCounts, costs: BackboneCosts) -> list[tuple[str, Estimate]]:
    from tldesk.recipe.move_freeze_line import moved_line
    from tldesk.trainer.costs.recipe_estimate import estimate

    stages = plan.card.stage_names
    lines = ("none",) if plan.recipe.weights == "random" else tuple(reversed(plan.card.lines))
    return [
        (line, estimate(moved_line(plan.recipe, line, stages), plan.card, counts, costs)) for line in lines
    ]


def _row(line: str, found: Estimate, own: str) -> list[str]:
    last = found.phases[-1]
    return [
        {"all": "head only", "none": "all stages"}.get(line, line),
        "your recipe" if line == own else "",
        f"{last.trained:,}",
        duration(last.epoch),
        str(sum(one.epochs for one in found.phases)),
        duration(found.seconds),
        duration(sum(one.epoch * one.epochs for one in found.phases)),
        file_size(found.memory),
        file_size(found.kept),
    ]


def _lines(found: list[tuple[str, Estimate]], own: str) -> list[dict[str, object]]:
    return [
        {
            "freeze": line,
            "recipe": line == own,
            "trained": one.phases[-1].trained,
            "epoch_seconds": one.phases[-1].epoch,
            "seconds": one.seconds,
            "memory_bytes": one.memory,
            "disk_bytes": one.kept,
        }
        for line, one in found
    ]
