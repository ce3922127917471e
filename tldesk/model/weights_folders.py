"""The folders that are searched for weights, in their order, and finding a backbone's file in one."""

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
"""How the names of weight files end."""

_LEVELS = 3
"""How deep a folder is searched: a stick's or a download folder's own folders, not a whole disk."""
_LOOKED_AT = 200

WeightsOwner = Literal["project", "user", "given", "machine", "program", "downloads"]


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """A folder that is searched for weights.

    Attributes:
        name: whose: the open project's, the user's own, one of ``TLDESK_WEIGHTS``, everybody's on this
            computer, the program's, or torch's downloads.
        folder: where; it need not be there.
    """

    name: WeightsOwner
    folder: Path

    def find(self, known: Card) -> Path | None:
        """The backbone's file in this folder: our own first, otherwise the first by name.

        Among torch's downloads only torchvision's own file names count.
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
    """The search path; for a project it begins with the project's own weights."""
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
    """The weight files in a folder, then those in the folders inside it, by name; hidden ones are left out.

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
    """Whether this is a file with the name of a weight file."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def is_for_the_library(path: Path) -> bool:
    """Whether what was dropped on the window is a weight file, or a folder of such files and no pictures."""
    if not path.is_dir():
        return is_weight_file(path)
    try:
        seen = [one for one in itertools.islice(path.iterdir(), _LOOKED_AT) if not one.name.startswith(".")]
    except OSError:
        return False
    strange = any(one.is_dir() or is_candidate(one) for one in seen)
    return not strange and any(is_weight_file(one) for one in seen)


def _torch_downloads() -> Path:
    """Where torch keeps what it downloaded (torch.hub.get_dir, without importing torch)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"


def _is_called_after(known: Card, name: str) -> bool:
    if known.ships:  # nobody else's file is
        return name == f"{known.name}.safetensors"
    if name in known.weight_files:
        return True
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    return suffix.lower() in SUFFIXES and (stem == known.name or stem.startswith(f"{known.name}-"))
