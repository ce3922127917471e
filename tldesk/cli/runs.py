"""``tldesk runs``: list the runs of a project, compare two of them, write one into a file, or delete one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, duration, percent, plural
from tldesk.base.shell_words import typed
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.run import Staleness
    from tldesk.run.run import RunSummary

_HEADS = (
    "run",
    "status",
    "recipe",
    "backbone",
    "trained from",
    "epochs",
    "best epoch",
    "time",
    "validation",
    "test",
)


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, --compare, --bundle, --delete and --yes."""
    parser = commands.add_parser("runs", help="list runs, compare two of them, or delete one")
    add_project(parser)
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="show how two runs differ, and whether chance could explain it",
    )
    parser.add_argument(
        "--bundle",
        nargs=2,
        metavar=("N", "FILE"),
        help="write a run into a file, without pictures and their names; tldesk repeat FILE trains it again, "
        "elsewhere too",
    )
    parser.add_argument(
        "--delete",
        metavar="RUN",
        help="delete a run with its model, checkpoints and evaluations; the numbers of the others stay",
    )
    parser.add_argument("--yes", action="store_true", help="confirms --delete, which cannot be undone")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the table of runs or the comparison of two, write one into a file, or delete one."""
    with open_project(args.project) as project:
        if args.bundle:
            _bundle(project, args.bundle, console)
        elif args.compare:
            _compare(project, args.compare, console)
        elif args.delete is not None:
            _delete(project, args.delete, confirmed=args.yes, console=console)
        else:
            _list(project, console)
    return 0


def _bundle(project: Project, asked: list[str], console: Console) -> None:
    from tldesk.run import Run
    from tldesk.run.run_bundle import bundle_of

    which, file = asked
    chosen = Run.open(project, which)
    bundle_of(chosen).save(Path(file))
    console.say(f"{chosen.name}: recipe, labels, splits, versions and digits are in {file}, no pictures.")
    console.say(f"To train it again elsewhere: tldesk repeat {typed(Path(file))} --images DIR")
    console.document({"run": chosen.number, "file": file})


def _list(project: Project, console: Console) -> None:
    from tldesk.run import Run, staleness

    runs = Run.runs(project)
    summaries = [run.summary for run in runs]
    now = project.current_state()
    stale = {run.number: staleness(run, now) for run in runs}
    if summaries:
        heads, rows = _table(summaries, stale)
        console.table(heads, rows)
    else:
        console.say(f"No runs yet. Train one with: tldesk train {typed(project.path)}")
    for summary in summaries:
        if summary.message:
            console.say(f"{summary.name} {summary.status}: {summary.message}")
    if any(stale.values()):
        console.say(
            "Changed since: images whose label, mark, split or file has changed since the run, and classes "
            "that were renamed. The metrics "
            "are about the files and labels at the time of the run. To use the current labels: "
            f"tldesk evaluate {typed(project.path)} RUN --today"
        )
    entries = [_entry(summary, stale[summary.number]) for summary in summaries]
    console.document({"project": str(project.path), "runs": entries})


def _delete(project: Project, which: str, *, confirmed: bool, console: Console) -> None:
    from tldesk.run import Run

    chosen = Run.find(project, which)
    if not confirmed:
        what = f"this would delete {chosen.name} with its model and results, which cannot be undone"
        raise ProblemError(Problem("--delete", what, "Add --yes to delete it"))
    chosen.delete()
    console.say(f"Deleted {chosen.name}. The other runs keep their numbers.")
    console.document({"project": str(project.path), "deleted": chosen.number})


def _table(
    summaries: list[RunSummary], stale: Mapping[int, Staleness]
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return headings and rows; columns that only some runs need are added at the end."""
    heads: tuple[str, ...] = _HEADS
    rows = [_row(one) for one in summaries]
    if any(one.fold for one in summaries):
        heads = (*heads, "fold")
        rows = [[*row, one.fold or "–"] for row, one in zip(rows, summaries, strict=True)]
    if any(stale.values()):
        heads = (*heads, "changed since")
        found = [stale[one.number] for one in summaries]
        rows = [[*row, _changed(one)] for row, one in zip(rows, found, strict=True)]
    return heads, rows


def _changed(stale: Staleness) -> str:
    parts = [plural(len(stale.ids), "image")] if stale.ids else []
    parts += [plural(len(stale.renamed), "class name")] if stale.renamed else []
    return ", ".join(parts) or "–"


def _row(summary: RunSummary) -> list[str]:
    return [
        str(summary.number),
        summary.status,
        summary.recipe,
        summary.backbone,
        summary.freeze,
        f"{summary.epochs_done}/{summary.epochs}",
        str(summary.best_epoch or "–"),
        duration(summary.seconds),
        _share(summary.validation_accuracy),
        _share(summary.test_accuracy),
    ]


def _entry(summary: RunSummary, stale: Staleness) -> dict[str, Any]:
    values = asdict(summary)
    values["run"] = values.pop("number")
    values["model"] = None if summary.model is None else str(summary.model)
    return {**values, "stale": len(stale.ids), "changed": stale.as_dict()}


def _compare(project: Project, names: list[str], console: Console) -> None:
    from tldesk.run import Run
    from tldesk.run.two_runs import compare

    comparison = compare(*(Run.open(project, name) for name in names))
    console.table(
        ("recipe", comparison.first, comparison.second),
        [[str(cell) for cell in difference] for difference in comparison.recipe],
    )
    console.say()
    console.table(
        ("metric", comparison.first, comparison.second),
        [
            (f"{pair.split} {pair.metric}", _triple(pair.first), _triple(pair.second))
            for pair in comparison.metrics
        ],
    )
    for test in comparison.tests:
        console.say(
            f"Of {test.n} {test.split} images, {test.only_first} are predicted correctly only by "
            f"{comparison.first}, {test.only_second} only by {comparison.second}; p = {test.p:.3f}."
        )
    recipe = [difference._asdict() for difference in comparison.recipe]
    console.document({**asdict(comparison), "recipe": recipe})


def _triple(values: tuple[float, float | None, float | None] | None) -> str:
    if values is None:
        return "–"
    value, low, high = values
    if low is None or high is None:
        return percent(value)
    return f"{percent(value)} ({low * 100:.1f} to {high * 100:.1f})"


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)
