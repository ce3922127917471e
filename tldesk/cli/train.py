"""``tldesk train``: train one run, from a recommended, ready-made or custom recipe to a model file."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, duration
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project, read_and_split, read_changes
from tldesk.cli.stop_on_signal import stop_on_signal

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.run import Run
    from tldesk.trainer.plan import Plan

STOPPING = "Stopping after this step; the best weights so far are kept. Press Ctrl-C again to abort."
NOTHING_KEPT = 130


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the recipe, --resume and --folds."""
    parser = commands.add_parser("train", help="train a classifier")
    add_project(parser)
    add_recipe_options(parser)
    parser.add_argument("--resume", metavar="RUN", help="resume a run that was stopped or interrupted")
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="cross-validation: divide the training and validation images into K folds and train K runs, "
        "each with another fold left out; the test images are not used",
    )
    return parser


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that select the recipe and the device."""
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="a recipe file (TOML)")
    parser.add_argument("--preset", metavar="NAME", help="a ready-made recipe, e.g. two_phase")
    parser.add_argument("--like", metavar="RUN", help="the recipe of an earlier run, e.g. 3 or last")
    parser.add_argument("--backbone", metavar="NAME", help="the pretrained network, e.g. mobilenet_v2")
    parser.add_argument(
        "--freeze",
        metavar="STAGE",
        help="the first stage to train; all = train only the head, none = train everything",
    )
    parser.add_argument(
        "--augment",
        metavar="KIND",
        help="augmentation for a kind of picture: photo, leaf, microscopy, radiograph, document or none",
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change the recipe, e.g. batch_size=16",
    )
    parser.add_argument(
        "--columns",
        metavar="NAMES",
        help="columns of the table to use as inputs besides the images, e.g. age,site",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="random seed; on the same computer, on its CPU with the same number of threads and the same "
        "versions, the same seed gives the same result to the digit; elsewhere, results differ by rounding "
        "and what training makes of it",
    )
    parser.add_argument("--device", default="auto", metavar="D", help="cpu, cuda:0, mps or auto")


def run(args: argparse.Namespace, console: Console) -> int:
    """Train, finish the run and print its result."""
    _refuse_mixture(args)
    with open_project(args.project) as project, stop_on_signal(STOPPING, console) as stop:
        if args.folds is not None:
            return _folds(args, project, console, stop)
        execution = _resumed(args, project, console) if args.resume else _new(args, project, console)
        if not execute(execution, console, stop):
            return NOTHING_KEPT
        _report(execution, console)
    return 0


def execute(execution: Run, console: Console, stop: threading.Event) -> bool:
    """Train and finish a run, showing progress; return False if it was stopped before the first epoch."""
    from tldesk.cli.training_log import show_training

    only_unfinished = execution.status == "finished" and execution.model is None  # killed at the very end
    if not only_unfinished and not show_training(execution, console, stop):
        console.note("Stopped before the end of the first epoch: there is no model.")
        return False
    with console.bar() as bar:
        for step in execution.finishing():
            bar.show(step)
    return True


def _new(args: argparse.Namespace, project: Project, console: Console) -> Run:
    from tldesk.run import Run

    return Run.create(project, plan_of(args, project, console))


def plan_of(args: argparse.Namespace, project: Project, console: Console) -> Plan:
    """Return the plan that the arguments select, splitting the project if that was not done.

    Raises:
        ProblemError: the plan has problems; all of them are listed.
    """
    from tldesk.cli.chosen_recipe import chosen_recipe, show_recommendation
    from tldesk.engine import device_named
    from tldesk.trainer.plan import make_plan

    read_and_split(project, console)
    device = device_named(args.device)
    advice = chosen_recipe(args, project, device)
    plan = make_plan(project, advice.recipe, device=device)
    show_recommendation(advice, console)
    _report_columns(plan, project, console)
    return plan


def _report_columns(plan: Plan, project: Project, console: Console) -> None:
    from tldesk.recipe.learnable_columns import column_warnings

    columns = plan.recipe.columns
    if columns:
        console.note(f"Columns used besides the images: {', '.join(columns)}")
        for warning in column_warnings(plan.recipe, project.values.facts()):
            console.note(warning)


def _folds(args: argparse.Namespace, project: Project, console: Console, stop: threading.Event) -> int:
    from tldesk.cli.train_folds import cross_validate, document

    found = cross_validate(project, plan_of(args, project, console), args.folds, console, stop)
    console.document(document(found))
    return 0 if found.folds else NOTHING_KEPT


def _resumed(args: argparse.Namespace, project: Project, console: Console) -> Run:
    from tldesk.run import Run

    read_changes(project, console)
    return Run.resume(project, args.resume, None if args.device == "auto" else args.device)


def _refuse_mixture(args: argparse.Namespace) -> None:
    given = [
        name
        for name in ("recipe", "preset", "like", "backbone", "freeze", "augment", "columns", "seed", "folds")
        if getattr(args, name) is not None
    ]
    given += ["set"] if args.set else []
    if args.resume and given:
        what = f"a resumed run keeps its own recipe, so --{given[0]} cannot be given"
        raise ProblemError(Problem("--resume", what, "Omit one of the two"))
    refuse_bases(args)


def refuse_bases(args: argparse.Namespace) -> None:
    """Refuse arguments that select more than one recipe.

    Raises:
        ProblemError: two of --recipe, --preset and --like were given.
    """
    bases = [name for name in ("recipe", "preset", "like") if getattr(args, name) is not None]
    if len(bases) > 1:
        what = f"--{bases[0]} already selects a recipe"
        raise ProblemError(Problem(f"--{bases[1]}", what, "Omit one of the two"))


def _report(execution: Run, console: Console) -> None:
    from tldesk.cli.metrics_text import headline
    from tldesk.dataset import Split

    summary = execution.summary
    checked = bool(execution.snapshot.of(Split.VALIDATION))
    validation = execution.evaluate(Split.VALIDATION).as_dict() if checked else None
    epochs = f"best epoch {summary.best_epoch} of {summary.epochs_done}"
    console.say(f"{execution.name}: {epochs}, {duration(summary.seconds)}")
    if validation is not None:
        console.say(f"Validation: {headline(validation)}")
    console.say(f"Model file: {execution.model}")
    console.document(result(execution, validation))


def result(execution: Run, validation: dict[str, object] | None) -> dict[str, object]:
    """Return the JSON document of a trained run."""
    summary = execution.summary
    return {
        "run": execution.number,
        "status": summary.status,
        "model": str(execution.model),
        "folder": str(execution.folder),
        "recipe": summary.recipe,
        "backbone": summary.backbone,
        "freeze": summary.freeze,
        "device": summary.device,
        "epochs": summary.epochs_done,
        "best_epoch": summary.best_epoch,
        "seconds": summary.seconds,
        "validation": validation,
        "notices": execution.notices(),
    }
