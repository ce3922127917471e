"""Reads the path in a cell of a table, and spells it as files may be called.

A path may be an address, the way in which a labelling program names an uploaded or a local file, or have
blanks and quotation marks around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from urllib.parse import parse_qs, unquote, urlsplit

from tldesk.dataset.name_order import folded

SUFFIX = re.compile(r"\.[a-z][a-z0-9]{1,4}$", re.IGNORECASE)
NUMBER = re.compile(
    r"(\d+)(\.0+)?", re.ASCII
)  # 12, 012, and 12.0 as programs write it that know only numbers
_PLAIN_NAME = re.compile(r"[^%\"'?&=]*[^%\"'?&=.\s][^%\"'?&=]*")
_BEFORE_SUFFIX = re.compile(r"\s+(?=\.[a-z][a-z0-9]{1,4}$)", re.IGNORECASE)
_UPLOAD_MARK = re.compile(r"^[0-9a-f]{8}-(?=.)")  # Label Studio's, before the name of an uploaded file
_PHOTO_SIZES = frozenset({"original", "large", "medium", "small", "square", "thumb"})  # iNaturalist's names


Parts = tuple[str, ...]


class Spelling(Enum):
    """The part of a file's name by which it is found."""

    NAME = auto()
    STEM = auto()
    NUMBER = auto()


def fold(parts: Iterable[str]) -> Parts:
    """Return names as they are compared: without blanks around them and before the suffix."""
    return tuple(_BEFORE_SUFFIX.sub("", folded(part)) for part in parts)


def parts_of(cell: str) -> Parts:
    """Return the folded parts of the path in a cell; of an address, those of its path."""
    return fold(raw_parts(cell))


def raw_parts(cell: str) -> Parts:
    """Return the parts of the path in a cell as they are written."""
    text = cell.strip().strip("\"'")
    if "://" in text:
        address = urlsplit(text)
        text = parse_qs(address.query).get("d", [unquote(address.path)])[0]
    elif "?d=" in text:  # Label Studio's local files
        text = unquote(text.split("?d=", 1)[1])
    return tuple(part for part in text.replace("\\", "/").split("/") if part.strip() not in {"", ".", ".."})


def readings(cell: str) -> Iterator[Parts]:
    """Yield the ways to read a cell, the plainest first."""
    parts = parts_of(cell)
    if not parts:
        return
    yield parts
    if any("%" in part for part in parts):
        parts = fold(unquote(part) for part in parts)
        yield parts
    *folders, name = parts
    if _UPLOAD_MARK.match(name):
        yield (name,)
        yield (_UPLOAD_MARK.sub("", name),)  # the folder is the other program's
    if folders and stem_of(name) in _PHOTO_SIZES:
        yield (folders[-1],)


def keys_of(parts: Parts) -> Iterator[tuple[Spelling, Parts, bool]]:
    """Yield the names by which a file may be found, the closest first; True if the suffix is another one."""
    *folders, name = parts
    yield Spelling.NAME, parts, False
    yield Spelling.STEM, parts, False
    number = NUMBER.fullmatch(name)
    if number:
        yield Spelling.NUMBER, (*folders, str(int(number[1]))), False
    if SUFFIX.search(name):
        yield Spelling.STEM, (*folders, stem_of(name)), True


def spelt(parts: Parts, spelling: Spelling) -> Parts | None:
    """Return a file's path by that part of its name; None if the name has no such part."""
    *folders, name = parts
    if spelling is Spelling.NAME:
        return parts
    stem = stem_of(name)
    if spelling is Spelling.STEM:
        return (*folders, stem)
    return (*folders, str(int(stem))) if stem.isascii() and stem.isdecimal() else None


def stem_of(name: str) -> str:
    """Return a name without its suffix."""
    return SUFFIX.sub("", name) or name


def plain_name(cell: str) -> tuple[str, str] | None:
    """Return the folded file name in a cell, with suffix and without; None if it may be read otherwise."""
    name = cell.replace("\\", "/").rpartition("/")[2].strip()
    marked = _UPLOAD_MARK.match(name) or NUMBER.fullmatch(name) or "://" in cell or "?" in cell
    if marked or not _PLAIN_NAME.fullmatch(name):
        return None
    (name,) = fold([name])
    stem = stem_of(name)
    return None if stem in _PHOTO_SIZES else (name, stem)
