"""The folders that are searched for weights, in order, and finding a backbone's file in a folder."""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tldesk.base import machine_weights_dir, resource, user_weights_dir
from tldesk.imaging import is_candidate
from tldesk.model.card_types import Card

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
"""Suffixes of weight files."""

_LEVELS = 3
"""Depth to which a folder is searched: enough for a USB stick or a download folder, but not a whole disk."""
_LOOKED_AT = 200

WeightsOwner = Literal["project", "user", "given", "machine", "program", "downloads"]


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """A folder that is searched for weights.

    Attributes:
        name: the owner: the open project ("project"), the user, ``TLDESK_WEIGHTS`` ("given"), all users of
            this computer ("machine"), the program, or torch ("downloads").
        folder: its path; it need not exist.
    """

    name: WeightsOwner
    folder: Path

    def find(self, known: Card) -> Path | None:
        """Return the backbone's file in this folder, or None: ``<backbone>.safetensors``, else first by name.

        In torch's download folder only torchvision's published file names are accepted.
        """
        if self.name == "downloads":
            candidates = (self.folder / name for name in known.weight_files)
            return next((path for path in candidates if path.is_file()), None)
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError:
            return None
        fitting = [name for name in names if _is_called_after(known, name)]
        own = f"{known.name}.safetensors"
        chosen = own if own in fitting else next(iter(fitting), None)
        return self.folder / chosen if chosen else None


def weights_search_path(project: Path | None = None) -> tuple[WeightsFolder, ...]:
    """Return the folders in search order; with a project, its own weights come first."""
    given = os.environ.get("TLDESK_WEIGHTS", "")
    own = () if project is None else (WeightsFolder("project", project / "weights"),)
    return (
        *own,
        WeightsFolder("user", user_weights_dir()),
        *(WeightsFolder("given", Path(part)) for part in given.split(os.pathsep) if part),
        WeightsFolder("machine", machine_weights_dir()),
        WeightsFolder("program", resource("weights")),
        WeightsFolder("downloads", _torch_downloads()),
    )


def weight_files(folder: Path, levels: int = _LEVELS) -> tuple[Path, ...]:
    """Return the weight files in a folder, then those in its subfolders, by name; hidden ones are skipped.

    Raises:
        OSError: the folder cannot be read.
    """
    inside = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    files = [path for path in inside if is_weight_file(path)]
    if levels:
        for path in inside:
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    files += weight_files(path, levels - 1)
    return tuple(files)


def is_weight_file(path: Path) -> bool:
    """Return whether this is a file with the suffix of a weight file."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def is_for_the_library(path: Path) -> bool:
    """Return whether a dropped path is a weight file, or a folder of weight files without pictures."""
    if not path.is_dir():
        return is_weight_file(path)
    try:
        seen = [one for one in itertools.islice(path.iterdir(), _LOOKED_AT) if not one.name.startswith(".")]
    except OSError:
        return False
    strange = any(one.is_dir() or is_candidate(one) for one in seen)
    return not strange and any(is_weight_file(one) for one in seen)


def _torch_downloads() -> Path:
    """Return torch's download folder (as ``torch.hub.get_dir``, without importing torch)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"


def _is_called_after(known: Card, name: str) -> bool:
    if known.ships:  # there are no other files with these weights
        return name == f"{known.name}.safetensors"
    if name in known.weight_files:
        return True
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    return suffix.lower() in SUFFIXES and (stem == known.name or stem.startswith(f"{known.name}-"))
