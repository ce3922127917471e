"""``tldesk new``: a project from a folder of pictures."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, file_size, plural
from tldesk.cli import render
from tldesk.cli.balance_table import show_balance
from tldesk.cli.console import Console
from tldesk.cli.group_options import GROUP_BY, group_rule, open_proposals, tell_proposals

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Columns, GroupBy, Project


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, the pictures, their labels and groups."""
    parser = commands.add_parser("new", help="make a project from a folder of pictures")
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the folder to make (NAME.tldesk)")
    parser.add_argument(
        "--images", metavar="DIR", type=Path, required=True, help="the pictures; they stay where they are"
    )
    parser.add_argument(
        "--copy",
        action="store_true",
        help="copy the pictures, with their table, into the project's folder, which can then be carried away",
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        type=Path,
        help="a table that names each image's class (CSV, XLSX, ODS …)",
    )
    parser.add_argument("--image-column", metavar="NAME", help="its column with the image's name")
    parser.add_argument("--label-column", metavar="NAME", help="its column with the class")
    parser.add_argument("--group-by", metavar="RULE", help=GROUP_BY)
    render.add_options(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the split")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Make, scan, split, and tell what was found."""
    from tldesk.imaging import AS_STORED

    _must_be(args.images, not args.images.is_file(), "this is a file", "Name the folder it lies in")
    columns = _columns(args, console)
    how = render.as_asked(args, AS_STORED)
    with making(args.project) as project:
        if how != AS_STORED:
            project.edit.read_pictures(how)
        _add_pictures(project, args, columns, console)
        console.follow(project.scan())
        _must_be(
            args.images,
            project.facts().images > 0,
            "there is no picture in this folder",
            "Name the folder that holds the pictures (JPEG, PNG, TIFF, BMP, WebP, DICOM …)",
        )
        by_group = group_rule(args.group_by, project)
        notes = split(project, by_group, args.seed)
        tell(project, console, notes)
        console.document(document(project, notes))
    return 0


def _add_pictures(
    project: Project, args: argparse.Namespace, columns: Columns | None, console: Console
) -> None:
    from tldesk.dataset.files.copy_in import size_of_copy

    if not args.copy:
        project.add_source(args.images, args.labels, columns)
        return
    size = size_of_copy(args.images, project.path)
    many = plural(size.files, "picture")
    console.note(f"Copying {many}, {file_size(size.bytes)}; {file_size(size.free)} are free there.")
    console.follow(project.folders.copy_in(args.images, args.labels, columns))


@contextmanager
def making(path: Path) -> Iterator[Project]:
    """A new project, closed at the end; if anything goes wrong before, its folder is taken away again."""
    from tldesk.dataset import Project

    project = Project.create(path)
    try:
        yield project
    except BaseException:
        project.close()
        shutil.rmtree(project.path, ignore_errors=True)
        raise
    project.close()


def split(project: Project, by_group: GroupBy | None, seed: int) -> list[str]:
    """Split what can be read; remarks on what is not as one might expect."""
    facts = project.facts()
    if facts.images == facts.quarantined:
        return ["There is no picture that can be read."]
    counts = project.split(by_group=by_group, seed=seed)
    return [f"There are no {name} images." for name, count in counts.items() if not count]


def document(project: Project, notes: list[str]) -> dict[str, Any]:
    """The JSON document: what the scan found."""
    from dataclasses import asdict

    from tldesk.dataset import Filter

    facts, report = project.facts(), project.last_scan()
    quarantined = project.images(project.ids(Filter(quarantined=True)))
    return {
        "project": str(project.path),
        "images": facts.images,
        "labelled": facts.labelled,
        "classes": dict(facts.class_counts),
        "split": {str(name): count for name, count in facts.split_counts.items()},
        "groups": facts.groups,
        "rendering": asdict(project.rendering()),
        "quarantine": [{"path": str(image.path), "reason": image.reason} for image in quarantined],
        "rows_without_file": list(report.rows_without_file),
        "files_without_row": list(report.files_without_row),
        "group_proposals": open_proposals(project),
        "notes": [*report.notes, *filter(None, [report.identifying]), *notes],
    }


def tell(project: Project, console: Console, notes: list[str]) -> None:
    """What was found, for people."""
    found = document(project, notes)
    console.say(f"{found['project']}: {plural(found['images'], 'image')}, {found['labelled']:,} with a label")
    if found["labelled"]:
        show_balance(project.splits.balance(), console)
    if found["groups"] and not project.splits.balance().torn:
        console.say(f"{plural(found['groups'], 'group')}, none of them on two sides of the split")
    tell_proposals(found["group_proposals"], project.path, console)
    quarantine = [f"{one['path']}: {one['reason']}" for one in found["quarantine"]]
    console.some("image in quarantine", "images in quarantine", quarantine)
    console.some("row without a file", "rows without a file", found["rows_without_file"])
    console.some("file without a row", "files without a row", found["files_without_row"])
    for note in found["notes"]:
        console.say(note)


def _columns(args: argparse.Namespace, console: Console) -> Columns | None:
    """Which columns of the table say what: as told, else guessed and shown."""
    if args.labels is None:
        if args.image_column or args.label_column:
            raise ProblemError(
                Problem("--image-column", "there is no table", "Give one with --labels FILE.csv")
            )
        return None
    from dataclasses import replace

    from tldesk.dataset import guess_columns

    _must_be(args.images, args.images.is_dir(), "there is no such folder")
    _must_be(args.labels, args.labels.is_file(), "there is no such file")
    guess = guess_columns(args.labels, args.images)
    told = {"image": args.image_column, "label": args.label_column}
    for name in filter(None, told.values()):
        _must_be(
            args.labels,
            name in guess.headers,
            f'there is no column "{name}"',
            f"It has: {', '.join(guess.headers)}",
        )
    columns = replace(guess.columns, **{key: name for key, name in told.items() if name})
    console.note(
        f"{guess.matched:,} of {guess.total:,} rows have a file by the guess. To say which columns are "
        "meant: --image-column NAME, --label-column NAME"
    )
    return columns


def _must_be(where: Path, right: bool, what: str, fix: str = "Check how it is written") -> None:
    if not right:
        raise ProblemError(Problem(str(where), what, fix))
