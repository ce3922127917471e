"""``tldesk folders``: the folders of pictures of a project, and files that are missing or not read yet."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, plural
from tldesk.base.shell_words import typed
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project, Source


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, --moved and --forget-missing."""
    parser = commands.add_parser(
        "folders", help="list folders of pictures and missing files; relocate moved folders"
    )
    add_project(parser)
    parser.add_argument(
        "--moved",
        nargs="+",
        metavar=("OLD", "NEW"),
        type=Path,
        help="a folder has moved from OLD to NEW; NEW is enough if only one folder is missing",
    )
    parser.add_argument(
        "--forget-missing",
        action="store_true",
        help="stop listing images whose files are missing; labels are kept in case the files return",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Relocate and forget as requested, then list the folders."""
    with open_project(args.project) as project:
        if args.moved is not None:
            source = _meant(project, args.moved)
            found = project.folders.relocate(source.id, args.moved[-1])
            for one in found:
                console.note(f"Found {one.images}.")
            console.follow(project.scan())
        forgotten = _forget(project) if args.forget_missing else 0
        values = _document(project) | {"forgotten": forgotten}
    _show(values, args.project, console)
    console.document(values)
    return 0


def _meant(project: Project, given: list[Path]) -> Source:
    """Return the source that has moved.

    Raises:
        ProblemError: there is no such source, or several are possible.
    """
    sources = project.sources()
    there = ", ".join(str(one.images) for one in sources) or "none yet"
    if len(given) > 2:
        fix = "Give the old folder and the new one, in quotation marks if they contain spaces"
        raise ProblemError(Problem("--moved", "too many folders", fix))
    old = given[0].absolute() if len(given) == 2 else None
    absent = [one for one in sources if not one.images.is_dir()]
    meant = [one for one in (absent if old is None else sources) if old is None or one.images == old]
    if len(meant) != 1:
        what = "the project does not use this folder" if old is not None else _not_one(len(meant))
        raise ProblemError(
            Problem("--moved", what, f"Give the old folder and the new one; the project uses: {there}")
        )
    return meant[0]


def _not_one(absent: int) -> str:
    return "several folders are missing" if absent else "no folder is missing"


def _forget(project: Project) -> int:
    from tldesk.dataset import Filter

    ids = project.ids(Filter(missing=True))
    if ids:
        project.edit.forget(ids)
    return len(ids)


def _document(project: Project) -> dict[str, Any]:
    from tldesk.dataset import Filter

    changes = project.folders.changes()
    assert changes is not None, "it has no stop flag"
    gone = project.images(project.ids(Filter(missing=True)))
    absent = {one.id for one in changes.absent}
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
        "not_read_yet": {"new": changes.new, "gone": changes.vanished, "changed": changes.changed},
    }


def _show(values: dict[str, Any], project: Path, console: Console) -> None:
    for one in values["folders"]:
        state = "found" if one["there"] else "missing"
        console.say(f"{one['path']}: {state}" + (f", table {one['table']}" if one["table"] else ""))
    if not values["folders"]:
        console.say("The project has no folders of pictures yet.")
    for one in values["folders"]:
        if not one["there"]:
            moved = f"tldesk folders {typed(project)} --moved {typed(one['path'])} NEW"
            console.say(f"If the folder has moved: {moved}")
    if values["forgotten"]:
        gone = plural(values["forgotten"], "missing image")
        console.say(f"{gone} forgotten. To undo this: tldesk undo PROJECT")
    console.some(
        "image whose file is missing (restore it, or use --forget-missing)",
        "images whose files are missing (restore them, or use --forget-missing)",
        [f"{one['path']}: {one['label'] or 'no label'}" for one in values["missing"]],
    )
    counts = values["not_read_yet"]
    if any(counts.values()):
        counted = f"{counts['new']:,} new, {counts['gone']:,} missing or moved, {counts['changed']:,} changed"
        console.say(f"Not scanned yet: {counted}. To scan them: tldesk check {typed(project)} --rescan")
