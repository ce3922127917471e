"""``tldesk undo``: undo the last edits of a project, by shell, window or scan, or redo undone ones."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, plural
from tldesk.cli.console import Console
from tldesk.cli.history import time_here
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.dataset.records import Action


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, how many edits, --redo and --dry-run."""
    parser = commands.add_parser(
        "undo",
        help="undo the last edit of a project, or redo it",
        description="Undo the last edit: labels, classes, marks, splits, made here, in the window or by a "
        "scan of a changed table. tldesk history PROJECT lists what was done.",
    )
    add_project(parser)
    parser.add_argument(
        "--steps", type=int, default=1, metavar="N", help="how many edits, the last one first; 1 by default"
    )
    parser.add_argument("--redo", action="store_true", help="redo what was undone instead")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be undone or redone")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Undo or redo, and say what and what comes next."""
    how = "redo" if args.redo else "undo"
    with open_project(args.project) as project:
        chosen = _chosen(project, how, args.steps)
        if not args.dry_run:
            for action in chosen:
                # by number: what another window did meanwhile is not undone unseen
                (project.edit.redo if args.redo else project.edit.undo)(action.id)
        stacks = {"undo": project.edit.undo_stack(), "redo": project.edit.redo_stack()}
    done = {"undo": "Undone", "redo": "Redone"}[how]
    for action in chosen:
        console.say(f"{f'Would {how}' if args.dry_run else done}: {_words(action)}")
    if not args.dry_run:
        _say_next(stacks, console)
    console.document(
        {
            "project": str(args.project),
            "dry_run": args.dry_run,
            done.lower(): [_as_dict(one) for one in chosen],
            **{f"next_{name}": _as_dict(stack[-1]) if stack else None for name, stack in stacks.items()},
        }
    )
    return 0


def _chosen(project: Project, how: str, steps: int) -> list[Action]:
    """Return the actions to undo or redo, the first one first.

    Raises:
        ProblemError: there are fewer, or ``steps`` is less than 1.
    """
    if steps < 1:
        raise ProblemError(Problem("--steps", f"{steps} is less than 1", "Write 1 or more"))
    stack = project.edit.undo_stack() if how == "undo" else project.edit.redo_stack()
    if len(stack) < steps:
        done = {"undo": "undone", "redo": "redone"}[how]
        what = f"there is nothing to {how}"
        if stack:
            what = f"{steps} steps were asked for, but only {plural(len(stack), 'edit')} can be {done}"
        raise ProblemError(Problem(how, what, "See what was done", command="tldesk history PROJECT"))
    return list(reversed(stack[-steps:]))


def _say_next(stacks: dict[str, tuple[Action, ...]], console: Console) -> None:
    for how, option in (("undo", ""), ("redo", " --redo")):
        if stacks[how]:
            console.say(f"Next to {how}: {_words(stacks[how][-1])}. To {how} it: tldesk undo PROJECT{option}")


def _words(action: Action) -> str:
    return f"{action.verb} ({time_here(action.at)})"


def _as_dict(action: Action) -> dict[str, Any]:
    return {"id": action.id, "at": action.at.isoformat(), "what": action.verb}
