"""``tldesk weights``: the pretrained weights on this computer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, file_size
from tldesk.cli.commands_to_type import TO_GET_WEIGHTS, steps_with_commands
from tldesk.cli.console import Console
from tldesk.cli.open_project import open_project
from tldesk.cli.stop_on_signal import Ended, stop_on_signal
from tldesk.model import Card, card
from tldesk.model.missing_weights import published_url

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.model.import_files import ImportResult
    from tldesk.model.library import FileCheck, WeightsEntry, WeightsLibrary

Uses = Mapping[str, Sequence[str]] | None
"""The names of the runs by backbone; None if no project was given."""

PLACES: Mapping[str, str] = {
    "project": "this project",
    "user": "your folder",
    "given": "TLDESK_WEIGHTS",
    "machine": "all users",
    "program": "the program",
    "downloads": "torch's downloads",
}
_RESULTS: Mapping[str, str] = {"taken": "imported", "left": "not needed", "refused": "refused"}


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser and those of its actions."""
    parser = commands.add_parser("weights", help="manage pretrained weights")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = _common(actions.add_parser("list", help="list all backbones and their weights"))
    listed.add_argument(
        "project",
        metavar="PROJECT",
        nargs="?",
        type=Path,
        help="also list the project's own weights, and the runs that use each",
    )
    shown = _common(
        actions.add_parser("show", help="show one backbone: licence, hash, runs, how to get its weights")
    )
    shown.add_argument("name", metavar="NAME")
    shown.add_argument(
        "project", metavar="PROJECT", nargs="?", type=Path, help="also list this project's runs"
    )
    imported = _common(
        actions.add_parser("import", help="import .pth, .pt or .safetensors files, or a folder of them")
    )
    imported.add_argument("paths", metavar="FILE|FOLDER", nargs="+", type=Path)
    imported.add_argument(
        "--project", metavar="PROJECT", type=Path, help="keep them in this project instead of your folder"
    )
    bundled = _common(actions.add_parser("bundle", help="pack weights into a folder for offline computers"))
    bundled.add_argument(
        "names", metavar="NAME", nargs="*", help="backbones; by default all that did not come with tldesk"
    )
    bundled.add_argument(
        "--to", metavar="DIR", required=True, type=Path, help="the folder, e.g. on a USB stick"
    )
    _common(actions.add_parser("places", help="list the folders searched for weights, in order"))
    _common(actions.add_parser("verify", help="compare files with their recorded hashes"))
    fetched = _common(actions.add_parser("fetch", help="download a backbone's published weights"))
    fetched.add_argument("name", metavar="NAME")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the action."""
    return _ACTIONS[args.action](args, console)


def _common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    for option in ("--json", "--quiet"):
        parser.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _list(args: argparse.Namespace, console: Console) -> int:
    entries, uses = _entries(args.project)
    here = [entry for entry in entries if entry.present]
    console.table(
        ("backbone", "weights", "parameters", "ImageNet", "place", "runs", "file"),
        [
            (
                entry.name,
                "present" if entry.present else "–",
                f"{card(entry.name).parameters / 1e6:.1f} M",
                _percent(card(entry.name).imagenet_accuracy),
                "" if entry.place is None else PLACES[entry.place],
                str(len(uses[entry.name])) if uses and entry.name in uses else "",
                "" if entry.path is None else f"{entry.path} ({file_size(entry.bytes)})",
            )
            for entry in entries
        ],
    )
    console.note(
        f"{len(here)} of {len(entries)} are on this computer. "
        "Licence, hash and how to get the weights of one: tldesk weights show NAME"
    )
    if here and all(card(entry.name).caution for entry in here):
        console.note(f"{card(here[0].name).caution} {TO_GET_WEIGHTS}")
    console.document({"weights": [_values(entry, uses) for entry in entries]})
    return 0


def _show(args: argparse.Namespace, console: Console) -> int:
    known = card(args.name)
    entries, uses = _entries(args.project, known.name)
    (entry,) = entries
    for title, value in _facts(entry, known, uses):
        console.say(f"{title + ':':12}{value}")
    for note in entry.notes:
        console.say(f"{'Note:':12}{note}")
    if not entry.present:
        console.say("To get them without a network connection:")
        for number, step in enumerate(steps_with_commands(known), start=1):
            console.say(f"  {number}. {step}")
    if not entry.present and not known.ships:
        console.say(f"To download them: tldesk weights fetch {known.name}")
    steps = [] if entry.present else list(steps_with_commands(known))
    console.document({**_values(entry, uses), "steps": steps})
    return 0


def _facts(entry: WeightsEntry, known: Card, uses: Uses) -> list[tuple[str, str]]:
    """Return the facts about a backbone's weights, with their headings."""
    facts = [("Backbone", f"{known.title} ({known.name}), {known.paper}"), *_of_the_card(known)]
    if entry.path is None or entry.place is None:
        published = published_url(known) or "with tldesk only"
        return [*facts, ("Weights", "not on this computer"), ("Published", published)]
    facts += [
        ("Weights", f"{entry.path} ({file_size(entry.bytes)})"),
        ("Place", PLACES[entry.place]),
        ("Source", entry.source or "unknown"),
        ("SHA-256", entry.sha256 or "not computed yet (tldesk weights verify)"),
    ]
    if entry.imported is not None:
        facts.append(("Imported", entry.imported))
    if uses is not None:
        facts.append(("Runs", ", ".join(uses.get(entry.name, ())) or "none of this project"))
    return facts


