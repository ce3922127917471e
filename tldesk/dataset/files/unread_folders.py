"""Folders beside others that hold pictures, but none that tldesk reads: classes that would be missed."""

from __future__ import annotations

from itertools import accumulate

from tldesk.dataset.files.walk import FoundFiles
from tldesk.dataset.left_out import MOST_NAMED
from tldesk.dataset.name_order import natural_key


def unread_notes(found: FoundFiles) -> tuple[str, ...]:
    """Return a sentence that names these folders, without a closing stop; nothing if there are none."""
    folders = unread_folders(found)
    if not folders:
        return ()
    rest = len(folders) - MOST_NAMED
    named = ", ".join(folders[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
    return (f"{named}: no picture that tldesk reads",)


def unread_folders(found: FoundFiles) -> tuple[str, ...]:
    """Return the outermost folders without a picture that is read, of those with pictures of other kinds."""
    with_pictures = {"", *(above for path in _parents(found) for above in _chain(path))}
    outermost = {next((one for one in _chain(path) if one not in with_pictures), "") for path in found.unread}
    return tuple(sorted(outermost - {""}, key=natural_key)) if found.files else ()


def _parents(found: FoundFiles) -> set[str]:
    return {path.rpartition("/")[0] for path in found.files}


def _chain(folder: str) -> list[str]:
    """Return a folder and those around it, outermost first."""
    return list(accumulate(folder.split("/"), lambda above, name: f"{above}/{name}"))
