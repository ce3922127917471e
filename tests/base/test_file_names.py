"""File names of any bytes as text that can be stored, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldesk.base.file_names import as_text, on_disk, shown, text_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names there are text")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leaf.jpg", "leaf.jpg"),
        ("Blätter/Blé.jpg", "Blätter/Blé.jpg"),
        ("caf\udce9.jpg", r"caf\xe9.jpg"),  # Latin-1
        ("\udc83\udc9f.png", r"\x83\x9f.png"),  # Shift-JIS
        (r"a\xe9.jpg", r"a\x5cxe9.jpg"),  # the backslash stands there
        (r"a\b.jpg", r"a\b.jpg"),
    ],
)
def test_bytes_that_are_no_utf8_are_written_out(name: str, text: str) -> None:
    assert as_text(name) == text
    assert on_disk(text) == name
    text.encode("utf-8")


@given(st.binary(max_size=12).filter(lambda name: b"\0" not in name))
def test_any_name_comes_back(name: bytes) -> None:
    decoded = os.fsdecode(name)
    text = as_text(decoded)
    text.encode("utf-8")
    assert os.fsencode(on_disk(text)) == name
    shown(decoded).encode("utf-8")


@given(st.lists(st.binary(min_size=1, max_size=4).filter(lambda name: b"\0" not in name), max_size=5))
def test_different_names_have_different_texts(names: list[bytes]) -> None:
    assert len({as_text(os.fsdecode(name)) for name in names}) == len(set(names))


def test_a_file_is_found_by_its_text(tmp_path: Path) -> None:
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    place.write_text("here", encoding="utf-8")
    shown_path = text_path(place)
    assert shown_path.name == r"caf\xe9"
    assert Path(on_disk(shown_path)).read_text(encoding="utf-8") == "here"
