"""Unpacks the pictures and tables of a zip file into a folder, safely.

Nothing leaves the folder (absolute paths, ``..``, drive letters and links are refused), nothing else is
unpacked (no programs), and no file grows beyond what the archive says and the disk holds. The folder is
hidden until it is complete, so that a stop, a full disk or a damaged archive leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import errno
import lzma
import shutil
import stat
import threading
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path, PurePosixPath

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter, file_size, plural
from tldesk.dataset.files.walk import FoundFiles, find_files
from tldesk.dataset.system_files import is_system_folder
from tldesk.imaging import IMAGE_SUFFIXES
from tldesk.imaging.candidates import DICOM_MAGIC, DICOM_MAGIC_AT, has_dicom_magic

SPARE = 200_000_000  # bytes that must stay free for the project's database and prepared pictures
MOST_FILES = 1_000_000
LARGEST_RATIO = 200  # unpacked bytes to packed ones of the whole archive: pictures hardly shrink, bombs do
_SMALL = 100_000_000  # bytes: below, the ratio does not matter
_PART = ".part"
_BLOCK = 1 << 20
_WHAT = "Unpacking pictures"
_BROKEN = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(RuntimeError, NotImplementedError),  # a password, or a way to pack that zipfile does not know
)
_AGAIN = "What was unpacked was taken away again"


def packed_files(archive: Path) -> FoundFiles:
    """List the pictures of a zip file as a walk would find them in its folder, without unpacking it.

    Raises:
        ProblemError: it is damaged, encrypted, no zip file, or unsafe to unpack.
    """
    with _opened(archive) as opened:
        members = _members(opened, archive, frozenset())
    return FoundFiles({path: (one.file_size, 0) for path, one in members.items()})


def files_of(images: Path, stop: threading.Event | None = None) -> FoundFiles:
    """List the pictures of a folder, or of a zip file.

    Raises:
        ProblemError: as ``find_files`` or ``packed_files``.
    """
    return packed_files(images) if images.is_file() else find_files(images, stop)


def folder_of(images: Path) -> Path:
    """Return the folder itself, or the one that a zip file is packed from, by its name."""
    return images.with_suffix("") if images.is_file() else images


def member_names(archive: Path, also: frozenset[str]) -> frozenset[str]:
    """Return the paths that ``unpack`` would write.

    Raises:
        ProblemError: as ``packed_files``.
    """
    with _opened(archive) as opened:
        return frozenset(_members(opened, archive, also))


def member_bytes(archive: Path, name: str) -> bytes:
    """Return the content of a file that ``unpack`` would write, without writing it.

    Raises:
        ProblemError: as ``packed_files``; or there is no such file.
    """
    with _opened(archive) as opened:
        member = _members(opened, archive, frozenset({_suffix(name)})).get(name)
        if member is None:
            raise ProblemError(
                Problem(str(archive), f"this zip file holds no {name}", "Choose another table")
            )
        try:
            return opened.read(member)
        except _BROKEN as error:
            fix = "Get the file again, or unpack it with another program and choose the folder"
            raise ProblemError(Problem(str(archive), f"{name} in it is damaged", fix)) from error


def unpack(
    archive: Path, into: Path, stop: threading.Event, also: frozenset[str] = frozenset()
) -> Generator[Progress, None, Path | None]:
    """Unpack the pictures of a zip file into a new folder of its name in ``into``.

    Args:
        archive: the zip file.
        into: the folder; made if need be.
        stop: ends it early.
        also: lower-case suffixes of further files to unpack, such as those of tables.

    Returns:
        The folder; None if ``stop`` was set, in which case nothing is left behind.

    Raises:
        ProblemError: as ``packed_files``; or the disk is full or cannot be written. Nothing is left behind.
    """
    yield Progress(_WHAT, 0, 0)
    part = into / f".{archive.stem or 'pictures'}{_PART}"
    with _opened(archive) as opened:
        members = _members(opened, archive, also)
        _refuse_if_too_large(members, archive, into)
        shutil.rmtree(part, ignore_errors=True)  # left by a program that was killed
        try:
            part.mkdir(parents=True)
            meter = ProgressMeter(_WHAT, len(members))
            for done, (path, member) in enumerate(members.items(), start=1):
                if stop.is_set():
                    return None
                _write(opened, member, part / path)
                yield meter.at(done)
            return part.replace(free_place(into, archive.stem or "pictures"))
        except _BROKEN as error:
            raise _explained(error, archive, into) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
            with contextlib.suppress(OSError):
                into.rmdir()  # if it is empty


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        opened = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        what = "this is not a zip file, or it is damaged"
        fix = "Get the file again, or unpack it with another program and choose the folder that comes out"
        raise ProblemError(Problem(str(archive), what, fix)) from error
    with opened:
        yield opened


def _members(opened: zipfile.ZipFile, archive: Path, also: frozenset[str]) -> dict[str, zipfile.ZipInfo]:
    """Return the members to unpack, by their path in the new folder.

    Raises:
        ProblemError: one of them would leave the folder, or is encrypted, or they are a bomb.
    """
    named = [(_name(one), one) for one in opened.infolist() if not one.is_dir()]
    wanted = [(name, one) for name, one in named if _is_wanted(name, also)]
    for name, one in wanted:
        if _leaves(name, one):
            _refuse(archive, f"it holds a file that would be written elsewhere ({name})")
        if one.flag_bits & 1:
            _refuse(archive, "it is protected by a password")
    infos = [one for _, one in wanted]
    packed, unpacked = sum(one.compress_size for one in infos), sum(one.file_size for one in infos)
    if len(infos) > MOST_FILES:
        _refuse(archive, f"it holds {plural(len(infos), 'file')}")
    if unpacked > _SMALL and unpacked > LARGEST_RATIO * packed:
        _refuse(archive, f"its {file_size(packed)} would become {file_size(unpacked)}, as no pictures do")
    return {
        "/".join(PurePosixPath(name).parts): one
        for name, one in wanted
        if _suffix(name) in also or _is_picture(opened, name, one)
    }


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's path with forward slashes; macOS writes UTF-8 without saying so."""
    name = member.filename.replace("\\", "/")
    if not member.flag_bits & 0x800 and not name.isascii():
        with contextlib.suppress(UnicodeError):
            return name.encode("cp437").decode("utf-8")
    return name


