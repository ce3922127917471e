"""``tldesk new`` with folders that are nearly a usual layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_calls import Call
from dataset_pictures import draw


def found(call: Call, root: Path, *folders: str, each: int = 2) -> tuple[dict[str, Any], str]:
    for place, folder in enumerate(folders):
        for number in range(each):
            draw(root / "x" / folder / f"{place}{number}.png", place * each + number)
    document = call("new", "p", "--images", root / "x", "--dry-run", "--json").document["found"]
    return document, " ".join(document["notes"])


@pytest.mark.parametrize("name", ["cat_augmented", "aug_cat", "Cat - Augmented", "cat rotated"])
def test_classes_called_as_copies_of_others_are_named(name: str, call: Call, tmp_path: Path) -> None:
    document, notes = found(call, tmp_path, "cat", "dog", name)
    assert document["classes"] == {"cat": 2, "dog": 2, name: 2}
    assert f'"{name}" beside "cat"' in notes


def test_copies_inside_splits_are_named_and_other_classes_are_not(call: Call, tmp_path: Path) -> None:
    folders = [f"{split}/{name}" for split in ("train", "test") for name in ("cat", "cat_aug", "augmented")]
    _, notes = found(call, tmp_path, *folders)
    assert '"cat_aug" beside "cat"' in notes
    assert '"augmented" beside' not in notes


@pytest.mark.parametrize(("outer", "name"), [("", "val"), ("set/", "validation"), ("data/x/", "valid")])
def test_a_validation_folder_in_the_only_training_folder(
    outer: str, name: str, call: Call, tmp_path: Path
) -> None:
    train = f"{outer}train"
    document, _ = found(call, tmp_path, f"{train}/a", f"{train}/b", f"{train}/{name}/a", f"{train}/{name}/b")
    assert document["classes"] == {"a": 4, "b": 4}
    assert document["splits"] == {"train": 4, "validation": 4}


@pytest.mark.parametrize(
    "names", [("test", "val", "other"), ("eval", "test", "unknown"), ("test", "val", "x", "y")]
)
def test_words_for_splits_without_training_are_classes(
    names: tuple[str, ...], call: Call, tmp_path: Path
) -> None:
    document, notes = found(call, tmp_path, *names)
    assert document["classes"] == dict.fromkeys(names, 2)
    assert not document["splits"]
    assert "taken as classes" in notes


def test_splits_without_training_that_hold_classes_or_unlabelled_ones_stay(
    call: Call, tmp_path: Path
) -> None:
    folders = [f"{split}/{name}" for split in ("test", "val", "other") for name in "ab"]
    assert found(call, tmp_path / "1", *folders)[0]["splits"] == {"validation": 4, "test": 4}
    document, _ = found(call, tmp_path / "2", "test", "val", "unlabeled")
    assert document["splits"] == {"validation": 2, "test": 2}


def test_an_empty_class_folder_is_named(call: Call, tmp_path: Path) -> None:
    (tmp_path / "x" / "train" / "c").mkdir(parents=True)
    (tmp_path / "x" / "notes").mkdir()
    document, notes = found(
        call, tmp_path, *(f"{split}/{name}" for split in ("train", "test") for name in "ab")
    )
    assert document["classes"] == {"a": 4, "b": 4}
    assert "train/c: nothing in it, so it gives no class" in notes
    assert "notes" not in notes
