"""Only regular files are opened: pipes, devices, sockets and links to them are refused by name."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tldesk.base import ProblemError, write_atomic
from tldesk.base.regular_files import NotAFileError, copy_regular, must_be_file, open_regular, read_regular

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")


@pytest.fixture(params=["a pipe", "a socket", "a device", "a link to a pipe"])
def special(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str]:
    """Something that is no file, called like one, and what it is."""
    place, kind = tmp_path / "picture.jpg", request.param
    if kind == "a socket":
        with socket.socket(socket.AF_UNIX) as server:
            monkeypatch.chdir(tmp_path)  # the path of a socket may have 107 bytes only
            server.bind(place.name)
    elif kind == "a device":
        place.symlink_to(os.devnull)
    else:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "pipe").rename(place) if kind == "a pipe" else place.symlink_to("pipe")
    return place, kind.removeprefix("a link to ")


def test_it_is_not_opened(special: tuple[Path, str], tmp_path: Path) -> None:
    place, kind = special
    for use in (open_regular, read_regular, lambda path: copy_regular(path, tmp_path / "copy")):
        with pytest.raises(NotAFileError, match=f"it is {kind}, not a file"):
            use(place)
    assert not (tmp_path / "copy").exists()


def test_the_user_is_told_what_it_is(special: tuple[Path, str]) -> None:
    place, kind = special
    with pytest.raises(ProblemError, match=f"this is {kind}, not a file"):
        must_be_file(place)


def test_it_is_not_replaced_by_a_file(special: tuple[Path, str]) -> None:
    place, kind = special
    with pytest.raises(ProblemError, match=f"this is {kind}, not a file"):
        write_atomic(place, "a table")
    assert not place.is_file()


def test_folders_and_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="this is a folder, not a file"):
        must_be_file(tmp_path)
    with pytest.raises(ProblemError, match="there is no such file"):
        must_be_file(tmp_path / "nothing")


def test_files_and_links_to_them_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"leaf")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link") == b"leaf"
    copy_regular(tmp_path / "link", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"leaf"
    must_be_file(tmp_path / "link")
