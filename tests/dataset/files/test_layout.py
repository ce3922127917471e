"""What folder trees are taken to mean."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.layout_finder import find_layout
from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import LayoutChoice, Split


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
        (
            ["train_set/train_set/a", "test_set/test_set/b"],
            "test_set/test_set/b",
            "b",
            Split.TEST,
            "test_set",
        ),
        (["Train images/a", "Test images/b"], "Train images/a", "a", Split.TRAIN, ""),
        (["Entraînement/a", "Évaluation/b"], "Évaluation/b", "b", Split.VALIDATION, ""),
        (["train/a", "val/a", "eval/a"], "eval/a", "a", Split.TEST, ""),
        (["train/images/a", "test/images/b"], "test/images/b", "b", Split.TEST, "images"),
        (["train/batch1/a", "test/batch2/a"], "test/batch2/a", "a", Split.TEST, "batch2"),
        (["train/train/a", "train/val/a", "test/a", "test/b"], "train/val/a", "a", Split.VALIDATION, "train"),
        (["train/trn", "train/Validation", "test"], "train/Validation", None, Split.VALIDATION, "train"),
        (["train/test/x", "train/ok/x", "test/ok"], "train/test/x", "test", Split.TRAIN, "x"),
        (["train/a", "train/b", "train/val/a", "test/a"], "train/val/a", "a", Split.VALIDATION, "train"),
        (["train/test", "train/ok", "val/test", "val/ok"], "train/test", "test", Split.TRAIN, ""),
        (["train_a", "train_b", "test_a"], "test_a", "a", Split.TEST, ""),
        (["train/images", "val/images"], "val/images", None, Split.VALIDATION, "images"),
        (["a/Training", "a/Prueba", "b/Training"], "a/Prueba", "a", Split.TEST, ""),
        (["set", "set/a", "set/b"], "set/a", "a", None, "set"),
        (["set", "set/a", "set/b"], "set", None, None, "set"),
        (["train/a", "train/b"], "train/a", "a", None, "train"),
        (["bus station", "train station"], "train station", "train station", None, ""),
        (["positive test", "negative test"], "negative test", "negative test", None, ""),
        (["Test strips", "Train tracks", "Roads"], "Test strips", "Test strips", None, ""),
        (["Teste positivo", "Teste negativo", "sem teste"], "sem teste", "sem teste", None, ""),
    ],
)
def test_layouts(trees: list[str], path: str, class_name: str | None, split: Split | None, rest: str) -> None:
    layout = layout_of(trees)
    assert layout.class_of(folders(path)) == class_name
    assert layout.split_of(folders(path)) == split
    assert layout.rest_of(folders(path)) == folders(rest)
    assert layout.notes == ()


def test_the_same_inner_folders_everywhere_are_pointed_out() -> None:
    layout = layout_of(["site A/yes", "site A/no", "site B/yes", "site B/no"])
    assert layout.class_of(("site A", "yes")) == "site A"
    assert "(no, yes)" in layout.notes[0]
    assert layout.options == (("site A", "site B"), ("no", "yes"))


def test_names_are_ordered_as_people_count() -> None:
    names = ["class 10", "Class 2", "class 1", "Äpfel", "Zimt", "10", "9"]
    assert sorted(names, key=natural_key) == ["9", "10", "class 1", "Class 2", "class 10", "Zimt", "Äpfel"]


def folders(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")) if path else ()


def layout_of(trees: Iterable[str]) -> Layout:
    return find_layout({f"{tree}/1.jpg".lstrip("/"): number for number, tree in enumerate(trees)})


def test_originals_and_changed_copies_are_no_classes() -> None:
    trees = [f"brain/{kind}/{name}" for kind in ("Augmented", "original") for name in ("no", "yes")]
    layout = layout_of(trees)
    assert [layout.class_of(folders(tree)) for tree in trees] == ["no", "yes", "no", "yes"]
    assert "belong together" in layout.notes[0]
    assert layout_of(["north/no", "north/yes", "original/no", "original/yes"]).depth == 1


@pytest.mark.parametrize(
    ("trees", "labels", "said"),
    [
        (
            ["train/a", "val/a", "unlabeled"],
            ["a", "a", None],
            'train, val are taken as splits; "unlabeled" is none',
        ),
        (["seg_train/a", "seg_test/a", "seg_pred/seg_pred"], ["a", "a", None], '"seg_pred" is none'),
        (["train/a", "train/b", "val/a", "more/b"], ["a", "b", "a", "b"], '"more" is none'),
        (["train/a", "train/b", "test/unknown"], ["a", "b", None], '"test/unknown" is no class'),
        (["a", "b", "not labelled"], ["a", "b", None], '"not labelled" is not taken as a class'),
        (["images/a", "images/b", "figures"], ["a", "b", None], '"figures": 1 image without a label'),
        (
            ["a/images", "a/masks", "b/images", "b/masks"],
            ["a", None, "b", None],
            "2 pictures in folders named masks",
        ),
        (
            ["train/good", "test/good", "test/bent", "ground_truth/bent"],
            ["good", "good", "bent", None],
            "1 picture in folders named ground_truth",
        ),
        (
            ["train_images/a", "train_masks/a", "test images/b", "test masks/b"],
            ["a", None, "b", None],
            "2 pictures in folders named test masks, train_masks",
        ),
        (
            ["x/train/a", "y/test/a", "x/train/b", "y/test/b"],
            ["a", "a", "b", "b"],
            "not the outer ones (x, y)",
        ),
        (
            ["patient 1/no", "patient 1/yes", "patient 2/no", "patient 2/yes"],
            ["no", "yes", "no", "yes"],
            "people",
        ),
        (["patient 1", "patient 2"], [None, None], "are people"),
        (["P001/benign", "P002/malignant", "P003/benign"], ["benign", "malignant", "benign"], "are people"),
        (["8863/0", "8863/1", "8864/0", "9001/1"], ["0", "1", "0", "1"], "inner ones (0, 1)"),
        (
            ["fold1/a", "fold1/b", "fold2/a", "fold2/b"],
            ["a", "b", "a", "b"],
            "number years, folds or cases",
        ),
        (["2019/fox", "2019/owl", "2020/fox", "2021-05/owl"], ["fox", "owl", "fox", "owl"], "(fox, owl)"),
        (
            ["2019/fox", "2020/fox", "2020/owl", "unlabeled"],
            ["fox", "fox", "owl", None],
            '"unlabeled" is not',
        ),
        (["train/P1/a", "train/P2/b", "test/P3/a", "test/P4/b"], ["a", "b", "a", "b"], "are people"),
        (["Split_A/a", "Split_A/b", "Split_B/a", "Split_B/b"], ["a", "b", "a", "b"], "inner ones (a, b)"),
        (["2024-05-01_10-00-00/a", "2024-05-02/a", "2024-05-02/b"], ["a", "a", "b"], "inner ones (a, b)"),
        (["2024-05-01", "2024-05-02 10.30"], [None, None], "are days"),
        (["01.05.2024", "20.05.2024"], [None, None], "are days"),
        (["1/left", "1/right", "2/left", "2/right"], ["1", "1", "2", "2"], "classes are the outer folders"),
        (["DICOM/PA0/ST0/SE0", "DICOM/PA1/ST0/SE0"], [None, None], "a DICOM medium"),
        (["PA0/ST0/SE0", "PA0/ST0/SE1"], [None, None], "a DICOM medium"),
    ],
)
def test_what_may_be_unexpected_is_said(trees: list[str], labels: list[str | None], said: str) -> None:
    layout = layout_of(trees)
    assert [layout.class_of(folders(tree)) for tree in trees] == labels
    assert any(said in note for note in layout.notes), layout.notes


def test_the_list_of_a_medium_makes_numbers_no_classes_but_leaves_words() -> None:
    medium = find_layout({"DICOMDIR": 9, "24010101/1/IM1": 9, "24010102/1/IM1": 9})
    assert medium.depth == 0
    sorted_by_hand = find_layout({"DICOMDIR": 9, "benign/IM1": 9, "malignant/IM2": 9})
    assert sorted_by_hand.class_of(("benign",)) == "benign"
    assert medium.left_out == sorted_by_hand.left_out == {"DICOMDIR"}


@pytest.mark.parametrize(
    ("choice", "label", "split"),
    [
        (LayoutChoice(), "rust", Split.TEST),
        (LayoutChoice(depth=2), "plot 1", Split.TEST),
        (LayoutChoice(depth=3), None, Split.TEST),
        (LayoutChoice(depth=0), None, Split.TEST),
        (LayoutChoice(splits=False), "rust", None),
    ],
)
def test_the_layout_can_be_chosen(choice: LayoutChoice, label: str | None, split: Split | None) -> None:
    files = {
        f"{part}/{name}/plot {n}/1.jpg": 1
        for part in ("train", "test")
        for name in ("ok", "rust")
        for n in (1, 2)
    }
    layout = find_layout(files, None, choice)
    place = ("test", "rust", "plot 1")
    assert (layout.class_of(place), layout.split_of(place)) == (label, split)
    assert layout.options == (("ok", "rust"), ("plot 1", "plot 2"))
