"""Finds the files that the cells of a table name.

The path in a cell is taken to the letter where it can be: an exact path wins. A cell may also give the end of
a file's path (``b/x.jpg`` for ``photos/b/x.jpg``), and a file's whole path may be the end of the cell's, if
what stands before it is the same in every cell or is the folder of pictures itself (a path from another
computer). What is left out must end with the name of that folder, or be a folder that says nothing
(``images``). A cell that names folders is never reduced to its file name where the file lies in others.

Case, the encoding of accents, the suffix, leading zeros and the marks that other programs add to names are
disregarded only where nothing is named more closely, by this cell or another one.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tldesk.dataset.files.folder_words import is_container
from tldesk.dataset.files.split_words import split_named
from tldesk.dataset.tables.cell_paths import (
    NUMBER,
    SUFFIX,
    Parts,
    Spelling,
    fold,
    keys_of,
    parts_of,
    plain_name,
    raw_parts,
    readings,
    spelt,
    stem_of,
)

_ABSOLUTE = re.compile(r"/|[a-z]:[/\\]|\\\\|[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_TELLING_FOLDERS = 2  # such as patient00001/study1, which tell pictures apart without what stands before
_DRIVE = re.compile(r"[a-z]:|mnt|media|volumes")


class _Found(NamedTuple):
    paths: Sequence[str] = ()
    far: tuple[int, ...] = ()  # how far the name is from that of the file; () is the same
    removed: Parts = ()  # folders of the cell that were left out
    other_suffix: bool = False
    by_number: bool = False

    @property
    def only(self) -> str | None:
        return self.paths[0] if len(self.paths) == 1 else None


@dataclass(frozen=True)
class NamedFiles:
    """The files named by the cells of a column.

    Attributes:
        files: for each cell, the relative path of the only file that it names; else None.
        lost: cells that name no file, in order.
        several: cells that could name several files.
        elsewhere: (cell, path) of lost cells of which another folder has a file of the same name.
        other_suffix: (cell, path) of files that were taken although their suffix is another one.
        padded: (cell, path) of files that were taken for a number written with other zeros.
        removed: the folders before all names that the folder of pictures does not have; "" if there are none.
        blank: number of empty cells.
    """

    files: tuple[str | None, ...]
    lost: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    other_suffix: tuple[tuple[str, str], ...] = ()
    padded: tuple[tuple[str, str], ...] = ()
    removed: str = ""
    blank: int = 0

    @property
    def matched(self) -> int:
        """The number of cells with a file."""
        return sum(path is not None for path in self.files)


class FileNames:
    """The files of a folder, to be found by the cells of a table."""

    def __init__(self, paths: Iterable[str], root: Path | None = None) -> None:
        """Take relative paths with forward slashes, and the folder ``root`` that they are relative to."""
        self._paths = dict.fromkeys(paths)
        self._root = root
        self._root_parts = fold(root.absolute().parts) if root is not None else ()
        self._indexes: dict[tuple[Spelling, int], dict[Parts, list[str]]] = {}

    def named_by(self, cells: Sequence[str], *, whole: bool = False) -> NamedFiles:
        """Find the files of a column's cells.

        Args:
            cells: the paths or names, one a row.
            whole: each cell is a complete path below the folder, so a bare name means a file at the top.
        """
        constant = _Constant(cells)
        cache: dict[str, _Found] = {}
        for cell in cells:
            if cell not in cache:
                cache[cell] = self._find(cell, constant, whole)
        if not _is_one_convention(cache):
            cache.update({cell: _Found() for cell, one in cache.items() if one.by_number})
        nearest: dict[str, tuple[int, ...]] = {}
        for one in cache.values():
            if one.only:
                nearest[one.only] = min(nearest.get(one.only, one.far), one.far)
        for cell, one in cache.items():  # a looser name gives way where another row names the file closely
            if one.only and one.far > nearest[one.only]:
                cache[cell] = _Found()
        return self._told(cells, [cache[cell] for cell in cells])

    @cached_property
    def _folded(self) -> dict[str, Parts]:
        return {path: fold(path.split("/")) for path in self._paths}

    @property
    def paths(self) -> tuple[str, ...]:
        """All relative paths, in the order given."""
        return tuple(self._paths)

    def names_in(self, cells: Iterable[str]) -> bool:
        """Return whether one of the cells is the name of a file, with its suffix."""
        return any(
            self._index(Spelling.NAME, 1).get(parts[-1:]) is not None and SUFFIX.search(parts[-1])
            for parts in (parts_of(cell) for cell in cells)
            if parts
        )

    def folders(self) -> set[str]:
        """Return the names of all folders, folded."""
        parents = {path.rpartition("/")[0] for path in self._paths}
        return set(itertools.chain.from_iterable(fold(parent.split("/")) for parent in parents if parent))

    def _told(self, cells: Sequence[str], found: Sequence[_Found]) -> NamedFiles:
        pairs = list(zip(cells, found, strict=True))
        lost = tuple(cell for cell, one in pairs if not one.paths and cell.strip())
        return NamedFiles(
            files=tuple(one.only for one in found),
            lost=lost,
            several=tuple(cell for cell, one in pairs if len(one.paths) > 1),
            elsewhere=tuple((cell, path) for cell in lost if (path := self._elsewhere(cell))),
            other_suffix=tuple((cell, one.only) for cell, one in pairs if one.other_suffix and one.only),
            padded=tuple((cell, one.paths[0]) for cell, one in pairs if one.by_number and one.only),
            removed=next(
                ("/".join(raw_parts(cell)[: len(one.removed)]) for cell, one in pairs if one.removed), ""
            ),
            blank=sum(not cell.strip() for cell in cells),
        )

    def _elsewhere(self, cell: str) -> str:
        if self._is_of_no_file(cell):
            return ""
        parts = parts_of(cell)
        if len(parts) < 2:
            return ""
        there = self._index(Spelling.NAME, 1).get(parts[-1:], ())
        return there[0] if there else ""

    def _find(self, cell: str, constant: _Constant, whole: bool) -> _Found:
        if cell in self._paths:
            return _Found((cell,))
        if self._is_of_no_file(cell):
            return _Found()
        for parts in readings(cell):
            for spelling, key, other_suffix in keys_of(parts):
                found = self._placed(spelling, key, constant, whole, cell)
                if found.paths:
                    return found._replace(
                        other_suffix=other_suffix,
                        by_number=spelling is Spelling.NUMBER,
                        far=(
                            *found.far,
                            other_suffix,
                            not _is_as_written(cell, found.paths[0]),
                            spelling.value,
                        ),
                    )
        return _Found()

    def _is_of_no_file(self, cell: str) -> bool:
        """Return whether plainly no file is called so: most rows, where a table is about many folders."""
        said = plain_name(cell)
        return said is not None and not (said[0] in self._last_names or self._last_stems.intersection(said))

    @cached_property
    def _last_names(self) -> frozenset[str]:
        return frozenset(parts[-1] for parts in self._index(Spelling.NAME, 1))

    @cached_property
    def _last_stems(self) -> frozenset[str]:
        return frozenset(parts[-1] for parts in self._index(Spelling.STEM, 1))

    def _placed(self, spelling: Spelling, key: Parts, constant: _Constant, whole: bool, cell: str) -> _Found:
        if key[-1:] not in self._index(spelling, 1):  # most rows, where a table is about many folders
            return _Found()
        exact = self._index(spelling, 0).get(key)
        if exact:
            return _Found(exact, (0,))
        tail = self._index(spelling, len(key)).get(key)
        if tail and not (whole and len(key) == 1):
            return _Found(tail, (1,))
        for count in range(1, len(key)):
            before, rest = key[:count], key[count:]
            moved = self._index(spelling, 0).get(rest)
            if moved and self._may_leave_out(before, len(rest) - 1, constant, cell):
                return _Found(moved, (1,), () if _shared_end(before, self._root_parts) else before)
        return _Found()

    def _may_leave_out(self, before: Parts, left: int, constant: _Constant, cell: str) -> bool:
        """Return whether the folders before a path are the folder of pictures, or say nothing.

        So they are taken as well if enough folders are left to tell the pictures apart: a data set that was
        unpacked into a folder of another name.
        """
        shared = _shared_end(before, self._root_parts)
        if len(before) - shared > constant.of_kind(_is_absolute(cell)):
            return False
        own = self._root_parts[-1] if self._root_parts else ""
        if shared and not is_container(own):
            return True
        named = _without_containers(before, own)
        says_nothing = shared or not named or named[-1:] == self._root_parts[-1:] or left >= _TELLING_FOLDERS
        return bool(says_nothing) and not self._is_another_folder(len(before), cell)

    def _is_another_folder(self, count: int, cell: str) -> bool:
        """Return whether a cell's first folders exist, where it says or beside the folder of pictures."""
        if self._root is None:
            return False
        root, before = self._root.absolute(), raw_parts(cell)[:count]
        starts = [Path("/")] if _is_absolute(cell) else list(root.parents)[:count]
        try:
            places = [start.joinpath(*before) for start in starts]
            return any(place.is_dir() and not place.samefile(root) for place in places)
        except OSError:
            return False

    def _index(self, spelling: Spelling, depth: int) -> dict[Parts, list[str]]:
        """Return the files by the last ``depth`` parts of their paths; 0 for whole paths."""
        index = self._indexes.get((spelling, depth))
        if index is None:
            index = self._indexes[spelling, depth] = {}
            for path, parts in self._folded.items():
                key = spelt(parts, spelling) if len(parts) >= depth else None
                if key is not None:
                    index.setdefault(key[-depth:], []).append(path)
        return index


