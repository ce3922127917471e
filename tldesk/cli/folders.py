"""``tldesk folders``: the folders of pictures that a project reads, and what became of their files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, plural
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project, typed

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project, Source


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, and what is to be mended."""
    parser = commands.add_parser(
        "folders", help="folders of pictures: what moved, changed or went away, and mending it"
    )
    add_project(parser)
    parser.add_argument(
        "--moved",
        nargs="+",
        metavar=("OLD", "NEW"),
        type=Path,
        help="a folder lies elsewhere now; NEW alone will do where one is not there",
    )
    parser.add_argument(
        "--forget-missing",
        action="store_true",
        help="let go of the images whose files are gone; labels are kept, and a file that returns is back",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Mend what was asked for, then tell."""
    with open_project(args.project) as project:
        if args.moved is not None:
            source = _meant(project, args.moved)
            found = project.folders.relocate(source.id, args.moved[-1])
            for one in found:
                console.note(f"{one.images} is found again.")
            console.follow(project.scan())
        forgotten = _forget(project) if args.forget_missing else 0
        values = _document(project) | {"forgotten": forgotten}
    _show(values, args.project, console)
    console.document(values)
    return 0


def _meant(project: Project, given: list[Path]) -> Source:
    """The source that moved.

    Raises:
        ProblemError: none or several could be meant.
    """
    sources = project.sources()
    there = ", ".join(str(one.images) for one in sources) or "none yet"
    if len(given) > 2:
        fix = "Give the old folder and the new one, in quotation marks where they hold spaces"
        raise ProblemError(Problem("--moved", "it takes two folders", fix))
    old = given[0].absolute() if len(given) == 2 else None
    absent = [one for one in sources if not one.images.is_dir()]
    meant = [one for one in (absent if old is None else sources) if old is None or one.images == old]
    if len(meant) != 1:
        what = "the project reads no such folder" if old is not None else _not_one(len(meant))
        raise ProblemError(
            Problem("--moved", what, f"Name the old folder and the new one; it reads: {there}")
        )
    return meant[0]


def _not_one(absent: int) -> str:
    return "several folders are not there" if absent else "every folder is where it was"


def _forget(project: Project) -> int:
    from tldesk.dataset import Filter

    ids = project.ids(Filter(missing=True))
    if ids:
        project.edit.forget(ids)
    return len(ids)


def _document(project: Project) -> dict[str, Any]:
    from tldesk.dataset import Filter

    look = project.folders.look()
    assert look is not None, "nobody stops it"
    gone = project.images(project.ids(Filter(missing=True)))
    absent = {one.id for one in look.absent}
    return {
        "project": str(project.path),
        "folders": [
            {
                "path": str(one.images),
                "there": one.id not in absent,
                "table": None if one.labels is None else str(one.labels),
            }
            for one in project.sources()
        ],
        "missing": [{"path": str(one.path), "label": one.class_name} for one in gone],
        "not_read_yet": {"new": look.new, "gone": look.vanished, "changed": look.changed},
    }


def _show(values: dict[str, Any], project: Path, console: Console) -> None:
    for one in values["folders"]:
        state = "there" if one["there"] else "not there"
        console.say(f"{one['path']}: {state}" + (f", table {one['table']}" if one["table"] else ""))
    if not values["folders"]:
        console.say("The project reads no folder yet.")
    if not all(one["there"] for one in values["folders"]):
        console.say(f"Where it is now: tldesk folders {typed(project)} --moved OLD NEW")
    if values["forgotten"]:
        console.say(
            f"{plural(values['forgotten'], 'missing image')} forgotten; undo is possible in the window."
        )
    console.some(
        "image whose file is no longer there (put it back, or --forget-missing)",
        "images whose files are no longer there (put them back, or --forget-missing)",
        [f"{one['path']}: {one['label'] or 'no label'}" for one in values["missing"]],
    )
    counts = values["not_read_yet"]
    if any(counts.values()):
        told = f"{counts['new']:,} new, {counts['gone']:,} gone or moved, {counts['changed']:,} changed"
        console.say(f"Not read yet: {told}. Read them: tldesk check {typed(project)} --rescan")
