"""Trees that hold a copy of themselves, as archives and cloud drives leave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.layout_finder import find_layout
from tldesk.dataset.files.walk import find_files
from tldesk.dataset.records import Split


def layout_of(root: Path, files: dict[str, bytes]) -> Layout:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    found = find_files(root).files
    return find_layout({path: size for path, (size, _) in found.items()}, root)


def test_a_tree_inside_itself_is_read_once(tmp_path: Path) -> None:
    tree = [f"{split}/{name}/{n}.jpg" for split in ("train", "val") for name in ("no", "yes") for n in (1, 2)]
    files = {f"{around}{path}": path.encode() for around in ("", "xray/") for path in tree}
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


@pytest.mark.parametrize("content", [b"other", b"1 ant", b""], ids=["bytes", "some bytes", "sizes"])
@pytest.mark.parametrize("inner", ["2020", "data", "batch2", "2021/all"])
def test_other_pictures_of_the_same_names_stay_in_with_their_class(
    tmp_path: Path, inner: str, content: bytes
) -> None:
    tree = [f"{name}/{n}.jpg" for n in (1, 2) for name in ("ant", "bee")]
    files = {path: f"{path[4]} {path[:3]}".encode() for path in tree}
    layout = layout_of(tmp_path / "2020", {**files, **{f"{inner}/{path}": content for path in tree}})
    assert layout.left_out == frozenset()
    assert layout.class_of((*inner.split("/"), "ant")) == layout.class_of(("ant",)) == "ant"
    assert layout.options[0] == ("ant", "bee")
    assert "holds folders of the folder around it again (ant, bee), with other pictures" in layout.notes[0]


def test_only_the_same_files_of_a_copy_are_left_out(tmp_path: Path) -> None:
    tree = [f"{name}/{n}.jpg" for name in ("ant", "bee") for n in range(4)]
    files = {f"{around}{path}": path.encode() for around in ("", "data/") for path in tree}
    layout = layout_of(tmp_path / "data", {**files, "data/bee/3.jpg": b"drawn upon"})
    assert layout.left_out == {f"data/{path}" for path in tree} - {"data/bee/3.jpg"}
    assert layout.class_of(("data", "bee")) == "bee"


def test_splits_that_lie_in_a_further_part_are_splits_there_too(tmp_path: Path) -> None:
    tree = [f"{split}/{name}/1.jpg" for split in ("train", "test") for name in ("ant", "bee")]
    files = {f"{around}{path}": f"{around}{path}".encode() for around in ("", "more/") for path in tree}
    layout = layout_of(tmp_path, files)
    assert layout.left_out == frozenset()
    assert layout.class_of(("more", "test", "bee")) == "bee"
    assert layout.split_of(("more", "test", "bee")) == Split.TEST


@pytest.mark.parametrize("splits", [("train", "test"), ("train",)])
def test_further_parts_and_copies_inside_a_split(tmp_path: Path, splits: tuple[str, ...]) -> None:
    tree = [f"{split}/{name}/1.jpg" for split in splits for name in ("ant", "bee")]
    more = {f"train/batch2/{name}/1.jpg": b"other" for name in ("ant", "bee")}
    copy = {f"train/train/{name}/1.jpg": f"train/{name}/1.jpg".encode() for name in ("ant", "bee")}
    layout = layout_of(tmp_path, {**{path: path.encode() for path in tree}, **more, **copy})
    assert layout.left_out == copy.keys()
    assert layout.class_of(("train", "batch2", "ant")) == "ant"
    assert layout.options[0] == ("ant", "bee")
    assert layout.split_of(("train", "batch2", "ant")) == (Split.TRAIN if len(splits) > 1 else None)


def test_classes_that_hold_what_they_were_taken_for_are_classes(tmp_path: Path) -> None:
    names = ("cat", "dog", "owl")
    files = {f"{name}/{taken}/1.jpg": f"{name} {taken}".encode() for name in names for taken in names}
    assert layout_of(tmp_path, files).options[0] == names
