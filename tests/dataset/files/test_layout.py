"""What folder trees are taken to mean."""

from __future__ import annotations

import pytest

from tldesk.dataset.files.layout import find_layout
from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import Split


@pytest.mark.parametrize(
    ("trees", "path", "class_name", "split", "rest"),
    [
        (["", ""], "", None, None, ""),
        (["a", "b"], "a", "a", None, ""),
        (["a", "b", ""], "", None, None, ""),
        (["a/p1", "a/p2", "b/p3"], "a/p1", "a", None, "p1"),
        (["train/a", "val/a", "test/b"], "val/a", "a", Split.VALIDATION, ""),
        (["Training/a", "dev/a", "Testing/b"], "dev/a", "a", Split.VALIDATION, ""),
        (["train/a/p1", "validation/b"], "train/a/p1", "a", Split.TRAIN, "p1"),
        (["train/a", "train/b", "test"], "test", None, Split.TEST, ""),
        (["train", "valid"], "valid", None, Split.VALIDATION, ""),
        (["set/train/a", "set/val/b"], "set/val/b", "b", Split.VALIDATION, "set"),
        (["set/a", "set/b"], "set/b", "b", None, "set"),
        (["a/train", "a/val", "b/train"], "b/train", "b", Split.TRAIN, ""),
        (["a/train", "a/val"], "a/val", "a", Split.VALIDATION, ""),
        (["train", "bus", "car"], "train", "train", None, ""),
        (["images"], "images", None, None, "images"),
        (["rust"], "rust", "rust", None, ""),
    ],
)
def test_layouts(trees: list[str], path: str, class_name: str | None, split: Split | None, rest: str) -> None:
    layout = find_layout(folders(tree) for tree in trees)
    assert layout.class_of(folders(path)) == class_name
    assert layout.split_of(folders(path)) == split
    assert layout.rest_of(folders(path)) == folders(rest)
    assert layout.note == ""


def test_the_same_inner_folders_everywhere_are_pointed_out() -> None:
    layout = find_layout([("site A", "yes"), ("site A", "no"), ("site B", "yes"), ("site B", "no")])
    assert layout.class_of(("site A", "yes")) == "site A"
    assert "(no, yes)" in layout.note


def test_names_are_ordered_as_people_count() -> None:
    names = ["class 10", "Class 2", "class 1", "Äpfel", "Zimt", "10", "9"]
    assert sorted(names, key=natural_key) == ["9", "10", "class 1", "Class 2", "class 10", "Zimt", "Äpfel"]


def folders(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")) if path else ()


def test_originals_and_changed_copies_are_no_classes() -> None:
    trees = [(kind, name) for kind in ("Augmented", "original") for name in ("no", "yes")]
    layout = find_layout([("brain", *tree) for tree in trees])
    assert [layout.class_of(("brain", *tree)) for tree in trees] == ["no", "yes", "no", "yes"]
    assert "belong together" in layout.note
    assert (
        find_layout([("north", "no"), ("north", "yes"), ("original", "no"), ("original", "yes")]).class_level
        == 0
    )
