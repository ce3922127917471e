"""``tldesk evaluate``: how far a run can be trusted."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tldesk.base import plural
from tldesk.cli.console import Console
from tldesk.cli.metrics_text import changed_since, class_rows, confusion_rows, interval
from tldesk.cli.open_project import add_project, finished_run, open_project, typed

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.run import Run, Staleness


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, RUN and the split."""
    parser = commands.add_parser("evaluate", help="metrics with intervals, confusion matrix, calibration")
    add_project(parser)
    parser.add_argument("run", metavar="RUN", nargs="?", help="its number; the last finished one if left out")
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        help="which images; test if left out, or validation where there are no test images",
    )
    parser.add_argument(
        "--today",
        action="store_true",
        help="count with the labels as they are now instead of as they were when the run began",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Evaluate and print."""
    from tldesk.run import staleness

    with open_project(args.project) as project:
        chosen = finished_run(project, args.run)
        split = args.split or default_split(chosen, console)
        values = document(chosen, split) | {"columns": list(chosen.recipe.columns)}
        stale = staleness(chosen, project.standing())
        if args.today:
            values |= today(chosen, split)
    show(values, console)
    if values["columns"]:
        console.say(f"Beside the pictures the run learnt from: {', '.join(values['columns'])}")
    _tell_changes(chosen, stale, values, console)
    values |= {"stale": len(stale.ids), "changed": stale.as_dict()}
    console.document(values)
    return 0


def default_split(run: Run, console: Console) -> str:
    """Test, or validation (with a remark) where the run has no test images."""
    from tldesk.dataset import Split

    if run.snapshot.of(Split.TEST) or not run.snapshot.of(Split.VALIDATION):
        return "test"  # where neither has images, evaluating says so and names what there is
    console.note(
        "There are no test images, so these are the validation images. They were used to choose the best "
        "epoch: expect a little less on new pictures."
    )
    return "validation"


def document(run: Run, split: str) -> dict[str, Any]:
    """The JSON document: the evaluation with its run and split.

    Raises:
        ProblemError: the run has no model, or the split no images.
    """
    return {"run": run.number, "split": split, "labels": "then", **run.evaluate(split).as_dict()}


def today(run: Run, split: str) -> dict[str, Any]:
    """What the labels of today make of the stored predictions.

    Raises:
        ProblemError: none of the images counts any more.
    """
    from tldesk.run import evaluate_today

    stored = run.predictions(split)
    assert stored is not None, "they were kept with the evaluation"
    found = evaluate_today(run, stored, run.project.standing())
    return {**found.evaluation.as_dict(), "labels": "today", "left_out": found.left_out}


def _tell_changes(run: Run, stale: Staleness, values: Mapping[str, Any], console: Console) -> None:
    if values["labels"] == "today":
        out = values["left_out"]
        rest = f"; {plural(out, 'image')} left out, without a label that the run knows" if out else ""
        console.say(f"Counted with the labels as they are today{rest}.")
    elif stale:
        where = f"tldesk evaluate {typed(run.project.path)} {run.number} --today"
        console.say(
            f"{changed_since(stale, run.name)}. These numbers are of the labels as they were; with today's: "
            + where
        )


def show(values: Mapping[str, Any], console: Console) -> None:
    """The numbers and the two tables."""
    console.say(f"run {values['run']}, {values['split']}, {values['n']} images")
    console.table(
        ("metric", "value (95 % interval)"),
        [
            ("accuracy", interval(values["accuracy"])),
            ("balanced accuracy", interval(values["balanced_accuracy"])),
            ("macro F1", interval(values["macro_f1"])),
            ("calibration error", interval(values["ece"])),
        ],
    )
    console.say()
    console.table(("class", "images", "precision", "recall"), class_rows(values))
    console.say()
    console.say("Confusion matrix (rows: the label; columns: what was predicted)")
    classes = list(values["classes"])
    console.table(("", *classes), confusion_rows(classes, values["confusion"]))
