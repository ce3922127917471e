"""``tldesk repeat``: train the run of a bundle again and say what differs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, plural
from tldesk.cli.console import Console
from tldesk.cli.new import making
from tldesk.cli.open_project import open_project
from tldesk.cli.stop_on_signal import stop_on_signal

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.run.repetition import Repetition


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: FILE, --images, --to and --device."""
    parser = commands.add_parser("repeat", help="train a run again from its file, and compare the digits")
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="written by: tldesk runs PROJECT --bundle N FILE"
    )
    parser.add_argument(
        "--images", metavar="DIR", type=Path, required=True, help="the folder that holds the run's pictures"
    )
    parser.add_argument(
        "--to", metavar="PROJECT", type=Path, help="the project to create (default: FILE with another ending)"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="cpu, cuda:0, mps or auto")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Create a project with the pictures, train the run in it and print the comparison."""
    from tldesk.cli.train import NOTHING_KEPT, STOPPING, execute
    from tldesk.run import Run
    from tldesk.run.repetition import compared, plan_of_bundle
    from tldesk.run.run_bundle import RunBundle

    bundle = RunBundle.load(args.file)
    if not args.images.is_dir():
        raise ProblemError(Problem(str(args.images), "there is no such folder", "Check the spelling"))
    with making(args.to or args.file.with_suffix(".tldesk")) as project:
        project.edit.read_pictures(bundle.snapshot.rendering)
        project.add_source(args.images)
        console.follow(project.scan())
        plan, missing = plan_of_bundle(project, bundle, None if args.device == "auto" else args.device)
    with open_project(project.path) as project, stop_on_signal(STOPPING, console) as stop:
        execution = Run.create(project, plan)
        if not execute(execution, console, stop):
            return NOTHING_KEPT
        found = compared(bundle, execution, missing)
        _tell(found, console)
        console.document({"project": str(project.path), "run": execution.number, **found.as_dict()})
    return 0


def _tell(found: Repetition, console: Console) -> None:
    if found.missing:
        console.say(
            f"{plural(found.missing, 'picture')} of the first run were not found: absent, or changed."
        )
    for one in found.environment:
        console.say(f"{one.name}: {one.before} then, {one.now} now")
    if found.same:
        console.say("Every loss, every accuracy and every answer is the same to the last digit.")
        return
    if found.first_apart is None:
        console.say("Every loss and every accuracy is the same; answers differ.")
    elif found.apart is None:
        console.say(f"From epoch {found.first_apart} the numbers differ, and so does the number of epochs.")
    else:
        console.say(f"From epoch {found.first_apart} the numbers differ, by {found.apart:.2g} at most.")
