"""``tldesk demo``: the whole workflow on sample pictures, without a network connection."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import ProblemError, duration, plural
from tldesk.cli.commands_to_type import with_commands
from tldesk.cli.console import Console
from tldesk.cli.open_window import open_window, window_can_be_seen
from tldesk.cli.stop_on_signal import stop_on_signal
from tldesk.cli.train import NOTHING_KEPT, STOPPING, execute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.run import Run

_OVERLAYS_A_CLASS = 2


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: DIR and --no-window."""
    parser = commands.add_parser("demo", help="try the whole workflow on sample pictures")
    parser.add_argument(
        "dir",
        metavar="DIR",
        type=Path,
        nargs="?",
        default=Path("tldesk-demo"),
        help="the folder for all files of the demo",
    )
    parser.add_argument("--no-window", action="store_true", help="do not open the window at the end")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Create the project, train, evaluate, predict and open the window."""
    began, pictures, place = time.monotonic(), args.dir / "pictures", args.dir / "leaves.tldesk"
    with _project(pictures, place, console) as project, stop_on_signal(STOPPING, console) as stop:
        from tldesk.cli.open_project import finished_run

        kept = _kept_run(project, console)
        if kept is None and not execute(_new_run(project, console), console, stop):
            return NOTHING_KEPT
        found = _predicted(finished_run(project, None), args.dir, console)
    found |= {"pictures": str(pictures), "project": str(place), "seconds": time.monotonic() - began}
    _report(found, console)
    console.document(found)
    if not (args.no_window or console.as_json or console.stopped_by) and window_can_be_seen():
        _open(place, console)
    return 0


def _project(pictures: Path, place: Path, console: Console) -> Project:
    """Return the project of the sample pictures, reusing that of an earlier demo."""
    from tldesk.dataset import FilenamePattern, Project
    from tldesk.dataset.sample.write_sample import SAMPLE_GROUP_PATTERN, write_sample

    if place.exists():
        console.say(f"Using the project of an earlier demo: {place}")
        project = Project.open(place)
    else:
        console.follow(write_sample(pictures))
        project = Project.create(place)
        project.add_source(pictures)
    console.follow(project.scan())
    if not any(project.facts().split_counts.values()):
        project.split(by_group=FilenamePattern(SAMPLE_GROUP_PATTERN))
    return project


def _kept_run(project: Project, console: Console) -> Run | None:
    from tldesk.run import Run

    kept = next((run for run in reversed(Run.runs(project)) if run.model is not None), None)
    if kept is not None:
        console.say(
            f"Using its {kept.name}, trained earlier. To train again, delete {project.path} or use: "
            "tldesk train"
        )
    return kept


def _new_run(project: Project, console: Console) -> Run:
    """Return an interrupted run of an earlier demo, else a new one."""
    from tldesk.cli.chosen_recipe import demo_recipe, show_recommendation
    from tldesk.engine import best_device
    from tldesk.run import Run
    from tldesk.trainer.plan import make_plan

    left = [run for run in Run.runs(project) if run.status == "interrupted"]
    if left:
        console.say(f"Resuming {left[-1].name}, which was interrupted")
        return Run.resume(project, left[-1].number)
    device = best_device()
    advice = demo_recipe(project, device)
    show_recommendation(advice, console)
    return Run.create(project, make_plan(project, advice.recipe, device=device))


def _predicted(run: Run, folder: Path, console: Console) -> dict[str, Any]:
    """Evaluate on the test images, predict their classes, and write heat maps for some of them."""
    from tldesk.cli.evaluate import default_split
    from tldesk.cli.predict import answers, overlays
    from tldesk.dataset import Split
    from tldesk.prediction import Predictor, write_table

    split = default_split(run, console)
    evaluation = run.evaluate(split).as_dict()
    items = run.snapshot.of(Split(split))
    predictor = Predictor.open(run)
    rows = answers(predictor, [item.path for item in items], console, {})
    table = folder / "predictions.csv"
    write_table(rows, predictor.classes, table)
    some = {item.path for item in _some_of_each(items)}
    looks = overlays(predictor, [row for row in rows if row.path in some], folder / "overlays", console)
    return {
        "run": run.number,
        "backbone": run.recipe.backbone,
        "model": str(run.model),
        "split": split,
        "evaluation": evaluation,
        "accuracy": evaluation["accuracy"],
        "table": str(table),
        "overlays": [look["file"] for look in looks.values()],
    }


def _some_of_each(items: Sequence[Any]) -> list[Any]:
    by_label: dict[int, list[Any]] = {}
    for item in items:
        by_label.setdefault(item.label, []).append(item)
    return [item for group in by_label.values() for item in group[:_OVERLAYS_A_CLASS]]


def _report(found: dict[str, Any], console: Console) -> None:
    from tldesk.cli.metrics_text import headline

    console.say()
    console.say(
        f"Accuracy on images not used for training ({found['split']}): {headline(found['evaluation'])}"
    )
    console.say(f"Pictures:  {found['pictures']}")
    console.say(f"Project:   {found['project']}")
    console.say(f"Model:     {found['model']}")
    console.say(f"Table:     {found['table']}")
    for overlay in found["overlays"][:1]:
        console.say(f"Overlays:  {plural(len(found['overlays']), 'picture')}, e.g. {overlay}")
    console.say(
        f"Finished in {duration(found['seconds'])}. To open it in the window: tldesk {found['project']}"
    )


def _open(place: Path, console: Console) -> None:
    try:
        open_window(place)
    except ProblemError as error:  # the demo itself has succeeded
        console.note(with_commands(error))
