"""``tldesk weights``: the pretrained weights on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, file_size
from tldesk.cli.console import Console
from tldesk.cli.interrupt import stop_on_interrupt

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.model.library import Verified, WeightsEntry


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """The four things to do with weights."""
    parser = commands.add_parser("weights", help="the library of pretrained weights")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _common(actions.add_parser("list", help="every backbone, with its weights or without"))
    taken_in = _common(actions.add_parser("import", help="take in a .pth or .safetensors file"))
    taken_in.add_argument("file", metavar="FILE", type=Path)
    _common(actions.add_parser("verify", help="compare the files with their recorded hashes"))
    fetched = _common(actions.add_parser("fetch", help="download a backbone's published weights"))
    fetched.add_argument("name", metavar="NAME")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Do what the action says."""
    return _ACTIONS[args.action](args, console)


def _common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    for option in ("--json", "--quiet"):
        parser.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _list(_args: argparse.Namespace, console: Console) -> int:
    from tldesk.model import card
    from tldesk.model.library import WeightsLibrary

    entries = WeightsLibrary().entries()
    console.table(
        ("backbone", "weights", "parameters", "ImageNet", "file"),
        [
            (
                entry.name,
                "here" if entry.present else "–",
                f"{card(entry.name).parameters / 1e6:.1f} M",
                _percent(card(entry.name).imagenet_accuracy),
                "" if entry.path is None else f"{entry.path} ({file_size(entry.bytes)})",
            )
            for entry in entries
        ],
    )
    console.document({"weights": [_values(entry) for entry in entries]})
    return 0


def _import(args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.library import WeightsLibrary

    _taken_in(WeightsLibrary().import_file(args.file), console)
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
        raise ProblemError(*(Problem(str(one.path), one.what, "Import or fetch it again") for one in wrong))
    return 0


def _fetch(args: argparse.Namespace, console: Console) -> int:
    from tldesk.model.library import WeightsLibrary

    with stop_on_interrupt("Stopping; nothing is kept.") as stop, console.bar() as bar:
        entry = WeightsLibrary().fetch(args.name, progress=bar.show, stop=stop)
    if stop.is_set():
        raise KeyboardInterrupt
    _taken_in(entry, console)
    return 0


def _taken_in(entry: WeightsEntry, console: Console) -> None:
    console.say(f"{entry.title}: weights are here now ({entry.path}, {file_size(entry.bytes)})")
    for note in entry.notes:
        console.note(note)
    console.document(_values(entry))


def _values(entry: WeightsEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "present": entry.present,
        "path": None if entry.path is None else str(entry.path),
        "sha256": entry.sha256,
        "source": entry.source,
        "bytes": entry.bytes,
        "imported": entry.imported,
        "notes": list(entry.notes),
    }


def _verified(one: Verified) -> dict[str, Any]:
    return {"name": one.name, "path": str(one.path), "ok": one.ok, "what": one.what}


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Console], int]] = {
    "list": _list,
    "import": _import,
    "verify": _verify,
    "fetch": _fetch,
}
