"""``tldesk split``: splitting again, a rule, a lock, and the balance (also in ``new`` and ``check``)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from cli_calls import Call, one_line
from tiny_project import draw_pictures

from tldesk.dataset import Filter, Project, Split


@pytest.fixture
def made_new(leaves: Path, call: Call, tmp_path: Path) -> Path:
    """A project of 48 images in three classes, split without groups."""
    assert call("new", tmp_path / "leaves", "--images", leaves, "--quiet").code == 0
    return tmp_path / "leaves.tldesk"


def sides(path: Path) -> dict[str, Split | None]:
    with Project.open(path) as project:
        return {image.path.name: image.split for image in project.images(project.ids())}


def test_the_table_stands_alone_and_changes_nothing(made_new: Path, call: Call) -> None:
    before = sides(made_new)
    ended = call("split", made_new)
    table = [re.split(r"  +", line) for line in ended.out.splitlines()[:5]]
    assert table[0] == ["class", "images", "train", "validation", "test"]
    assert [row[:2] for row in table[1:4]] == [["blau", "16"], ["grün", "16"], ["rot", "16"]]
    for row in table[1:4]:  # 11.2, 2.4 and 2.4 images
        assert row[2] in {"11 (69 %)", "12 (75 %)"}
        assert set(row[3:]) <= {"2 (12 %)", "3 (19 %)"}
    assert table[4] == ["all labelled", "48", "34 (71 %)", "7 (15 %)", "7 (15 %)"]
    assert "Nothing was changed" in ended.err
    assert "--group-by RULE" in ended.out
    assert sides(made_new) == before


def test_a_proposed_rule_is_taken_and_undone(made_new: Path, call: Call) -> None:
    rule = call("split", made_new, "--json").document["group_proposals"][0]["group_by"]
    found = call("split", made_new, "--group-by", rule, "--json").document
    assert found["split_anew"]
    assert found["group_by"] == rule
    assert sum(found["splits"]["groups"].values()) == 24
    assert found["splits"]["groups_in_several"] == 0
    assert found["group_proposals"] == []
    plants: dict[str, set[Split | None]] = {}
    for name, side in sides(made_new).items():
        plants.setdefault(name.split("_")[0], set()).add(side)
    assert all(len(each) == 1 for each in plants.values())
    again = call("split", made_new, "--group-by", "none", "--json").document
    assert (again["group_by"], sum(again["splits"]["groups"].values())) == ("none", 0)
    with Project.open(made_new) as project:
        project.edit.undo()
        assert project.facts().groups == 24


def test_shares_and_seed(made_new: Path, call: Call) -> None:
    found = call("split", made_new, "--shares", "50, 25%, 25", "--json").document
    assert {name: found["splits"]["all"][name] for name in ("train", "validation", "test")} == {
        "train": 24,
        "validation": 12,
        "test": 12,
    }
    before = sides(made_new)
    seeded = call("split", made_new, "--seed", 4, "--json").document
    assert (seeded["seed"], seeded["shares"]) == (4, [50, 25, 25]), "shares stay as they were"
    assert sides(made_new) != before


def test_a_locked_test_set_outlasts_splitting(made_new: Path, call: Call) -> None:
    assert "locked" in call("split", made_new, "--lock-test").out
    with Project.open(made_new) as project:
        test = set(project.ids(Filter(split=Split.TEST)))
    assert call("split", made_new, "--seed", 8, "--json").document["splits"]["locked"]
    with Project.open(made_new) as project:
        assert set(project.ids(Filter(split=Split.TEST))) == test
    found = call("split", made_new, "--unlock-test", "--seed", 9, "--json").document
    assert not found["splits"]["locked"]
    with Project.open(made_new) as project:
        assert set(project.ids(Filter(split=Split.TEST))) != test


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shares", "70,30"], "e.g. 70,15,15"),
        (["--shares", "0,50,50"], "not valid shares"),
        (["--group-by", "nothing-like-it"], "into a group"),
        (["--lock-test", "--unlock-test"], "not allowed with"),
        (["--seed", "x"], "must be a whole number"),
    ],
)
def test_split_mistakes(made_new: Path, arguments: list[str], words: str, call: Call) -> None:
    before = sides(made_new)
    assert words in one_line(call("split", made_new, *arguments, "--quiet"))
    assert sides(made_new) == before


def test_there_is_nothing_to_lock(leaves: Path, call: Call, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", leaves)
    ended = call("split", tmp_path / "p", "--shares", "80,20,0", "--lock-test", "--quiet")
    assert "no test images to lock" in one_line(ended)


def test_check_tells_of_a_class_that_is_missing_in_a_split(leaves: Path, call: Call, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    for split, classes in (("train", ("rot", "blau")), ("val", ("rot", "blau")), ("test", ("rot",))):
        for name in classes:
            for picture in sorted((leaves / name).iterdir())[:4]:
                (pictures / split / name).mkdir(parents=True, exist_ok=True)
                (pictures / split / name / f"{split}{picture.name}").write_bytes(picture.read_bytes() + b" ")
    call("new", tmp_path / "p", "--images", pictures)
    assert "0 (0 %) ! none" in call("check", tmp_path / "p").out
    splits = call("check", tmp_path / "p", "--json").document["splits"]
    blau = next(one for one in splits["classes"] if one["class"] == "blau")
    assert blau["remarks"] == {"test": "none"}
    assert (blau["train"], blau["validation"], blau["test"]) == (4, 4, 0)


@pytest.fixture
def given(tmp_path: Path, call: Call) -> Path:
    """A project of 42 images whose folders give training and validation, but no test images."""
    pictures = draw_pictures(tmp_path / "pictures", (10, 4, 1))
    shutil.rmtree(pictures / "test")
    ended = call("new", tmp_path / "given", "--images", pictures)
    assert "There are no test images." in ended.out + ended.err
    assert "tldesk split " in ended.out + ended.err
    assert "--anew" in ended.out + ended.err
    return tmp_path / "given.tldesk"


def test_what_folders_give_is_kept_and_that_is_said(given: Path, call: Call) -> None:
    before = sides(given)
    ended = call("split", given, "--shares", "60,20,20")
    assert sides(given) == before
    assert "Nothing was changed" in ended.err
    assert "(train 30, validation 12)" in ended.err
    found = call("split", given, "--shares", "50,25,25", "--json").document
    assert (found["split_anew"], found["moved"], found["given_kept"]) == (False, 0, True)
    assert found["given"] == {"train": 30, "validation": 12}


def test_all_are_divided_anew_until_what_is_given_is_wanted_again(given: Path, call: Call) -> None:
    before = sides(given)
    found = call("split", given, "--shares", "60,20,20", "--anew", "--json").document
    assert found["splits"]["all"]["test"] == 8, "a fifth of 42"
    assert (found["split_anew"], found["given_kept"]) == (True, False)
    assert found["moved"] >= 8, "those are in no folder's test set"
    again = call("split", given, "--seed", 5, "--json").document
    assert not again["given_kept"], "as the last one"
    assert again["splits"]["all"]["test"] == 8
    back = call("split", given, "--as-given", "--json").document
    assert back["given_kept"]
    assert sides(given) == before
    assert "not allowed with" in one_line(call("split", given, "--anew", "--as-given"))


def test_the_same_seed_gives_the_same_split_and_that_is_said(made_new: Path, call: Call) -> None:
    call("split", made_new, "--seed", 3)
    ended = call("split", made_new, "--seed", 3)
    assert "the same images, shares and seed give the same split" in ended.err
