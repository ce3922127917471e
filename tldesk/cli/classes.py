"""``tldesk classes``: the classes of a project; rename, merge and delete them, accept what folders say."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, plural
from tldesk.base.file_names import text_path
from tldesk.base.shell_words import typed, typed_class
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import ClassInfo, Project
    from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage

_UNDO = "To undo this: tldesk undo PROJECT"


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT and one change."""
    parser = commands.add_parser(
        "classes",
        help="list, rename, merge and delete classes; accept what folders say",
        epilog="A name that begins with a hyphen is written with a blank before it, in quotes: "
        "--rename ' -neg' neg. Blanks around names do not count.",
    )
    add_project(parser)
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--rename", nargs=2, metavar=("OLD", "NEW"), help="rename a class; labels are kept")
    change.add_argument(
        "--merge", nargs=2, metavar=("CLASS", "INTO"), help="give all images of a class another one"
    )
    change.add_argument("--delete", metavar="CLASS", help="delete a class; its images lose their label")
    change.add_argument(
        "--accept-folders",
        nargs="*",
        type=Path,
        metavar="IMAGE",
        help="give images that were moved into another class folder the class of that folder: the named "
        "ones (paths, or names from the folder of pictures), or all; a class whose folder was renamed is "
        "renamed, and images outside all class folders lose their label",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Make the change, then list the classes."""
    with open_project(args.project) as project:
        done = _change(args, project)
        document = _document(project)
        away = [one for one in project.evidence.empty_classes() if one.away]
        alike = _alike(project, args.rename[1]) if args.rename is not None else []
    if done.words:
        console.say(f"{done.words} {_UNDO}" if done.changed else done.words)
    for note in alike:
        console.say(note)
    _show(document, away, args.project, console)
    console.document(document | {"done": done.words})
    return 0


@dataclass(frozen=True)
class _Done:
    """What was done, in words; ``changed``: there is something to undo."""

    words: str = ""
    changed: bool = True


def _change(args: argparse.Namespace, project: Project) -> _Done:
    if args.rename is not None:
        return _rename(project, *args.rename)
    if args.merge is not None:
        one, into = (_named(project, name) for name in args.merge)
        project.edit.merge_classes(one.id, into.id)
        return _Done(f'Merged the class "{one.name}" into "{into.name}".')
    if args.delete is not None:
        return _delete(project, args.delete)
    if args.accept_folders is not None:
        return _accept(project, args.accept_folders)
    return _Done()


def _rename(project: Project, old: str, new: str) -> _Done:
    from tldesk.dataset.class_names import class_name

    renamed, name = _named(project, old), class_name(new)
    if renamed.name == name:
        return _Done(f'The class is called "{name}" already; nothing was changed.', changed=False)
    project.edit.rename_class(renamed.id, new)
    return _Done(f'Renamed the class "{renamed.name}" to "{name}".')


def _alike(project: Project, name: str) -> list[str]:
    """Return a note if another class has this name but for capital letters."""
    from tldesk.cli.finding_words import class_case_sentence
    from tldesk.dataset.check_project import open_alike_classes
    from tldesk.dataset.class_names import class_name

    return [class_case_sentence(one) for one in open_alike_classes(project) if class_name(name) in one.names]


def _delete(project: Project, name: str) -> _Done:
    from tldesk.dataset import Filter

    gone = _named(project, name)
    images = project.count(Filter(class_id=gone.id))
    project.edit.delete_class(gone.id)
    lost = f"; {plural(images, 'image')} without a label now" if images else ""
    return _Done(f'Deleted the class "{gone.name}"{lost}.')


def _accept(project: Project, paths: Sequence[Path]) -> _Done:
    moved = project.evidence.moved_images()
    chosen = [_meant(project, path, moved) for path in paths] if paths else list(moved)
    if not chosen:
        return _Done("No image is outside the folder of its class.", changed=False)
    numbers = list(dict.fromkeys(one.image_id for one in chosen))
    project.edit.accept_folders(numbers)
    return _Done(f"Accepted the folder's word for {plural(len(numbers), 'image')}.")


def _meant(project: Project, path: Path, moved: Sequence[MovedImage]) -> MovedImage:
    """Return the moved image that a path, or a name from a folder of pictures, means.

    Raises:
        ProblemError: the project has no such image, or it is in no other class folder.
    """
    from tldesk.dataset import Filter

    named = text_path(path)
    places = {_plain(place / named) for place in (Path.cwd(), *(one.images for one in project.sources()))}
    for one in moved:
        if _plain(one.path) in places:
            return one
    alike = project.images(project.ids(Filter(text=named.name)))
    if any(_plain(image.path) in places for image in alike):
        what = "this image is in the folder of its class, or was labelled by hand"
        raise ProblemError(
            Problem(str(path), what, "Scan the folders again", command="tldesk check PROJECT --rescan")
        )
    fix = "Write its path, or its name from the folder of pictures; if it is new, scan the folders first"
    what = "the project has no such image"
    raise ProblemError(Problem(str(path), what, fix, command="tldesk check PROJECT --rescan"))


def _plain(path: Path) -> str:
    return os.path.normpath(text_path(path))


def _named(project: Project, name: str) -> ClassInfo:
    """Return the class with this name.

    Raises:
        ProblemError: there is none.
    """
    from tldesk.dataset.class_names import class_name

    there = project.classes
    for wanted in (name, class_name(name)):
        for one in there:
            if wanted in {one.name, class_name(one.name)}:
                return one
    have = ", ".join(one.name for one in there) or "none yet"
    raise ProblemError(Problem("class", f'the project has no class "{name}"', f"Its classes are: {have}"))


def _document(project: Project) -> dict[str, Any]:
    from tldesk.dataset import Filter

    facts = dict(project.facts().class_counts)
    missing = project.images(project.ids(Filter(missing=True)))
    return {
        "project": str(project.path),
        "classes": [
            {
                "class": one.name,
                "images": facts.get(one.name, 0),
                "missing": sum(image.class_id == one.id for image in missing),
            }
            for one in project.classes
        ],
        "unlabelled": project.count(Filter(unlabelled=True)),
        "moved": [
            {"path": str(one.path), "label": one.label, "folder": one.word}
            for one in project.evidence.moved_images()
        ],
    }


def _show(document: dict[str, Any], away: Sequence[EmptyClass], path: Path, console: Console) -> None:
    from tldesk.cli.finding_words import away_words

    classes = document["classes"]
    if not classes:
        console.say("The project has no classes yet.")
        return
    console.table(("class", "images"), [(one["class"], str(one["images"])) for one in classes])
    if document["unlabelled"]:
        console.say(f"{plural(document['unlabelled'], 'image')} without a label")
    for sentence in away_words(away):
        console.say(sentence)
    for one in classes:
        if not one["images"] and one["class"] not in {gone.name for gone in away}:
            gone = f", and {plural(one['missing'], 'file')} missing" if one["missing"] else ""
            delete = f"tldesk classes {typed(path)} --delete {typed_class(one['class'])}"
            console.say(f'The class "{one["class"]}" has no image{gone}. To delete it: {delete}')
    _show_moved(document["moved"], path, console)


def _show_moved(moved: Sequence[dict[str, str]], path: Path, console: Console) -> None:
    from tldesk.cli.finding_words import folder_word

    lines = [f"{one['path']}: label {one['label']}, {folder_word(one['folder'])}" for one in moved]
    console.some("image not in the folder of its class", "images not in the folders of their classes", lines)
    if moved:
        console.say(f"To accept what the folders say: tldesk classes {typed(path)} --accept-folders")
