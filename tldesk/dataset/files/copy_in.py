"""Copies a folder of pictures into a project, with its class folders and its table of labels.

The copy is made in a hidden folder, which is renamed only when it is complete and each copy has the content
hash of its original. So the project is unchanged after a stop, a full disk or a crash. A picture that cannot
be read (a dangling link, one without permission) does not keep the others from being copied.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Problem, ProblemError, Progress, file_size
from tldesk.base.file_names import on_disk, text_path
from tldesk.base.parallel import in_threads
from tldesk.base.regular_files import copy_regular, open_regular, size_on_disk
from tldesk.dataset.files.packed_tables import inside_of, zip_with
from tldesk.dataset.files.unpack import SPARE, files_of, free_place, unpack
from tldesk.dataset.files.walk import FileStat, find_files
from tldesk.imaging import UnreadableImage, content_hash

MEDIA = "media.csv"  # names the files of a Camtrap DP table of observations beside it
FOLDER = "folders"  # in the project's folder
_PART = ".part"
_WHAT = "Copying pictures"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CHUNK = 2**20
_MAY_BE_SPARSE = 2**24  # bytes; holes in smaller files are not worth another look at each of 100,000


@dataclass(frozen=True, slots=True)
class CopySize:
    """The space that a copy would take.

    Attributes:
        files: number of pictures.
        bytes: their total size, without the holes of large sparse files.
        free: free bytes on the target disk.
    """

    files: int
    bytes: int
    free: int

    @property
    def fits(self) -> bool:
        """Whether there is enough space, including a reserve."""
        return self.bytes + SPARE <= self.free


@dataclass(frozen=True, slots=True)
class Copied:
    """The paths of the copied folder and its table."""

    images: Path
    labels: Path | None


def size_of_copy(images: Path, place: Path, stop: threading.Event | None = None) -> CopySize:
    """Measure a folder of pictures, or those in a zip file, and the free space at ``place``.

    ``place`` need not exist yet.

    Raises:
        ProblemError: the folder of pictures does not exist or cannot be listed.
    """
    return _size(files_of(images, stop).files, images, place)


def unpack_with_table(
    archive: Path, labels: Path | None, into: Path, stop: threading.Event, tables: frozenset[str]
) -> Generator[Progress, None, Copied | None]:
    """Unpack a zip file's pictures and tables to a new folder of its name in ``into``.

    Args:
        archive: the zip file.
        labels: the table of labels: one in the zip file (``FILE.zip/labels.csv``), or another, which is
            copied.
        into: the folder; made if need be.
        stop: ends it early.
        tables: lower-case suffixes of tables.

    Returns:
        The paths of the copies; None if ``stop`` was set, in which case nothing is left behind.

    Raises:
        ProblemError: as ``unpack.unpack``; or the table cannot be copied. Nothing is left behind.
    """
    place = yield from unpack(archive, into, stop, tables)
    if place is None or labels is None:
        return None if place is None else Copied(place, None)
    if zip_with(labels) == archive:
        return Copied(place, place / inside_of(labels, archive))
    try:
        return Copied(place, place / (_copy_table(archive, labels, place) or ""))
    except OSError as error:
        _clear_away(place, into)
        raise _explained(error, into) from error


def copy_folder(
    images: Path, labels: Path | None, into: Path, stop: threading.Event
) -> Generator[Progress, None, Copied | None]:
    """Copy a folder's pictures, and a table of labels, to a new folder of its name in ``into``.

    Returns:
        The paths of the copies; None if ``stop`` was set, in which case nothing is left behind.

    Raises:
        ProblemError: there is not enough space, a picture cannot be written, these pictures were copied
            before, or a copy differs from its original. Nothing is left behind.
    """
    yield Progress(_WHAT, 0, 0)
    files = find_files(images, stop).files
    if stop.is_set():
        return None
    _refuse(files, images, into)
    part = into / f".{images.name or 'pictures'}{_PART}"
    shutil.rmtree(part, ignore_errors=True)  # left by a program that was killed
    try:
        part.mkdir(parents=True)
        yield from _copy_all(images, part, files, stop)
        if stop.is_set():
            return None
        table = _copy_table(images, labels, part)
        place = part.replace(free_place(into, images.name or "pictures"))
    except OSError as error:
        raise _explained(error, into) from error
    finally:
        _clear_away(part, into)
    return Copied(place, place / table if table is not None else None)


def _size(files: Mapping[str, FileStat], images: Path, place: Path) -> CopySize:
    there = next((one for one in (place, *place.parents) if one.exists()), place)
    free = shutil.disk_usage(there).free
    root = text_path(images)
    return CopySize(len(files), sum(_to_copy(root / path, size) for path, (size, _) in files.items()), free)


def _to_copy(path: Path, size: int) -> int:
    """Return the bytes that a copy of a file takes."""
    return size if size < _MAY_BE_SPARSE else size_on_disk(Path(on_disk(path)), size)


def _refuse(files: Mapping[str, FileStat], images: Path, into: Path) -> None:
    if not files:
        fix = "Name the folder that holds the pictures (JPEG, PNG, TIFF, BMP, WebP, DICOM …)"
        raise ProblemError(Problem(str(images), "there is no picture in this folder", fix))
    sizes = {path: size for path, (size, _) in files.items()}
    for before in into.glob("[!.]*/"):
        there = find_files(before).files
        if {path: size for path, (size, _) in there.items()} == sizes:
            what = "these pictures were copied into the project before"
            fix = f"They are in {before}; scan again if something is missing"
            raise ProblemError(Problem(str(images), what, fix))
    size = _size(files, images, into)
    if not size.fits:
        what = f"the copy needs {file_size(size.bytes)}, but only {file_size(size.free)} are free there"
        fix = "Free some space, keep the project on another disk, or leave the pictures where they are"
        raise ProblemError(Problem(str(into.parent), what, fix))


def _copy_all(
    images: Path, part: Path, files: Mapping[str, FileStat], stop: threading.Event
) -> Generator[Progress, None, None]:
    root, target = text_path(images), text_path(part)
    for folder in {Path(on_disk((target / path).parent)) for path in files}:
        folder.mkdir(parents=True, exist_ok=True)

    def copy(path: str) -> int:
        _copy_one(*(Path(on_disk(one / path)) for one in (root, target)))
        return files[path][0]

    total, begun, copied = sum(size for size, _ in files.values()), time.monotonic(), 0
    for done, size in enumerate(in_threads(copy, sorted(files), stop, name="copy"), start=1):
        copied += size
        elapsed = time.monotonic() - begun
        yield Progress(_WHAT, done, len(files), elapsed / copied * (total - copied) if copied else None)


def _copy_one(original: Path, copy: Path) -> None:
    """Copy a file; one that cannot be read is linked, so that the scan says why, as without a copy."""
    try:
        _copy_and_compare(original, copy)
    except OSError as error:
        if error.errno in _FULL or _can_be_read(original):
            raise
        _stand_in(original, copy)


def _can_be_read(original: Path) -> bool:
    try:
        with open_regular(original) as file:
            while file.read(_CHUNK):
                pass
    except OSError:
        return False
    return True


def _stand_in(original: Path, copy: Path) -> None:
    """Put a link to the original in the place of its copy; an empty file where links cannot be made."""
    copy.unlink(missing_ok=True)
    try:
        copy.symlink_to(original.absolute())
    except OSError:
        copy.touch()


def _copy_and_compare(original: Path, copy: Path) -> None:
    """Copy a file and compare the content hashes of the original and the copy."""
    copy_regular(original, copy)
    try:
        same = content_hash(text_path(original)) == content_hash(text_path(copy))
    except UnreadableImage as error:
        raise OSError(errno.EIO, str(error), str(original)) from error
    if not same:
        what = "its copy is not the same as the picture"
        fix = "Check that no program is writing to it and that the disk is healthy, then copy again"
        raise ProblemError(Problem(str(original), what, fix))


def _copy_table(images: Path, labels: Path | None, part: Path) -> Path | None:
    """Copy the table; return its path in the copied folder: as in the original, or the top level."""
    if labels is None:
        return None
    inside = labels.relative_to(images) if labels.is_relative_to(images) else Path(_free_name(part, labels))
    (part / inside).parent.mkdir(parents=True, exist_ok=True)
    copy_regular(labels, part / inside)
    media = labels.parent / MEDIA
    if media != labels and media.is_file() and not (part / inside.parent / MEDIA).exists():
        copy_regular(media, part / inside.parent / MEDIA)
    return inside


def _free_name(folder: Path, table: Path) -> str:
    """Return the table's name, with a number if the folder has a file of that name."""
    number, name = 1, table.name
    while (folder / name).exists():
        number += 1
        name = f"{table.stem} [{number}]{table.suffix}"
    return name


def _clear_away(part: Path, into: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
    with contextlib.suppress(OSError):
        into.rmdir()  # if it is empty


def _explained(error: OSError, into: Path) -> ProblemError:
    again = "What was copied was taken away again"
    if error.errno in _FULL:
        fix = f"{again}. Free some space, or leave the pictures where they are"
        return ProblemError(Problem(str(into.parent), "the disk became full while copying", fix))
    where = str(error.filename or into)
    fix = f"{again}. Check that the file can be read and that you may write into the project"
    return ProblemError(Problem(where, f"the picture could not be copied ({error.strerror})", fix))
