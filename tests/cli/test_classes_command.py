"""``tldesk classes``, and folders that changed: moved pictures, renamed and removed class folders."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest
from cli_calls import Call, Ended, one_line
from dataset_pictures import draw, draw_tree

from tldesk.base.shell_words import typed
from tldesk.dataset import Project


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "x", {"ant": 4, "bee": 4, "wasp": 4})


@pytest.fixture
def project(call: Call, pictures: Path, tmp_path: Path) -> Path:
    assert call("new", tmp_path / "p", "--images", pictures).code == 0
    return tmp_path / "p.tldesk"


def counts(ended: Ended) -> dict[str, int]:
    return {one["class"]: one["images"] for one in ended.document["classes"]}


def rescan(call: Call, project: Path) -> str:
    return call("check", project, "--rescan").out


def test_list_rename_merge_delete(call: Call, project: Path) -> None:
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 4, "wasp": 4}
    assert (
        'Renamed the class "wasp" to "hornet".' in call("classes", project, "--rename", "wasp", "hornet").out
    )
    assert counts(call("classes", project, "--merge", "ant", "bee", "--json")) == {"bee": 8, "hornet": 4}
    ended = call("classes", project, "--delete", "hornet")
    assert 'Deleted the class "hornet"; 4 images without a label now.' in ended.out
    with Project.open(project) as opened:
        for _ in range(3):
            opened.edit.undo()
        assert opened.facts().class_counts == (("ant", 4), ("bee", 4), ("wasp", 4))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--delete", "moth"], 'no class "moth". Its classes are: ant, bee, wasp'),
        (["--rename", "ant", "bee"], 'there is a class "bee" already'),
        (["--rename", "ant", " "], "a class needs a name"),
        (["--merge", "ant", "ant"], "cannot be merged with itself"),
        (["--accept-folders", "nowhere.png"], "nowhere.png: the project has no such image"),
        (["--accept-folders", "ant/000.png"], "is in the folder of its class"),
        (["--rename", "ant", "two\nlines"], "cannot have line breaks"),
        (["--rename", "ant", "\x1b[31mred"], "control characters"),
        (["--rename", "ant", "a\u2028b"], "cannot have line breaks"),
        (["--delete", "ant", "--rename", "ant", "b"], "not allowed with"),
    ],
)
def test_mistakes(call: Call, project: Path, options: list[str], words: str) -> None:
    assert words in one_line(call("classes", project, *options))


def test_a_moved_picture_gets_its_folders_class_for_one_or_all(
    call: Call, project: Path, pictures: Path
) -> None:
    for number in range(2):
        shutil.move(pictures / f"ant/00{number}.png", pictures / f"bee/moved{number}.png")
    out = rescan(call, project)
    assert "2 images not in the folders of their classes (tldesk classes " in out
    assert f"{pictures / 'bee/moved0.png'}: label ant, folder bee" in out
    one = call("classes", project, "--accept-folders", pictures / "bee/moved0.png", "--json").document
    assert [(entry["class"], entry["images"]) for entry in one["classes"]] == [
        ("ant", 3), ("bee", 5), ("wasp", 4)
    ]  # fmt: skip
    assert [Path(entry["path"]).name for entry in one["moved"]] == ["moved1.png"]
    every = call("classes", project, "--accept-folders")
    assert "Accepted the folder's word for 1 image. To undo this: tldesk undo " in every.out
    assert counts(call("classes", project, "--json")) == {"ant": 2, "bee": 6, "wasp": 4}
    assert "folders of their classes" not in rescan(call, project)
    with Project.open(project) as opened:
        opened.edit.undo()
        assert dict(opened.facts().class_counts)["ant"] == 3
        assert len(opened.evidence.moved_images()) == 1, "it can be accepted again"


def test_a_picture_moved_out_of_all_class_folders_can_lose_its_label(
    call: Call, project: Path, pictures: Path
) -> None:
    for name in ("000", "001"):
        (pictures / f"wasp/{name}.png").rename(pictures / f"{name}.png")
    out = rescan(call, project)
    assert "2 images not in the folders of their classes (tldesk classes " in out
    assert f"{pictures / '000.png'}: label wasp, in no class folder" in out
    assert "2 images in no class folder any more; the label was kept, the first: 000.png" in out
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 4, "wasp": 4}
    assert call("classes", project, "--accept-folders", "000.png").code == 0
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 4, "wasp": 3}
    (pictures / "000.png").rename(pictures / "bee/came.png")
    rescan(call, project)
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 5, "wasp": 3}
    call("undo", project)
    assert counts(call("classes", project, "--json"))["wasp"] == 4


def test_a_label_given_by_hand_is_not_questioned(call: Call, project: Path) -> None:
    with Project.open(project) as opened:
        bee = next(one.id for one in opened.classes if one.name == "bee")
        opened.edit.label(opened.ids()[:1], bee)
    assert "class folder" not in rescan(call, project)
    assert "No image is outside the folder of its class" in call("classes", project, "--accept-folders").out


def test_a_renamed_class_folder_renames_its_class(call: Call, project: Path, pictures: Path) -> None:
    (pictures / "wasp").rename(pictures / "hornet")
    assert "accepting renames it" in rescan(call, project)
    call("classes", project, "--accept-folders")
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 4, "hornet": 4}
    with Project.open(project) as opened:
        assert [one.position for one in opened.classes] == [0, 1, 2]


def test_a_class_folder_put_into_another_leaves_no_empty_class(
    call: Call, project: Path, pictures: Path
) -> None:
    for file in list((pictures / "wasp").iterdir()):
        file.rename(pictures / "bee" / f"w{file.name}")
    rescan(call, project)
    call("classes", project, "--accept-folders")
    assert counts(call("classes", project, "--json")) == {"ant": 4, "bee": 8}


def test_pictures_moved_into_a_new_folder_make_a_class(call: Call, project: Path, pictures: Path) -> None:
    (pictures / "moth").mkdir()
    shutil.move(pictures / "ant/000.png", pictures / "moth/000.png")
    shutil.move(pictures / "bee/000.png", pictures / "moth/001.png")
    rescan(call, project)
    call("classes", project, "--accept-folders")
    assert counts(call("classes", project, "--json")) == {"ant": 3, "bee": 3, "wasp": 4, "moth": 2}


def test_an_empty_folder_may_be_a_drive_that_is_off(call: Call, project: Path, pictures: Path) -> None:
    shutil.rmtree(pictures)
    pictures.mkdir()
    said = rescan(call, project)
    assert "Is its drive connected?" in said
    assert "--delete" not in said
    listed = call("classes", project).out
    assert "Is its drive connected?" in listed
    assert "--delete" not in listed
    trained = call("train", project, "--freeze", "all", "--backbone", "starter_resnet18")
    assert trained.code == 2
    assert "--delete" not in trained.err


def test_a_removed_class_folder_is_said_and_the_advice_of_train_helps(
    call: Call, project: Path, pictures: Path
) -> None:
    shutil.rmtree(pictures / "wasp")
    assert 'The class "wasp" has no usable image (4 files missing)' in rescan(call, project)
    told = call("train", project, "--freeze", "all", "--backbone", "starter_resnet18")
    assert told.code == 2
    assert "the class 'wasp' has no image" in told.err
    advice = told.err.partition("Or type: ")[2].strip()
    assert shlex.split(advice) == ["tldesk", "classes", str(project), "--delete", "wasp"]
    assert call(*shlex.split(advice)[1:]).code == 0
    assert "has no image" not in call("train", project, "--freeze", "nowhere").err


@pytest.mark.skipif(os.name == "nt", reason="quoted for a POSIX shell")
@pytest.mark.parametrize("name", ["-neg", "two words", "it's", 'say "a"', "$HOME `x` \\\\", "Blé", "\\\\xe9"])
def test_what_train_and_check_advise_can_be_pasted(call: Call, tmp_path: Path, name: str) -> None:
    pictures = draw_tree(tmp_path / "x", {"ant": 2, "bee": 2})
    project = tmp_path / "a b's.tldesk"
    assert call("new", project, "--images", pictures).code == 0
    with Project.open(project) as opened:
        opened.edit.add_class(name)
    train = call("train", project, "--freeze", "all", "--backbone", "starter_resnet18").err
    check = call("check", project).out
    commands = [
        train.partition("Or type: ")[2].strip(),
        check.partition("delete it (")[2].partition(").\n")[0],
    ]
    assert commands[0] == commands[1]
    assert call(*shlex.split(commands[0])[1:]).code == 0
    assert {one["class"] for one in call("classes", project, "--json").document["classes"]} == {"ant", "bee"}


def test_an_empty_class_is_listed_with_its_mend(call: Call, project: Path) -> None:
    with Project.open(project) as opened:
        opened.edit.add_class("two words")
    out = call("classes", project).out
    assert 'The class "two words" has no image. To delete it:' in out
    assert "--delete 'two words'" in out or '--delete "two words"' in out
    assert call("check", project, "--json").document["empty_classes"] == ["two words"]


def test_a_new_picture_in_a_new_folder_still_makes_a_class_by_itself(
    call: Call, project: Path, pictures: Path
) -> None:
    draw(pictures / "moth/1.png", 1234)
    rescan(call, project)
    assert counts(call("classes", project, "--json"))["moth"] == 1


def test_a_moved_picture_is_named_as_a_check_or_its_folder_names_it(
    call: Call, project: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        shutil.move(pictures / f"ant/00{number}.png", pictures / f"bee/moved{number}.png")
    rescan(call, project)
    assert "for 1 image." in call("classes", project, "--accept-folders", "bee/moved0.png").out
    monkeypatch.chdir(tmp_path)
    assert "for 1 image." in call("classes", project, "--accept-folders", "x/bee/../bee/moved1.png").out
    last = pictures / "bee/moved2.png"
    assert "for 1 image." in call("classes", project, "--accept-folders", last, "bee/moved2.png").out


def test_what_changes_nothing_is_said_and_offers_no_undo(call: Call, project: Path) -> None:
    for options in (["--rename", "ant", " ant "], ["--accept-folders"]):
        ended = call("classes", project, *options)
        assert ended.code == 0
        assert "can be undone" not in ended.out
    assert (
        'The class is called "ant" already; nothing was changed.'
        in call("classes", project, "--rename", "ant", "ant").out
    )
    with Project.open(project) as opened:
        assert not opened.edit.undo_stack()


def test_a_name_that_differs_by_capitals_only_is_noted(call: Call, project: Path) -> None:
    said = "Bee (4) differ only in capitals"
    assert said in call("classes", project, "--rename", "wasp", "Bee").out
    assert "differ only" not in call("classes", project, "--rename", "ant", "Ant").out


def test_names_that_begin_with_a_hyphen_are_given_after_a_blank(call: Call, project: Path) -> None:
    assert 'to "-neg".' in call("classes", project, "--rename", "ant", " -neg").out
    assert 'Renamed the class "-neg" to "-pos".' in call("classes", project, "--rename", " -neg", " -pos").out
    assert "begins with a hyphen" in " ".join(call("classes", "--help").out.split())
    with Project.open(project) as opened:
        opened.edit.add_class("-x")
    assert "--delete ' -x'" in call("classes", project).out or os.name == "nt"
    assert call("classes", project, "--delete", " -x").code == 0


def test_a_folder_that_is_gone_is_said_before_a_training(call: Call, project: Path, pictures: Path) -> None:
    pictures.rename(pictures.with_name("elsewhere"))
    told = call("train", project, "--freeze", "nowhere").err
    assert f"The folder of pictures {pictures} is not there" in told
    assert "If it has moved: tldesk folders" in told
    assert f"--moved {typed(pictures)} NEW" in told
