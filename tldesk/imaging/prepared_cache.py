"""Prepared pictures: decoded and reduced once, for thumbnails, training, prediction and saliency."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tldesk.base import Progress, ProgressMeter
from tldesk.base.eviction import CacheItem, evict
from tldesk.base.file_names import on_disk
from tldesk.base.limits import cache_limits
from tldesk.base.parallel import in_threads
from tldesk.base.throttle import Throttle
from tldesk.imaging import pillow_reader
from tldesk.imaging.decode import read_picture
from tldesk.imaging.hashing import content_hash
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.prepared_file import read_kept, write_kept
from tldesk.imaging.prepared_folder import free_bytes, kept_file, kept_files, kept_files_of_all_sides
from tldesk.imaging.quiet_decoders import hush_decoders
from tldesk.imaging.rendering import AS_STORED, Rendering
from tldesk.imaging.unreadable import CHANGED, UnreadableImage

DEFAULT_SIDE = 288

QUICK_FORMATS = ("JPEG", "PNG", "BMP")
QUICK_BITS = 8
QUICK_PIXELS = 600_000
"""Originals of these formats, with at most this many bits per sample and pixels, are decoded each time."""

_CLEARLY_LARGER = 1.25
_GAP = (
    3.0  # whole squares are averaged first; Pillow's handbook: nearly indistinguishable from a plain resize
)
_MOST_KEPT_BYTES = 32 * 1024 * 1024  # a very long picture (300 x 40,000) stays large even when reduced
_PART = 32  # the limit is checked each time 1/32 of it has been written
_SPARE_DISK = 1_000_000_000  # bytes that a fill leaves free on the disk: it may run without being requested
_LARGE_FILE = 256 * 1024 * 1024  # bytes: reading it takes seconds, finding that it is no picture far less
_FULL = 15 / 16  # of the limit: a fill stops here, so that it does not evict its own pictures

Wanted = tuple[Path, str]  # a file and its content hash as scanned

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreparedPicture:
    """A decoded and reduced picture.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, upright.
        keep: whether to cache the pixels, because decoding the file again is clearly slower.
    """

    pixels: Pixels
    keep: bool


@dataclass(frozen=True)
class ScannedFile:
    """The result of reading one file during a scan.

    Attributes:
        content: the content hash; empty if the file could not be opened.
        picture: the reduced picture with its facts; None if it cannot be read.
        reason: why it cannot be read; empty if it can.
    """

    content: str
    picture: Picture | None
    reason: str = ""


def prepared_picture(
    path: Path, side: int = DEFAULT_SIDE, rendering: Rendering = AS_STORED
) -> PreparedPicture:
    """Decode a file; reduce its short side to ``side`` pixels if it is more than 1.25 times as long.

    The result depends only on the file's bytes, ``side`` and ``rendering``. Smaller pictures keep their size.
    So do those that decode quickly (``is_quick``): they are not cached, and reducing them each time would
    take longer than decoding them.

    Raises:
        UnreadableImage: with the reason.
    """
    return _prepared(read_picture(path, min_side=side, rendering=rendering), side)


def is_quick(facts: PictureFacts) -> bool:
    """Return whether decoding the original takes about as long as reading a cached copy."""
    plain = facts.format in QUICK_FORMATS and facts.bits <= QUICK_BITS
    return plain and facts.width * facts.height <= QUICK_PIXELS


class PreparedCache:
    """Prepared pictures in a folder, by content hash; safe for many threads and several processes.

    The pixels are identical whether they were cached or not. Large and slow originals are cached,
    small and quick ones are decoded each time. The folder may be deleted at any time. When it reaches its
    limit, the least recently used pictures are deleted.

    Attributes:
        side: short side of the prepared pictures, in pixels.
        rendering: how deep pictures and stacks are read; cached pictures of another rendering are not used.
        decoded: number of pictures that this object decoded from their originals.
    """

    def __init__(
        self,
        folder: Path,
        *,
        side: int = DEFAULT_SIDE,
        limit: int | None = None,
        rendering: Rendering = AS_STORED,
    ) -> None:
        """Create ``folder`` when it is first needed; ``limit`` in bytes, None for the user's setting."""
        self.side = side
        self.rendering = rendering
        self._how = rendering.key
        self.decoded = 0
        self._folder = folder
        self._given_limit = limit
        self._lock = threading.Lock()
        self._clearing = threading.Lock()
        self._keeping = True
        self._written: int | None = None  # bytes since the limit was last checked; None: never checked
        self._spared: frozenset[str] = frozenset()  # names of the pictures that a running fill must not evict
        self._passed_over: set[str] = set()  # content hashes that a fill skips from now on

    def read(self, path: Path, content: str) -> Pixels:
        """Return the prepared pixels, (h, w, 3) uint8, writable, of a file with this content hash.

        Raises:
            UnreadableImage: it cannot be read, or its content has changed; the reason says what to do.
        """
        kept = self.kept(content)
        if kept is not None:
            return kept
        prepared = self._decode(path, content)
        if prepared.keep:
            self._keep(content, prepared.pixels)
        return prepared.pixels

    def kept(self, content: str) -> Pixels | None:
        """Return the prepared pixels if they are cached, else None. The original is not opened."""
        return read_kept(self._file(content), self._name(content))

    def missing(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """Return the files that ``fill`` would decode: not cached, not skipped; empty if there is no room."""
        return self._survey(wanted)[0]

    def fill(
        self, wanted: Iterable[Wanted], stop: threading.Event | None = None, *, gentle: bool = False
    ) -> Iterator[Progress]:
        """Decode and cache the slow files on all cores until the cache or disk is nearly full.

        Unreadable files are skipped; ``read`` reports their reason. When ``stop`` is set, the fill ends after
        the current pictures and keeps its results. With ``gentle`` it runs at a lower priority.
        """
        wanted = list(wanted)
        self._spared = frozenset(self._name(content) for _, content in wanted)
        try:
            todo, room = self._survey(wanted)
            place = _FillBudget(room)
            work = in_threads(
                lambda one: self._fill_one(one, place), todo, stop, name="prepare", gentle=gentle
            )
            yield from self._filling(work, len(todo), place)
            self._make_room()
        finally:
            self._spared = frozenset()

    def first_reader(self, least_side: int) -> Callable[[Path], ScannedFile]:
        """Return a function that reads files during a scan and fills the cache on the way.

        A scan has to hash and decode every file anyway. The pictures have a short side of at least
        ``least_side`` pixels if the original has. Slow ones are cached while there is room. A very large file
        that cannot be read is given up before it is hashed.
        """
        taken = sum(file.size for file in kept_files(self._folder, self.side))
        place = _FillBudget(min(int(self._limit * _FULL) - taken, free_bytes(self._folder) - _SPARE_DISK))

        def look(path: Path) -> ScannedFile:
            content = ""
            try:
                before = _stamp(path)
                if before is not None and before[0] > _LARGE_FILE:
                    self._picture(path, least_side)
                content = content_hash(path)
                if place.full or not self._keeping or self.passed_over(path, content):
                    return ScannedFile(content, self._picture(path, least_side))
                picture = self._picture(path, max(least_side, self.side))
            except UnreadableImage as error:
                return ScannedFile(content, None, error.reason)
            prepared = _prepared(picture, self.side)
            if prepared.keep and _stamp(path) == before and place.take(prepared.pixels.nbytes):
                self._keep(content, prepared.pixels)
            return ScannedFile(content, Picture(prepared.pixels, picture.facts))

        return look

    def passed_over(self, path: Path, content: str) -> bool:
        """Return whether a file is decoded each time rather than cached; reads only its header."""
        if content not in self._passed_over and _header_says_quick(path):
            self._passed_over.add(content)
        return content in self._passed_over

    def _survey(self, wanted: Iterable[Wanted]) -> tuple[list[Wanted], int]:
        """Return the missing files, and the bytes that can be added without evicting a wanted picture."""
        paths = {content: path for path, content in wanted}
        names = {self._name(content): content for content in paths}
        files = {file.name: file.size for file in kept_files(self._folder, self.side)}
        kept = {names[name]: size for name, size in files.items() if name in names}
        taken = sum(kept.values())
        room = min(int(self._limit * _FULL) - taken, free_bytes(self._folder) - _SPARE_DISK)
        if room <= max([self._limit // _PART, *files.values()]) or not self._keeping:
            return [], 0
        known = kept.keys() | self._passed_over
        return [(path, content) for content, path in paths.items() if content not in known], room

    def _filling(
        self, work: Generator[None, None, None], total: int, place: _FillBudget
    ) -> Generator[Progress, None, None]:
        meter, pace = ProgressMeter("Preparing images", total), Throttle()
        with contextlib.closing(work):
            for done, _ in enumerate(work, start=1):
                if pace.due() or done == total:
                    yield meter.at(done)
                if place.full or not self._keeping:
                    return

    def _fill_one(self, wanted: Wanted, place: _FillBudget) -> None:
        path, content = wanted
        if place.full or not self._keeping or self.passed_over(path, content):
            return
        try:
            prepared = self._decode(path, content)
        except UnreadableImage as error:
            log.debug("%s is not prepared: %s", path, error.reason)
            self._passed_over.add(content)
            return
        if not prepared.keep:
            self._passed_over.add(content)
        elif place.take(prepared.pixels.nbytes):
            self._keep(content, prepared.pixels)

    def _decode(self, path: Path, content: str) -> PreparedPicture:
        # The file may have changed since the scan; caching it under the old hash would corrupt the cache.
        before = _stamp(path)
        if content_hash(path) != content:
            raise UnreadableImage(CHANGED)
        prepared = prepared_picture(path, self.side, self.rendering)
        if _stamp(path) != before:
            raise UnreadableImage(CHANGED)
        with self._lock:
            self.decoded += 1
        return prepared

    def _keep(self, content: str, pixels: Pixels) -> None:
        """Write to the cache; after a write error (disk full) nothing more is cached, but reading goes on."""
        if not self._keeping or pixels.nbytes > self._limit:
            return
        try:
            size = write_kept(self._file(content), self._name(content), pixels)
        except OSError as error:
            self._keeping = False
            log.warning("Prepared pictures are not kept any more: %s (%s)", error, self._folder)
            return
        if self._is_time_to_look(size):
            self._make_room()

    def _is_time_to_look(self, written: int) -> bool:
        with self._lock:
            due = self._written is None or self._written + written > self._limit // _PART
            self._written = 0 if due else (self._written or 0) + written
        return due

    def _make_room(self) -> None:
        """Evict pictures until the folder is 1/32 below the limit, so that it does not fill at once."""
        if not self._clearing.acquire(blocking=False):
            return  # another thread is doing this
        try:
            others, left = [], self._limit - self._limit // _PART
            for file in kept_files_of_all_sides(self._folder):
                if file.name in self._spared and file.side == self.side:
                    left -= file.size
                else:
                    others.append(CacheItem(Path(file.path), file.size, file.used))
            evict(others, max(0, left))
        finally:
            self._clearing.release()

    @functools.cached_property
    def _limit(self) -> int:
        return cache_limits().prepared if self._given_limit is None else self._given_limit

    def _picture(self, path: Path, least_side: int) -> Picture:
        return read_picture(path, min_side=least_side, rendering=self.rendering).lean()

    def _file(self, content: str) -> Path:
        return kept_file(self._folder, self.side, self._name(content))

    def _name(self, content: str) -> str:
        """Return the cache name of a picture: its content hash, plus the rendering key if not the default."""
        return f"{content}-{self._how}" if self._how else content


class _FillBudget:
    """The bytes that a fill may still write; used up for good once a picture does not fit."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._lock = threading.Lock()
        self.full = False

    def take(self, size: int) -> bool:
        """Reserve ``size`` bytes; return whether they fit."""
        with self._lock:
            self.full = self.full or size > self._left
            self._left -= 0 if self.full else size
            return not self.full


def _prepared(picture: Picture, side: int) -> PreparedPicture:
    if is_quick(picture.facts):
        return PreparedPicture(picture.pixels, keep=False)
    pixels = _reduced(picture.pixels, side)
    return PreparedPicture(pixels, pixels.nbytes <= _MOST_KEPT_BYTES)


def _reduced(pixels: Pixels, side: int) -> Pixels:
    height, width = pixels.shape[:2]
    short = min(height, width)
    if short <= _CLEARLY_LARGER * side:
        return pixels
    size = (max(side, round(width * side / short)), max(side, round(height * side / short)))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=_GAP))


def _header_says_quick(path: Path) -> bool:
    hush_decoders()
    try:
        return is_quick(pillow_reader.header(path))
    except Exception:  # noqa: BLE001 - unknown to Pillow: decoding it is slow, or reports the error
        return False


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return size (bytes) and modification time (ns) of a file; None if there is none."""
    try:
        stat = os.stat(on_disk(path))  # noqa: PTH116 - a plain string is at hand
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
