"""``tldesk doctor``: report on this computer and on problems to fix."""

from __future__ import annotations

import argparse
import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import file_size, user_dir
from tldesk.base.limits import cache_limits, size_text
from tldesk.cli.commands_to_type import TO_GET_WEIGHTS
from tldesk.cli.console import Console
from tldesk.cli.open_window import no_display
from tldesk.model import card

if TYPE_CHECKING:
    from tldesk.cli.main import Commands

PACKAGES = (
    "torch",
    "torchvision",
    "timm",
    "openvino",
    "numpy",
    "Pillow",
    "scikit-learn",
    "pydicom",
    "PySide6_Essentials",
    "pyqtgraph",
)
_WINDOW = ("PySide6_Essentials", "pyqtgraph")
_LITTLE = 2_000_000_000


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser, which has no arguments."""
    return commands.add_parser(
        "doctor", help="report versions, usable devices, disk space, display and weights"
    )


def run(args: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command has the same signature
    """Collect the facts and print them."""
    facts = look()
    _show(facts, console)
    console.document(facts)
    return 0


def look() -> dict[str, Any]:
    """Return all facts as one JSON document."""
    from tldesk import __version__
    from tldesk.model.library import WeightsLibrary

    devices = _devices()
    present = list(WeightsLibrary().present())
    facts: dict[str, Any] = {
        "tldesk": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "devices": devices,
        "folder": str(user_dir()),
        "cache_limits": asdict(cache_limits()),
        "disk_free": shutil.disk_usage(_existing(user_dir())).free,
        "display": no_display() is None,
        "weights": present,
    }
    return {**facts, "mend": _mend(facts)}


def _devices() -> list[dict[str, Any]]:
    from tldesk.engine import devices

    return [
        {"name": one.name, "title": one.title, "works": one.works, "reason": one.reason} for one in devices()
    ]


def _mend(facts: dict[str, Any]) -> list[str]:
    advice = [
        f"{device['title']} does not work ({device['reason']}). The CPU is used instead. Update the driver."
        for device in facts["devices"]
        if not device["works"]
    ]
    advice += _about_weights(facts["weights"])
    if any(facts["packages"][name] is None for name in _WINDOW):
        advice.append("The window is not installed. Install it with: pip install 'tldesk[ui]'")
    if not facts["display"]:
        advice.append(f"The window cannot open: {no_display()}. All commands work without it.")
    if facts["disk_free"] < _LITTLE:
        advice.append(
            f"Only {file_size(facts['disk_free'])} are free on the disk that holds {facts['folder']}."
        )
    return advice


def _about_weights(present: Sequence[str]) -> list[str]:
    if not present:
        return [
            "There are no pretrained weights on this computer, not even the starter's, so networks are "
            f"trained from scratch. Reinstall tldesk to restore the starter's. {TO_GET_WEIGHTS}"
        ]
    cautions = [card(name).caution for name in present]
    if not all(cautions):
        return []
    return [f"Only the starter's weights are on this computer. {cautions[0]} {TO_GET_WEIGHTS}"]


def _show(facts: dict[str, Any], console: Console) -> None:
    console.say(f"tldesk {facts['tldesk']}, Python {facts['python']}, {facts['system']}")
    for name, version in facts["packages"].items():
        console.say(f"  {name} {version or 'is not installed'}")
    console.say("Devices:")
    for device in facts["devices"]:
        state = "works" if device["works"] else f"does not work: {device['reason']}"
        console.say(f"  {device['name']}: {device['title']}, {state}")
    console.say(f"Program files: {facts['folder']}, {file_size(facts['disk_free'])} free")
    limits = {kind: size_text(size) for kind, size in facts["cache_limits"].items()}
    console.say(
        f"Cache limits: prepared images {limits['prepared']} and features {limits['features']} "
        f"per project, converted networks {limits['engines']}"
    )
    console.say(f"Display: {'yes' if facts['display'] else 'no'}")
    console.say(f"Weights: {', '.join(facts['weights']) or 'none'}")
    console.say("No problems found." if not facts["mend"] else "Problems:")
    for advice in facts["mend"]:
        console.say(f"  {advice}")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _existing(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
