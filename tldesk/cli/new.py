"""``tldesk new``: create a project from a folder of pictures."""

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
from tldesk.cli.group_options import (
    GROUP_BY,
    open_proposals,
    refuse_group_rule,
    rule_of_new_project,
    show_proposals,
)
from tldesk.cli.label_columns import label_columns
from tldesk.cli.layout_options import (
    add_layout_options,
    found_document,
    layout_choice,
    preview_of,
    show_preview,
    tell_all,
)
from tldesk.cli.open_project import open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Columns, GroupBy, Project
    from tldesk.dataset.scan.folder_preview import FolderPreview


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the pictures, their labels and groups."""
    parser = commands.add_parser("new", help="create a project from a folder of pictures")
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the folder to create (NAME.tldesk)")
    parser.add_argument(
        "--images",
        metavar="DIR",
        type=Path,
        required=True,
        help="the folder of pictures, which stay where they are; with --copy, also a zip file",
    )
    parser.add_argument(
        "--copy",
        action="store_true",
        help="copy the pictures and their table into the project, so that it can be moved elsewhere; a zip "
        "file is unpacked into it",
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        type=Path,
        help="a table with the class of each picture (CSV, XLSX, ODS …); one in a zip file is FILE.zip/TABLE",
    )
    parser.add_argument("--image-column", metavar="NAME", help="the table's column of file names")
    parser.add_argument(
        "--label-column",
        metavar="NAME",
        help="the table's column of classes, or several columns, one a class: A,B,C",
    )
    add_layout_options(parser)
    parser.add_argument("--group-by", metavar="RULE", help=GROUP_BY)
    render.add_options(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed of the split")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Create the project, scan the pictures, split them and report what was found."""
    from tldesk.dataset.project_folder import must_be_new, project_path
    from tldesk.imaging import AS_STORED

    _refuse_file(args)
    must_be_new(project_path(args.project))  # at once, not after a look at all pictures
    if args.dry_run:
        tell_all(args, *_looked(args, console), console)
        return 0
    how = render.as_asked(args, AS_STORED)
    columns, preview = _looked(args, console)
    with making(args.project) as project:
        if how != AS_STORED:
            project.edit.read_pictures(how)
        _add_pictures(project, args, columns, console)
        console.follow(project.scan())
        by_group, said = rule_of_new_project(args.group_by, project)
        frames = render.frame_note(project, how)
        notes = [*said, *split(project, by_group, args.seed), *filter(None, [frames])]
    with open_project(args.project) as project:  # made: output that cannot be written does not undo it
        report(project, console, notes)
        console.document({**document(project, notes), "found": found_document(preview, columns)})
    return 0


def _looked(args: argparse.Namespace, console: Console) -> tuple[Columns | None, FolderPreview]:
    """Show what will be found; return it with the table's columns."""
    from tldesk.dataset.files.unpack import files_of

    columns = _columns(args, console)
    found = files_of(args.images)
    preview = preview_of(args, found, columns, layout_choice(args))
    _must_be(
        args.images,
        preview.pictures > 0,
        ". ".join(["this folder contains no pictures", *preview.notes]),
        "Give the folder that contains the pictures (JPEG, PNG, TIFF, BMP, WebP, DICOM …)",
    )
    refuse_group_rule(args.group_by, found.paths, args.images, args.labels, columns)
    show_preview(preview, args, console)
    return columns, preview


def _refuse_file(args: argparse.Namespace) -> None:
    """Refuse files, but for zip files that are to be unpacked into the project, or only looked at."""
    from tldesk.dataset.files.packed import is_packed, is_zip, packed_problem

    images = args.images
    if images.is_file() and is_zip(images) and (args.copy or args.dry_run):
        return
    if images.is_file() and is_packed(images):
        raise ProblemError(packed_problem(images, command="tldesk new PROJECT --images FILE.zip --copy"))
    _must_be(images, not images.is_file(), "this is a file", "Give the folder that contains it")


def _add_pictures(
    project: Project, args: argparse.Namespace, columns: Columns | None, console: Console
) -> None:
    from tldesk.dataset.files.copy_in import size_of_copy

    choice = layout_choice(args)
    if not args.copy:
        project.add_source(args.images, args.labels, columns, choice)
        return
    size = size_of_copy(args.images, project.path)
    many = plural(size.files, "picture")
    doing = "Unpacking" if args.images.is_file() else "Copying"
    console.note(f"{doing} {many}, {file_size(size.bytes)}; {file_size(size.free)} are free on that disk.")
    console.follow(project.folders.copy_in(args.images, args.labels, columns, layout=choice))


@contextmanager
def making(path: Path) -> Iterator[Project]:
    """Create a project and close it at the end; if anything fails before, its folder is deleted."""
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
    """Split the readable images; return remarks on splits that came out empty."""
    facts = project.facts()
    if facts.images == facts.quarantined:
        return ["None of the pictures can be read."]
    counts = project.split(by_group=by_group, seed=seed)
    notes = [f"There are no {name} images." for name, count in counts.items() if not count]
    if notes and project.splits.given():
        notes.append(
            "The split of the folders or the table is kept; to divide all images anew: "
            "tldesk split PROJECT --anew"
        )
    return notes


def document(project: Project, notes: list[str]) -> dict[str, Any]:
    """Return the JSON document: the result of the scan."""
    from dataclasses import asdict

    from tldesk.cli.finding_words import class_case_sentence
    from tldesk.dataset import Filter
    from tldesk.dataset.check_project import open_alike_classes

    facts, report = project.facts(), project.last_scan()
    quarantined = project.images(project.ids(Filter(quarantined=True)))
    alike = open_alike_classes(project)
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
        "alike_classes": [list(one.names) for one in alike],
        **report.left_out.as_dict(),
        "notes": [
            *report.left_out.notes(),
            *map(class_case_sentence, alike),
            *report.notes,
            *filter(None, [report.identifying]),
            *notes,
        ],
    }


def report(project: Project, console: Console, notes: list[str]) -> None:
    """Print the result of the scan."""
    found = document(project, notes)
    console.say(f"{found['project']}: {plural(found['images'], 'image')}, {found['labelled']:,} with a label")
    if found["labelled"]:
        show_balance(project.splits.balance(), console)
    if found["groups"] and not project.splits.balance().torn:
        console.say(f"{plural(found['groups'], 'group')}, each of them in one split only")
    show_proposals(found["group_proposals"], project.path, console)
    quarantine = [f"{one['path']}: {one['reason']}" for one in found["quarantine"]]
    console.some("image in quarantine", "images in quarantine", quarantine)
    console.some("row without a file", "rows without a file", found["rows_without_file"])
    console.some("file without a row", "files without a row", found["files_without_row"])
    for note in found["notes"]:
        console.say(note)


def _columns(args: argparse.Namespace, console: Console) -> Columns | None:
    """Return the table's columns of names and classes: those given, else a guess, which is printed."""
    from tldesk.dataset.files.packed_tables import must_be_table

    if args.labels is None:
        if args.image_column or args.label_column:
            option = "--image-column" if args.image_column else "--label-column"
            raise ProblemError(Problem(option, "no table was given", "Give one with --labels FILE.csv"))
        return None
    _must_be(args.images, args.images.exists(), "no such folder")
    must_be_table(args.labels)
    return label_columns(args.labels, args.images, args.image_column, args.label_column, console)


def _must_be(where: Path, right: bool, what: str, fix: str = "Check the spelling") -> None:
    if not right:
        raise ProblemError(Problem(str(where), what, fix))
