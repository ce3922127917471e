"""Trees that hold a copy of themselves, as archives and cloud drives leave them."""

from __future__ import annotations

from pathlib import Path

from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.layout_finder import find_layout
from tldesk.dataset.files.walk import find_files


def layout_of(root: Path, files: dict[str, bytes]) -> Layout:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    found = find_files(root).files
    return find_layout({path: size for path, (size, _) in found.items()}, root)


def test_a_tree_inside_itself_is_read_once(tmp_path: Path) -> None:
    tree = [f"{split}/{name}/{n}.jpg" for split in ("train", "val") for name in ("no", "yes") for n in (1, 2)]
    files = {f"{around}{path}": around.encode() for around in ("", "xray/") for path in tree}
    layout = layout_of(tmp_path / "xray", {**files, "xray/val/no/3.jpg": b"only here"})
    assert layout.left_out == {f"xray/{path}" for path in tree}
    assert layout.class_of(("xray", "val", "no")) == "no", "a file that only the copy has is kept"
    assert layout.notes == ('"xray" holds the pictures of the folder around it again: 8 pictures left out',)


def test_a_copy_beside_its_original_is_left_out(tmp_path: Path) -> None:
    tree = [f"{name}/{n}.jpg" for name in ("ant", "bee", "fly") for n in range(3)]
    files = {f"{around}/{path}": path.encode() for around in ("insects", "insects - Copy") for path in tree}
    layout = layout_of(tmp_path, files)
    assert layout.left_out == {f"insects - Copy/{path}" for path in tree}
    assert layout.options == (("ant", "bee", "fly"),)


def test_files_of_one_name_and_size_are_no_copies_if_they_differ(tmp_path: Path) -> None:
    files = {
        f"{site}/{name}/IMG_000{n}.bmp": f"{site} {n}".encode()
        for site in ("east", "west")
        for name in ("ok", "rust")
        for n in range(3)
    }
    layout = layout_of(tmp_path, files)
    assert layout.left_out == frozenset()
    assert layout.options == (("east", "west"), ("ok", "rust"))


def test_splits_that_hold_the_same_files_are_both_kept(tmp_path: Path) -> None:
    files = {f"{split}/{name}/1.jpg": b"same" for split in ("train", "test") for name in ("a", "b")}
    assert layout_of(tmp_path, files).left_out == frozenset()


def test_a_class_of_rejects_with_the_names_of_the_classes_in_it_is_no_copy(tmp_path: Path) -> None:
    files = {
        f"{around}{name}/1.jpg": around.encode() for around in ("", "rejects/") for name in ("ant", "bee")
    }
    layout = layout_of(tmp_path, files)
    assert layout.left_out == frozenset()
    assert layout.class_of(("rejects", "ant")) == "rejects"
