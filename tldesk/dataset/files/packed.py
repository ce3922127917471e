"""Recognises packed folders (zip and others), in which people get and send pictures."""

from __future__ import annotations

from pathlib import Path

from tldesk.base import Problem

_PACKED = (".zip", ".rar", ".7z", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", ".iso")


def is_packed(path: Path) -> bool:
    """Return whether a file is a packed folder, by its name."""
    return path.name.lower().endswith(_PACKED)


def is_zip(path: Path) -> bool:
    """Return whether a file is a zip file, by its name: that kind can be unpacked into a project."""
    return path.suffix.lower() == ".zip"


def packed_problem(path: Path, command: str = "") -> Problem:
    """Return the problem that a packed folder cannot be read as it is; ``command`` unpacks a zip file."""
    fix = "Unpack it first, then choose the folder that comes out"
    return Problem(str(path), "this is a packed folder", fix, command=command if is_zip(path) else "")