class _Constant:
    """How many outer folders all paths of a column have in common: absolute paths, and relative ones."""

    def __init__(self, cells: Iterable[str]) -> None:
        self._cells = cells
        self._counts: dict[bool, int] = {}  # counted when first asked for, which is rare

    def of_kind(self, absolute: bool) -> int:
        if not self._counts:
            kinds: dict[bool, set[Parts]] = {True: set(), False: set()}
            for cell in set(self._cells):
                if cell.strip():
                    kinds[_is_absolute(cell)].add(parts_of(cell)[:-1])
            self._counts = {kind: _shared_start(folders) for kind, folders in kinds.items()}
        return self._counts[absolute]


def _says_nothing(folder: str, opened: str) -> bool:
    """Return whether a folder's name says nothing about its pictures: a container, a drive, a split.

    A split does say something if the folder that was opened is another split.
    """
    if is_container(folder) or _DRIVE.fullmatch(folder):
        return True
    split = split_named(folder)
    return split is not None and split_named(opened) in {None, split}


def _without_containers(folders: Parts, opened: str) -> Parts:
    """Return the folders down to the last whose name says something."""
    said = [place for place, folder in enumerate(folders, start=1) if not _says_nothing(folder, opened)]
    return folders[: said[-1]] if said else ()


def _is_one_convention(found: Mapping[str, _Found]) -> bool:
    """Return whether all cells that differ from their files by zeros do so in the same way.

    All files have as many digits, or as many as their numbers need; all cells are decimals, or none.
    """
    by_number = {cell: one.only for cell, one in found.items() if one.by_number and one.only}
    decimals = {"." in parts_of(cell)[-1] for cell in by_number}
    stems = [
        stem_of(one.only.rpartition("/")[2])
        for cell, one in found.items()
        if by_number and one.only and NUMBER.fullmatch(parts_of(cell)[-1])
    ]
    width = min(map(len, stems), default=0)
    return len(decimals) < 2 and all(
        stem == str(int(stem)).zfill(width) for stem in stems if stem.isdecimal()
    )


def _is_as_written(cell: str, path: str) -> bool:
    """Return whether a path is the cell's but for folders before it and the suffix."""
    said, name = "/".join(raw_parts(cell)), "/" + unicodedata.normalize("NFC", path)
    ends = {"/" + one for text in [unicodedata.normalize("NFC", said)] for one in (text, stem_of(text))}
    return any(
        long.endswith(short)
        for end in ends
        for one in (name, stem_of(name))
        for long, short in ((end, one), (one, end))
    )


def _is_absolute(cell: str) -> bool:
    return _ABSOLUTE.match(cell.strip()) is not None


def _shared_start(folders: Iterable[Parts]) -> int:
    several = list(folders)
    if not several:
        return 0
    return sum(
        1 for _ in itertools.takewhile(lambda level: len(set(level)) == 1, zip(*several, strict=False))
    )


def _shared_end(first: Parts, second: Parts) -> int:
    pairs = zip(reversed(first), reversed(second), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
