"""Folders beside others that hold pictures, but none that tldesk reads: classes that would be missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from tldesk.dataset.files.walk import FoundFiles
from tldesk.dataset.left_out import MOST_NAMED
from tldesk.dataset.name_order import natural_key


def unread_notes(found: FoundFiles) -> tuple[str, ...]:
    """Return a sentence that names these folders, without a closing stop; nothing if there are none."""
    said = (
        (unread_folders(found), "no picture that tldesk reads"),
        (empty_folders(found), "nothing in it, so it gives no class"),
    )
    return tuple(f"{_named(folders)}: {what}" for folders, what in said if folders)


def _named(folders: Sequence[str]) -> str:
    rest = len(folders) - MOST_NAMED
    return ", ".join(folders[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def unread_folders(found: FoundFiles) -> tuple[str, ...]:
    """Return the outermost folders without a picture that is read, of those with pictures of other kinds."""
    return _outermost(found, found.unread)


def empty_folders(found: FoundFiles) -> tuple[str, ...]:
    """Return the folders with nothing in them that lie beside folders with pictures."""
    beside = {folder.rpartition("/")[0] for folder in _parents(found) - {""}}
    return tuple(sorted((one for one in found.empty if one.rpartition("/")[0] in beside), key=natural_key))


def _outermost(found: FoundFiles, folders: Iterable[str]) -> tuple[str, ...]:
    with_pictures = {"", *(above for path in _parents(found) for above in _chain(path))}
    outermost = {next((one for one in _chain(path) if one not in with_pictures), "") for path in folders}
    return tuple(sorted(outermost - {""}, key=natural_key)) if found.files else ()


def _parents(found: FoundFiles) -> set[str]:
    return {path.rpartition("/")[0] for path in found.files}


def _chain(folder: str) -> list[str]:
    """Return a folder and those around it, outermost first."""
    return list(accumulate(folder.split("/"), lambda above, name: f"{above}/{name}"))