def _is_wanted(name: str, also: frozenset[str]) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    if hidden or any(map(is_system_folder, parts[:-1])):
        return False
    return _suffix(name) in IMAGE_SUFFIXES | also or not _suffix(name)


def _is_picture(opened: zipfile.ZipFile, name: str, member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a picture: by its suffix, or without one as DICOM, by its first bytes."""
    if _suffix(name):
        return True
    try:
        with opened.open(member) as file:
            return has_dicom_magic(file.read(DICOM_MAGIC_AT + len(DICOM_MAGIC)))
    except _BROKEN:
        return False


def _suffix(name: str) -> str:
    """Return the suffix in lower case; digits after the last dot are none (1.2.840.113619)."""
    suffix = PurePosixPath(name).suffix.lower()
    return "" if suffix[1:].isdigit() else suffix


def _leaves(name: str, member: zipfile.ZipInfo) -> bool:
    """Return whether a member's path is absolute or leads out of the folder, or the member is a link."""
    parts = PurePosixPath(name).parts
    link = stat.S_ISLNK(member.external_attr >> 16)
    return link or name.startswith("/") or ".." in parts or (bool(parts) and ":" in parts[0])


def _refuse(archive: Path, what: str) -> None:
    fix = "Unpack it with another program, and choose the folder that comes out"
    raise ProblemError(Problem(str(archive), f"this zip file is not unpacked: {what}", fix))


def _refuse_if_too_large(members: Mapping[str, zipfile.ZipInfo], archive: Path, into: Path) -> None:
    if not any(_suffix(path) in IMAGE_SUFFIXES or not _suffix(path) for path in members):
        fix = "Choose a zip file or a folder that contains pictures (JPEG, PNG, TIFF, BMP, WebP, DICOM …)"
        raise ProblemError(Problem(str(archive), "there is no picture in this zip file", fix))
    needed = sum(one.file_size for one in members.values())
    there = next(one for one in (into, *into.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if needed + SPARE > free:
        what = f"unpacking needs {file_size(needed)}, but only {file_size(free)} are free there"
        raise ProblemError(Problem(str(into.parent), what, "Free some space, or keep the project elsewhere"))


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    """Write one file; its check sum is compared by zipfile, its size here."""
    place.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with opened.open(member) as packed, place.open("xb") as file:
        while block := packed.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile("larger than it says")
            file.write(block)


def free_place(into: Path, name: str) -> Path:
    """Return the path of a new folder of this name, with a number behind it if the name is taken."""
    number, place = 1, into / name
    while place.exists():
        number += 1
        place = into / f"{name} [{number}]"
    return place


def _explained(error: Exception, archive: Path, into: Path) -> ProblemError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        fix = f"{_AGAIN}. Free some space, or keep the project on another disk"
        return ProblemError(Problem(str(into.parent), "the disk became full while unpacking", fix))
    if isinstance(error, FileExistsError):
        what = "it holds two files of the same name"
    elif isinstance(error, OSError) and error.strerror:
        what = f"it could not be unpacked ({error.strerror})"
    else:
        what = "it is damaged, or packed in a way that is not known here"
    fix = f"{_AGAIN}. Get the file again, or unpack it with another program and choose the folder"
    return ProblemError(Problem(str(archive), what, fix))
