"""How the folders of a new project are taken, as options, and what a scan will find, before it is made."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError
from tldesk.cli.console import Console

if TYPE_CHECKING:
    from tldesk.dataset import Columns, LayoutChoice
    from tldesk.dataset.files.walk import FoundFiles
    from tldesk.dataset.scan.folder_preview import FolderPreview

_DEPTHS = {"none": 0, "outer": 1, "inner": 2}
_LAYOUT = "--layout"
_SHOWN_NAMES = 4


def add_layout_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--layout``, ``--ignore-splits`` and ``--dry-run``."""
    parser.add_argument(
        _LAYOUT,
        metavar="HOW",
        default="auto",
        help="which folders are the classes: outer, inner, none, or a number (1 = outer, 2 = inner, 3 …); by "
        "default (auto) this is found out",
    )
    parser.add_argument(
        "--ignore-splits",
        action="store_true",
        help="do not keep splits given by folders such as train and test; split anew",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only show what would be found; no project is made"
    )


def layout_choice(args: argparse.Namespace) -> LayoutChoice:
    """Return what the options say.

    Raises:
        ProblemError: ``--layout`` is none of its words and no number.
    """
    from tldesk.dataset import LayoutChoice

    text = args.layout.strip().lower()
    if text != "auto" and text not in _DEPTHS and not (text.isdecimal() and len(text) < 3):
        fix = "Give auto, outer, inner, none, or a number such as 3"
        raise ProblemError(Problem(_LAYOUT, f'"{args.layout}" is no layout', fix))
    depth = None if text == "auto" else _DEPTHS[text] if text in _DEPTHS else int(text)
    return LayoutChoice(depth, splits=not args.ignore_splits)


def preview_of(
    args: argparse.Namespace, found: FoundFiles, columns: Columns | None, choice: LayoutChoice
) -> FolderPreview:
    """Return what a scan will find in ``--images``, whose files are ``found``, with ``--labels`` if given.

    Raises:
        ProblemError: the table cannot be read, or no folder is as deep as ``--layout`` says.
    """
    from tldesk.dataset.scan.folder_preview import preview_folders, preview_table

    if args.labels is not None and columns is not None:
        return preview_table(found, args.images, args.labels, columns, choice)
    preview = preview_folders(found, args.images, choice)
    if choice.depth is not None and choice.depth > len(preview.options):
        deepest = len(preview.options)
        fix = f"The deepest are {deepest}: {_names(preview, deepest)}" if deepest else "Give none"
        raise ProblemError(Problem(_LAYOUT, f"there are no folders at depth {choice.depth}", fix))
    return preview


def show_preview(preview: FolderPreview, args: argparse.Namespace, console: Console) -> None:
    """Print what will be found, and how else the folders could be taken (a remark, also in a dry run)."""
    (console.say if args.dry_run else console.note)(f"{args.images}: {preview.sentence()}")
    if not args.dry_run:  # which tells all notes
        for note in preview.unused:
            console.note(f"{note}: --labels FILE")
    others = [depth for depth in range(1, len(preview.options) + 1) if depth != preview.depth]
    if preview.by != "table" and others:
        words = {depth: word for word, depth in _DEPTHS.items()}
        ways = [f"{_LAYOUT} {words.get(depth, depth)} ({_names(preview, depth)})" for depth in others]
        console.note(f"To take other folders as the classes: {', '.join(ways)}")


def tell_all(
    args: argparse.Namespace, columns: Columns | None, preview: FolderPreview, console: Console
) -> None:
    """Print the columns of the table and the notes, and the document, as the result of ``--dry-run``."""
    if columns is not None:
        from tldesk.dataset.tables.match_table import columns_sentence

        console.say(columns_sentence(args.labels.name, columns))
    for note in preview.notes:
        console.say(note)
    if args.group_by is None:
        for note in preview.together:
            console.say(note)
    console.document({"found": found_document(preview, columns)})


def found_document(preview: FolderPreview, columns: Columns | None) -> dict[str, Any]:
    """Return the preview, with the columns of the table, for the JSON document."""
    if columns is None:
        return {**preview.as_dict(), "columns": None}
    return {
        **preview.as_dict(),
        "columns": {
            "folder": columns.folder,
            "image": columns.image,
            "class": list(columns.classes),
            "group": columns.group,
            "split": columns.split,
        },
    }


def _names(preview: FolderPreview, depth: int) -> str:
    names = preview.options[depth - 1]
    return ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "")
