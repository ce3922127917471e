"""``tldesk evaluate``: the metrics of a run on one split."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tldesk.base import plural
from tldesk.cli.console import Console
from tldesk.cli.metrics_text import (
    changed_since,
    class_rows,
    confusion_rows,
    gone_since,
    interval,
    renamed_since,
)
from tldesk.cli.open_project import add_project, finished_run, open_project, read_changes

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.run import Run, Staleness


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, RUN and the split."""
    parser = commands.add_parser(
        "evaluate", help="show metrics with intervals, the confusion matrix and calibration"
    )
    add_project(parser)
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="the number of the run; by default the last finished one"
    )
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        help="the images to evaluate on; by default test, or validation if there are no test images",
    )
    parser.add_argument(
        "--today",
        action="store_true",
        help="use the current labels instead of those at the start of the run",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Evaluate the run and print its metrics."""
    from tldesk.dataset import Split
    from tldesk.run import names_of_run, staleness

    with open_project(args.project) as project:
        chosen = finished_run(project, args.run)
        read_changes(project, console)
        split = args.split or default_split(chosen, console)
        values = document(chosen, split) | {"columns": list(chosen.recipe.columns)}
        stale = staleness(chosen, project.current_state())
        names = names_of_run(chosen, project.current_classes())
        if args.today:
            values |= today(chosen, split)
    show(values, console)
    if values["columns"]:
        console.say(f"Columns used besides the images: {', '.join(values['columns'])}")
    gone = gone_since(names, chosen.name)
    if gone:
        console.say(gone)
    _report_changes(chosen, stale, values, console)
    absent = len(chosen.snapshot.of(Split(split))) - values["n"]
    if absent and not args.today:
        console.say(_absent(absent, split))
    values |= {"stale": len(stale.ids), "changed": stale.as_dict()}
    console.document(values)
    return 0


def default_split(run: Run, console: Console) -> str:
    """Return ``test``, or ``validation`` (with a remark) if the run has no test images."""
    from tldesk.dataset import Split

    if run.snapshot.of(Split.TEST) or not run.snapshot.of(Split.VALIDATION):
        return "test"  # if neither has images, evaluating raises an error that says so
    console.note(
        "There are no test images, so these are the scores on the validation images, which were used to "
        "choose the best epoch: expect slightly lower scores on new pictures."
    )
    return "validation"


def document(run: Run, split: str) -> dict[str, Any]:
    """Return the JSON document: the evaluation with its run and split.

    Raises:
        ProblemError: the run has no model, or the split has no images.
    """
    return {"run": run.number, "split": split, "labels": "then", **run.evaluate(split).as_dict()}


def today(run: Run, split: str) -> dict[str, Any]:
    """Recalculate the metrics from the stored predictions and the current labels.

    Raises:
        ProblemError: none of the images can be used any more.
    """
    from tldesk.run import reevaluate

    stored = run.predictions(split)
    assert stored is not None, "they were kept with the evaluation"
    found = reevaluate(run, stored, run.project.current_state())
    return {**found.evaluation.as_dict(), "labels": "today", "left_out": found.left_out}


def _report_changes(run: Run, stale: Staleness, values: Mapping[str, Any], console: Console) -> None:
    renamed = renamed_since(stale, run.name)
    if renamed:
        console.say(f"{renamed}. The metrics are shown with today's names.")
    if values["labels"] == "today":
        out = values["left_out"]
        rest = (
            f"; {plural(out, 'image')} left out, without a label or with a class that the run lacks"
            if out
            else ""
        )
        console.say(f"Calculated with the current labels{rest}.")
    elif stale.ids:
        console.say(f"{changed_since(stale, run.name)}. {_of_then(stale, run.number)}")


def _of_then(stale: Staleness, number: int) -> str:
    """Say what the metrics belong to, and what belongs to the present files and labels."""
    labels = bool(stale.relabelled or stale.excluded)
    what = " and ".join(["files"] * bool(stale.redrawn) + ["labels"] * (labels or not stale.redrawn))
    told = [f"These metrics are about the {what} at the time of the run."]
    if stale.redrawn:
        told.append("For the present files, train a new run: tldesk train PROJECT")
    if labels:
        told.append(f"To use the current labels: tldesk evaluate PROJECT {number} --today")
    return " ".join(told)


def _absent(images: int, split: str) -> str:
    were = "image of this run was" if images == 1 else "images of this run were"
    why = "when they were first evaluated, their files had changed or could not be read"
    return f"{images:,} {split} {were} left out: {why}."


def show(values: Mapping[str, Any], console: Console) -> None:
    """Print the metrics, the metrics per class and the confusion matrix."""
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
    console.say("Confusion matrix (rows: true class; columns: predicted class)")
    classes = list(values["classes"])
    console.table(("", *classes), confusion_rows(classes, values["confusion"]))
