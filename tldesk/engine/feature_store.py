"""A table on disk with one array per image, found by the image's content hash.

The table is append-only and survives a crash at any moment: a row is valid only if its line in the index is
complete, and the line is written after the row is on disk. The line contains the row's checksum, so a damaged
row is detected and recomputed. Several processes may read and write the same store.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import DTypeLike, NDArray

from tldesk.base import Problem, ProblemError, write_atomic
from tldesk.engine.cache_in_use import InUseMarker

_VERSION = 2
_LINE = re.compile(rb"([!-~]+) ([0-9a-f]{8})\n")


@dataclass(frozen=True, slots=True)
class _RowLocation:
    """The index of a row, and the checksum (CRC-32) of its bytes."""

    row: int
    checksum: int


class FeatureStore:
    """A growing table on disk: content hash -> array of one shape and dtype.

    Attributes:
        folder: contains ``rows.bin`` (the rows one after the other), ``index.txt`` (one line per row, in the
            same order, with content hash and checksum), ``about.json`` (key, shape, dtype; its modification
            time is the last use) and ``lock``.
        shape: shape of one row.
        dtype: dtype of a row.
    """

    def __init__(self, folder: Path, key: str, shape: Sequence[int], dtype: DTypeLike) -> None:
        self.folder = folder
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self._row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        self._places: dict[str, _RowLocation] = {}
        self._checked: set[int] = set()
        self._count = 0
        self._read_to = 0
        self._lock = FileLock(folder / "lock", thread_local=False)
        self._mark = InUseMarker(folder)  # while this object exists, clearing and eviction skip the folder
        self._describe(key)
        self.refresh()

    @classmethod
    def shape_in(cls, folder: Path, key: str) -> tuple[int, ...] | None:
        """Return the shape of the rows stored in a folder; None if it has no store with this key."""
        about = _read(folder / "about.json")
        if not isinstance(about, dict) or (about.get("key"), about.get("version")) != (key, _VERSION):
            return None
        shape = about.get("shape")
        return tuple(shape) if isinstance(shape, list) else None

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, content: str) -> bool:
        return content in self._places

    @property
    def row_bytes(self) -> int:
        """Size of one row in bytes."""
        return self._row_bytes

    def refresh(self) -> None:
        """Read the index lines that other processes have added."""
        if not self._index.exists() or not self._rows.exists():
            return
        with self._index.open("rb") as file:
            file.seek(self._read_to)
            added = file.read()
        lines = added.split(b"\n")[:-1][: self._rows.stat().st_size // self._row_bytes - self._count]
        for line in lines:
            found = _LINE.fullmatch(line + b"\n")
            if found:
                # The row of a damaged line is missing, so it is recomputed.
                self._places[found[1].decode("ascii")] = _RowLocation(self._count, int(found[2], 16))
            self._count += 1
            self._read_to += len(line) + 1

    def missing(self, contents: Iterable[str]) -> list[str]:
        """Return the content hashes without a valid row, without duplicates, in the given order.

        A row is compared with its checksum the first time it is requested.
        """
        wanted = list(dict.fromkeys(contents))
        for damaged in self._damaged(wanted):
            del self._places[damaged]
        return [content for content in wanted if content not in self._places]

    def places(self, contents: Sequence[str]) -> NDArray[np.int64]:
        """Return the (n,) row numbers of these content hashes.

        Raises:
            KeyError: a content has no row.
        """
        return np.array([self._places[content].row for content in contents], dtype=np.int64)

    def rows(self) -> NDArray[np.generic]:
        """Return all rows, (n, *shape), memory-mapped and read-only."""
        if not self._count:
            return np.empty((0, *self.shape), self.dtype)
        return np.memmap(self._rows, self.dtype, "r", shape=(self._count, *self.shape))

    def get(self, contents: Sequence[str]) -> NDArray[np.generic]:
        """Return the rows of these content hashes in this order, (n, *shape), copied into memory.

        Raises:
            KeyError: a content has no row.
        """
        places = self.places(contents)
        return np.asarray(self.rows()[places])

    def add(self, contents: Sequence[str], rows: NDArray[np.generic]) -> None:
        """Append rows (n, *shape); they are on disk when this returns. Existing rows are not replaced.

        Raises:
            ProblemError: the disk is full or read-only.
            ValueError: the rows have another shape.
        """
        if rows.shape != (len(contents), *self.shape):
            raise ValueError(
                f"rows of shape {rows.shape} do not fit {len(contents)} contents of {self.shape}"
            )
        try:
            with self._lock:
                self._mend()
                self.refresh()
                self._append(contents, rows)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def _damaged(self, contents: Sequence[str]) -> list[str]:
        """Return the content hashes whose rows differ from their checksums; each row is checked only once."""
        unseen = [
            one for one in contents if one in self._places and self._places[one].row not in self._checked
        ]
        if not unseen:
            return []
        kept, damaged = self.rows(), []
        for content in unseen:
            place = self._places[content]
            if zlib.crc32(np.ascontiguousarray(kept[place.row]).data.cast("B")) == place.checksum:
                self._checked.add(place.row)
            else:
                damaged.append(content)
        return damaged

    def _append(self, contents: Sequence[str], rows: NDArray[np.generic]) -> None:
        places = {content: place for place, content in enumerate(contents) if content not in self._places}
        if not places:
            return
        new = np.ascontiguousarray(rows[list(places.values())], dtype=self.dtype)
        with self._rows.open("ab") as file:
            file.write(new.data.cast("B"))
            file.flush()
            os.fsync(file.fileno())
        lines = [
            f"{content} {zlib.crc32(row.data.cast('B')):08x}\n"
            for content, row in zip(places, new, strict=True)
        ]
        with self._index.open("ab") as file:
            file.write("".join(lines).encode("ascii"))
        self.refresh()

    def _mend(self) -> None:
        """Remove what a crash left incomplete: a partial index line, rows without a line."""
        if not self._index.exists() or not self._rows.exists():
            for path in (self._index, self._rows):
                path.write_bytes(b"")
            self._forget()
            return
        lines = self._index.read_bytes()
        count = min(lines.count(b"\n"), self._rows.stat().st_size // self._row_bytes)
        end = _end_of_line(lines, count)
        if end < len(lines):
            os.truncate(self._index, end)
        if self._rows.stat().st_size > count * self._row_bytes:
            os.truncate(self._rows, count * self._row_bytes)
        if end < self._read_to:
            self._forget()

    def _forget(self) -> None:
        self._places, self._count, self._read_to = {}, 0, 0
        self._checked = set()

    def _describe(self, key: str) -> None:
        about = {"version": _VERSION, "key": key, "shape": list(self.shape), "dtype": self.dtype.str}
        path = self.folder / "about.json"
        if _read(path) == about:
            # The time of the last use determines the order of eviction.
            with contextlib.suppress(OSError):
                os.utime(path)
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                if _read(path) != about:
                    # Another layout or a damaged description: delete the rows, they can be recomputed.
                    for old in (self._index, self._rows):
                        old.unlink(missing_ok=True)
                    write_atomic(path, json.dumps(about) + "\n")
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    @property
    def _rows(self) -> Path:
        return self.folder / "rows.bin"

    @property
    def _index(self) -> Path:
        return self.folder / "index.txt"


def _end_of_line(text: bytes, count: int) -> int:
    end = 0
    for _ in range(count):
        end = text.index(b"\n", end) + 1
    return end


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _cannot_write(folder: Path, error: OSError) -> ProblemError:
    return ProblemError(
        Problem(
            str(folder),
            f"what was computed could not be kept ({error.strerror or error})",
            "Free some space on that disk, or clear the project's caches, and start again",
            command="tldesk cache PROJECT --clear all",
        )
    )
