"""Recognises packed folders (zip and others), in which people get and send pictures."""

from __future__ import annotations

from pathlib import Path

from tldesk.base import Problem

_PACKED = (".zip", ".rar", ".7z", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", ".iso")


def is_packed(path: Path) -> bool:
    """Return whether a file is a packed folder, by its name."""
    return path.name.lower().endswith(_PACKED)


def packed_problem(path: Path) -> Problem:
    """Return the problem that a packed folder cannot be read as it is."""
    fix = "Unpack it first, then choose the folder that comes out"
    return Problem(str(path), "this is a packed folder", fix)
