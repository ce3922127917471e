"""The names and results of grouping rules in words, the same wherever they are offered."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import plural
from tldesk.dataset import BurstGroups, ColumnGroups, CopyGroups, FilenamePattern, FolderGroups, NoGroups

if TYPE_CHECKING:
    from tldesk.dataset import GroupBy, GroupPreview, GroupProposal

_LONGEST = 28
# Rules that are almost always right: columns such as patient, and copies of files
_SURE = frozenset({"column", "copies"})


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("Groups", text)


def is_sure(proposal: GroupProposal) -> bool:
    """Return whether the suggested rule is selected by default."""
    return proposal.kind in _SURE


def title_of(by: GroupBy, gives: GroupPreview | None = None) -> str:
    """Return what a rule keeps together; a pattern of names is described by its result ``gives``."""
    match by:
        case ColumnGroups(name):
            return tr("Images with the same “{0}”").format(name)
        case CopyGroups():
            return tr("Edited copies and their originals, by name")
        case FolderGroups():
            return tr("Images in the same folder")
        case BurstGroups():
            return tr("Images taken within a minute of each other")
        case NoGroups():
            return tr("Every image on its own")
        case FilenamePattern(regex):
            examples = gives.examples[:2] if gives is not None else ()
            shared = "”, “".join(_short(name) for name, _ in examples) or regex
            return tr("Images whose names share a part, such as “{0}”").format(shared)


def numbers_of(gives: GroupPreview) -> str:
    """``900 images in 412 groups of up to 8``."""
    words = tr("{0} in {1}").format(
        plural(gives.images, tr("image"), tr("images")), plural(gives.groups, tr("group"), tr("groups"))
    )
    return tr("{0} of up to {1}").format(words, f"{gives.largest:,}") if gives.largest > 1 else words


def example_of(gives: GroupPreview) -> str:
    """Return names of files that would form one group; "" if no group has several files."""
    if not gives.examples:
        return ""
    names = ", ".join(f"“{_short(PurePosixPath(path).name)}”" for path in gives.examples[0][1])
    return tr("for example: {0}").format(names)


def words_of(gives: GroupPreview) -> str:
    """Return the numbers and an example."""
    return "; ".join(filter(None, (numbers_of(gives), example_of(gives))))


def _short(name: str) -> str:
    """Return beginning and end of a name that is too long for a line."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 12]}…{name[-11:]}"