def _of_the_card(known: Card) -> list[tuple[str, str]]:
    facts = [
        ("Input", f"{known.input_size} x {known.input_size} pixels"),
        ("Licence", known.licence),
        ("Trained on", known.trained_on),
        ("Measured", known.transfer),
        ("Caution", known.caution and f"{known.caution} {TO_GET_WEIGHTS}"),
    ]
    return [(heading, words) for heading, words in facts if words]


def _entries(project: Path | None, name: str | None = None) -> tuple[tuple[WeightsEntry, ...], Uses]:
    """Return all backbones or one; with a project, include its own weights and the runs that use each."""
    from tldesk.model.library import WeightsLibrary

    if project is None:
        library = WeightsLibrary()
        return (library.entries() if name is None else (library.entry(name),)), None
    from tldesk.run.weights_in_use import runs_by_weights

    with open_project(project) as opened:
        library = WeightsLibrary(project=opened.path)
        entries = library.entries() if name is None else (library.entry(name),)
        return entries, runs_by_weights(opened, entries)


def _import(args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.import_files import files_in, taking_in

    library = _library_to_import_into(args.project)
    files = files_in(args.paths)
    outcomes = console.result_of(taking_in(library, files))
    taken = [one.entry for one in outcomes if one.state != "refused"]
    refused = [one.refused for one in outcomes if one.refused is not None]
    if not taken and len(outcomes) == 1:
        raise ProblemError(*refused)
    if list(files) == args.paths and len(taken) == 1 and taken[0] is not None:
        _report_import(taken[0], console)
        _test_passed(outcomes, console)
        return 0
    console.table(
        ("file", "result", "backbone", "reason"),
        [
            (one.path.name, _RESULTS[one.state], "" if one.entry is None else one.entry.title, one.why)
            for one in outcomes
        ],
    )
    _test_passed(outcomes, console)
    console.document({"files": [_outcome(one) for one in outcomes]})
    if not taken:
        what = f"none of the {len(refused)} files was imported"
        raise ProblemError(Problem(str(args.paths[0]), what, "The table gives the reason for each file"))
    return 0


def _library_to_import_into(project: Path | None) -> WeightsLibrary:
    from tldesk.model.library import WeightsLibrary

    if project is None:
        return WeightsLibrary()
    with open_project(project) as opened:
        return WeightsLibrary(project=opened.path, into_project=True)


def _test_passed(outcomes: Sequence[ImportResult], console: Console) -> None:
    if any(one.state == "taken" for one in outcomes):
        console.note("Checked on generated pictures: the features are finite and differ between pictures.")


def _bundle(args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.bundle import HASHES, LICENCES, README, bundling
    from tldesk.model.library import WeightsLibrary

    packed = console.result_of(bundling(WeightsLibrary(), args.names, args.to))
    for path in packed:
        console.say(f"{path} ({file_size(path.stat().st_size)})")
    console.say(f"{args.to / README} explains how to use the folder on another computer.")
    files = [*packed, *(path.with_suffix(".json") for path in packed)]
    beside = [args.to / name for name in (README, LICENCES, HASHES)]
    console.document({"folder": str(args.to), "files": [str(path) for path in (*files, *beside)]})
    return 0


def _places(_args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.weights_folders import weights_search_path

    places = weights_search_path()
    rows = [
        (PLACES[one.name], str(one.folder), "" if one.folder.is_dir() else "does not exist") for one in places
    ]
    console.table(("place", "folder", ""), rows)
    console.note("The folder weights of a project is searched before all of these.")
    console.document({"places": [{"name": one.name, "folder": str(one.folder)} for one in places]})
    return 0


def _verify(_args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.library import WeightsLibrary

    found = WeightsLibrary().verify()
    for one in found:
        console.say(f"{one.name}: {one.what} ({one.path})")
    if not found:
        console.say("There are no weights to verify.")
    console.document({"weights": [_verified(one) for one in found]})
    wrong = [one for one in found if one.ok is False]
    if wrong:
        raise ProblemError(*(Problem(str(one.path), one.what, one.fix) for one in wrong))
    return 0


def _fetch(args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.library import WeightsLibrary

    with stop_on_signal("Stopping; nothing is kept.", console) as stop, console.bar() as bar:
        entry = WeightsLibrary().fetch(args.name, progress=bar.show, stop=stop)
    if stop.is_set():
        raise Ended(console.stopped_by)
    _report_import(entry, console)
    return 0


def _report_import(entry: WeightsEntry, console: Console) -> None:
    console.say(f"{entry.title}: weights imported ({entry.path}, {file_size(entry.bytes)})")
    for note in entry.notes:
        console.note(note)
    console.document(_values(entry))


def _outcome(one: ImportResult) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "state": one.state,
        "name": None if one.entry is None else one.entry.name,
        "why": one.why,
    }


def _values(entry: WeightsEntry, uses: Uses = None) -> dict[str, Any]:
    runs = {} if uses is None else {"runs": list(uses.get(entry.name, ()))}
    known = card(entry.name)
    return {
        "name": entry.name,
        "title": entry.title,
        "library": known.library,
        "present": entry.present,
        "path": None if entry.path is None else str(entry.path),
        "place": entry.place,
        "sha256": entry.sha256,
        "source": entry.source,
        "bytes": entry.bytes,
        "imported": entry.imported,
        "notes": list(entry.notes),
        "licence": known.licence,
        "published": published_url(known) or None,
        "trained_on": known.trained_on,
        "transfer": known.transfer,
        "caution": known.caution,
        **runs,
    }


def _verified(one: FileCheck) -> dict[str, Any]:
    return {"name": one.name, "path": str(one.path), "ok": one.ok, "what": one.what}


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Console], int]] = {
    "list": _list,
    "show": _show,
    "import": _import,
    "bundle": _bundle,
    "places": _places,
    "verify": _verify,
    "fetch": _fetch,
}
