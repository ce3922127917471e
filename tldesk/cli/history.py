"""``tldesk history``: what was done in a project, by whom and when, and what can be undone."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset.store.journal import JournalLine

_MOST = 20
_STATES = {"": "", "done": "can be undone", "undone": "undone"}


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT and how many entries."""
    parser = commands.add_parser("history", help="list the edits of a project, the latest first")
    add_project(parser)
    parser.add_argument(
        "-n", "--most", type=int, metavar="N", help=f"how many; {_MOST} by default, with --json all"
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the journal."""
    if args.most is not None and args.most < 1:
        raise ProblemError(Problem("--most", f"{args.most} is less than 1", "Write 1 or more"))
    most = args.most or (None if console.as_json else _MOST)
    with open_project(args.project) as project:
        lines = project.edit.journal(most)
        can_undo, can_redo = project.edit.undo_stack(), project.edit.redo_stack()
    rows = [_row(one) for one in lines]
    if rows:
        console.table(("when", "who", "images", "what", ""), rows)
    else:
        console.say("Nothing has been done yet.")
    if len(lines) == most:
        console.say(f"The last {most:,} are listed; for more: tldesk history PROJECT -n {most * 10}")
    if can_undo:
        console.say(f"To undo the last edit ({can_undo[-1].verb}): tldesk undo PROJECT")
    if can_redo:
        console.say(f"To redo what was undone last ({can_redo[-1].verb}): tldesk undo PROJECT --redo")
    console.document(
        {
            "project": str(args.project),
            "actions": [
                {
                    "id": one.id,
                    "at": one.at.isoformat(),
                    "author": one.author,
                    "what": one.verb,
                    "images": one.images,
                    "state": one.state,
                }
                for one in lines
            ],
        }
    )
    return 0


def _row(one: JournalLine) -> tuple[str, ...]:
    images = f"{one.images:,}" if one.images else "–"
    return (time_here(one.at), one.author, images, one.verb, _STATES[one.state])


def time_here(at: datetime) -> str:
    """Return a time in the computer's time zone, to the minute."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
