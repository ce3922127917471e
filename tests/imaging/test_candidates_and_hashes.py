from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tldesk.imaging import UnreadableImage, content_hash, is_candidate


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.jpg", True),
        ("B.JPEG", True),
        ("scan.dcm", True),
        ("stack.TIFF", True),
        ("notes.txt", False),
        ("labels.csv", False),
        ("._a.jpg", False),
        (".DS_Store", False),
        ("no suffix", False),
    ],
)
def test_by_suffix(tmp_path: Path, name: str, wanted: bool) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert is_candidate(tmp_path / name) is wanted


def test_dicom_without_a_suffix_or_with_a_number_for_one(tmp_path: Path) -> None:
    for name in ("IM000001", "1.2.840.113619.2.5"):
        (tmp_path / name).write_bytes(bytes(128) + b"DICM" + bytes(20))
        assert is_candidate(tmp_path / name)
        (tmp_path / name).write_bytes(bytes(200))
        assert not is_candidate(tmp_path / name)
    assert not is_candidate(tmp_path / "is not there")


def test_content_hash_is_blake2b_of_the_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(data)
    assert content_hash(tmp_path / "a") == hashlib.blake2b(data, digest_size=16).hexdigest()
    # Test vector of an empty message, computed with b2sum --length=128.
    (tmp_path / "b").write_bytes(b"")
    assert content_hash(tmp_path / "b") == "cae66941d9efbd404e4d88758ea67670"
    with pytest.raises(UnreadableImage):
        content_hash(tmp_path / "c")
