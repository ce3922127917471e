"""Zip files: what is unpacked from them, and what is refused, with nothing left behind."""

from __future__ import annotations

import stat
import threading
import zipfile
from pathlib import Path

import pytest

from tldesk.base import ProblemError
from tldesk.dataset.files.unpack import packed_files, unpack

DICOM = b"\0" * 128 + b"DICM" + b"\0" * 20


def packed(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def unpacked(archive: Path, into: Path) -> Path:
    steps = unpack(archive, into, threading.Event(), frozenset({".csv"}))
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]


def test_pictures_and_tables_come_out_and_nothing_else(tmp_path: Path) -> None:
    members = {
        "set/ant/1.jpg": b"one",
        "set/bee\\2.PNG": b"two",
        "set/labels.csv": b"file,class",
        "set/IM000001": DICOM,
        "set/README": b"text",
        "set/run.exe": b"MZ",
        "__MACOSX/set/ant/._1.jpg": b"x",
        "set/.hidden/3.jpg": b"x",
    }
    archive = packed(tmp_path / "set.zip", members)
    pictures = {"set/ant/1.jpg": (3, 0), "set/bee/2.PNG": (3, 0), "set/IM000001": (len(DICOM), 0)}
    assert packed_files(archive).files == pictures
    folder = unpacked(archive, tmp_path / "p" / "folders")
    assert folder == tmp_path / "p" / "folders" / "set"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*pictures, "set/labels.csv"}
    assert (folder / "set/bee/2.PNG").read_bytes() == b"two"
    assert unpacked(archive, tmp_path / "p" / "folders").name == "set [2]", "nothing is written over"


def test_names_of_macos_are_read_as_what_they_are(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.zip", {"Blé/1.jpg": b"one"})
    data = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # take away the flag that says UTF-8
        at = data.index(mark) + place
        data[at : at + 2] = (int.from_bytes(data[at : at + 2], "little") & ~0x800).to_bytes(2, "little")
    archive.write_bytes(data)
    assert list(packed_files(archive).files) == ["Blé/1.jpg"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["../up.jpg", "a/../../up.jpg", "/etc/x.jpg", "C:\\x.jpg", "..\\up.jpg"])
def test_no_file_leaves_the_folder(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path / "x.zip", {"a/1.jpg": b"one", name: b"two"})
    refused(archive, tmp_path, "would be written elsewhere")


def test_links_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link("a.jpg"), "/etc/passwd")
    refused(tmp_path / "x.zip", tmp_path, "would be written elsewhere")


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.zip", {"a.bmp": b"\0" * 120_000_000})
    assert archive.stat().st_size < 200_000
    refused(archive, tmp_path, "as no pictures do")


def test_a_file_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.zip", {"a.jpg": b"12345678" * 100})
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02") + 24  # its size in the directory
    data[at : at + 4] = (10).to_bytes(4, "little")
    archive.write_bytes(data)
    refused(archive, tmp_path, "damaged", while_unpacking=True)


def test_damage_is_found_by_the_check_sum(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.zip", {"a.jpg": b"12345678" * 100}, zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"1234", b"9234", 1))
    refused(archive, tmp_path, "damaged", while_unpacking=True)


def test_what_is_no_zip_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 cut off")
    refused(tmp_path / "x.zip", tmp_path, "not a zip file, or it is damaged")


def test_a_zip_file_without_pictures_says_so(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.zip", {"a.txt": b"text"})
    refused(archive, tmp_path, "no picture in this zip file", while_unpacking=True)


def refused(archive: Path, tmp_path: Path, words: str, *, while_unpacking: bool = False) -> None:
    if not while_unpacking:
        with pytest.raises(ProblemError, match=words):
            packed_files(archive)
    with pytest.raises(ProblemError, match=words):
        unpacked(archive, tmp_path / "p")
    assert not (tmp_path / "p").exists(), "nothing is left behind"


def test_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    stop = threading.Event()
    steps = unpack(packed(tmp_path / "x.zip", {"1.jpg": b"1", "2.jpg": b"2"}), tmp_path / "p", stop)
    next(steps)
    next(steps)
    stop.set()
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value is None
    assert not (tmp_path / "p").exists()
