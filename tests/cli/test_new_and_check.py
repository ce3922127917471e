"""``tldesk new`` and ``tldesk check`` on real files: folders, tables, groups, mistakes."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from cli_calls import Call, one_line

from tldesk.dataset import Filter, Mark, Project, Split
from tldesk.model.cards import STARTER


@pytest.fixture
def table(leaves: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The pictures in one folder, and a CSV with other column names, an extra row and a missing row."""
    flat = tmp_path / "Bilder"
    flat.mkdir()
    lines = ["Nummer;Befund;Pflanze"]
    for picture in sorted(leaves.rglob("*.png")):
        shutil.copy(picture, flat)
        lines.append(f"{picture.stem};{picture.parent.name};{picture.stem.split('_')[0]}")
    lines[-1] = "verloren;rot;plant99"
    file = tmp_path / "befunde.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return flat, file


def test_folders(leaves: Path, call: Call, tmp_path: Path) -> None:
    found = call("new", tmp_path / "p", "--images", leaves, "--group-by", r"plant(.\d+)", "--json").document
    assert found["project"] == str(tmp_path / "p.tldesk")
    assert found["classes"] == {"blau": 16, "grün": 16, "rot": 16}
    assert found["groups"] == 24
    assert sum(found["split"].values()) == 48
    with Project.open(tmp_path / "p") as project:
        sides: dict[str | None, set[Split]] = {}
        for item in project.snapshot().items:
            sides.setdefault(item.group, set()).add(item.split)
    assert len(sides) == 24
    assert all(len(splits) == 1 for splits in sides.values())


def test_copied_with_their_table(table: tuple[Path, Path], call: Call, tmp_path: Path) -> None:
    flat, file = table
    arguments = ("new", tmp_path / "p", "--images", flat, "--labels", file, "--copy")
    ended = call(*arguments)
    assert ended.code == 0, ended.err
    size = sum(path.stat().st_size for path in flat.iterdir())
    assert f"Copying 48 pictures, {size / 1000:.1f} kB; " in ended.err
    shutil.rmtree(flat)
    file.unlink()
    (tmp_path / "p.tldesk").rename(tmp_path / "away.tldesk")
    found = call("check", tmp_path / "away", "--rescan", "--json").document
    assert (found["images"], found["labelled"], found["quarantine"]) == (48, 47, [])


def test_without_room_for_a_copy_no_project_is_made(
    leaves: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr("tldesk.dataset.files.copy_in.shutil.disk_usage", lambda _place: free)
    ended = call("new", tmp_path / "p", "--images", leaves, "--copy", "--quiet")
    assert "but only 10 bytes are free there" in one_line(ended)
    assert not (tmp_path / "p.tldesk").exists()


def test_said_for_people(leaves: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    shutil.copytree(leaves, tmp_path / "pictures", dirs_exist_ok=True)
    (tmp_path / "pictures" / "rot" / "leer.jpg").write_bytes(b"")
    ended = call("new", tmp_path / "p", "--images", tmp_path / "pictures", "--quiet")
    assert ended.code == 0
    assert "49 images, 48 with a label" in ended.out
    assert "1 image in quarantine:" in ended.out
    assert "leer.jpg: The file is empty" in ended.out
    assert ended.err == ""


def test_what_may_belong_together_is_proposed(leaves: Path, call: Call, tmp_path: Path) -> None:
    ended = call("new", tmp_path / "p", "--images", leaves)
    lines = ended.out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("rule "))
    assert "tldesk split" in lines[place - 1]
    (rule,) = shlex.split(lines[place + 1])[:1]
    found = call("new", tmp_path / "q", "--images", leaves, "--group-by", rule, "--json").document
    assert found["groups"] == 24
    assert found["group_proposals"] == []


def test_table_guessed(table: tuple[Path, Path], call: Call, tmp_path: Path) -> None:
    images, labels = table
    ended = call(
        "new", tmp_path / "p", "--images", images, "--labels", labels, "--json", "--group-by", "Pflanze"
    )
    found = ended.document
    assert found["classes"] == {"blau": 16, "grün": 16, "rot": 15}
    assert found["rows_without_file"] == ["verloren"]
    assert len(found["files_without_row"]) == 1
    assert found["groups"] == 24
    assert any('"Nummer"' in note and '"Befund"' in note for note in found["notes"])
    assert "match 47 of 48 rows" in ended.err


def test_table_columns_said(table: tuple[Path, Path], call: Call, tmp_path: Path) -> None:
    images, labels = table
    found = call(
        "new", tmp_path / "p", "--images", images, "--labels", labels, "--label-column", "Pflanze", "--json"
    ).document
    assert len(found["classes"]) == 24
    assert found["classes"]["plantb0"] == 2


def test_pictures_without_classes(leaves: Path, call: Call, tmp_path: Path) -> None:
    found = call("new", tmp_path / "p", "--images", leaves / "rot", "--json").document
    assert (found["images"], found["labelled"], found["classes"]) == (16, 0, {})
    assert any("No labels were found" in note for note in found["notes"])


def test_mistakes_leave_nothing(leaves: Path, table: tuple[Path, Path], call: Call, tmp_path: Path) -> None:
    images, labels = table
    place = tmp_path / "p.tldesk"
    wrong: list[tuple[list[object], str]] = [
        (["--images", tmp_path / "nowhere"], "nowhere"),
        (["--images", images, "--labels", tmp_path / "no.csv"], "no.csv"),
        (["--images", images, "--labels", labels, "--label-column", "Klasse"], 'no column "Klasse"'),
        (["--images", leaves, "--label-column", "Klasse"], "no table was given"),
        (["--images", leaves, "--group-by", "plant("], "not a valid regular expression"),
        (["--images", leaves, "--group-by", "nothing-like-it"], "which no file name matches, puts no image"),
        (["--images", leaves, "--group-by", "PatientID"], '"PatientID", of which no image has a value'),
    ]
    for arguments, words in wrong:
        ended = call("new", place, *arguments, "--quiet")
        assert words in one_line(ended)
        assert not place.exists()


def test_existing_project_is_left_alone(trained: Path, leaves: Path, call: Call) -> None:
    before = (trained / "project.sqlite").stat().st_size
    assert "already" in one_line(call("new", trained, "--images", leaves))
    assert (trained / "project.sqlite").stat().st_size == before


def test_check(leaves: Path, call: Call, tmp_path: Path) -> None:
    pictures = Path(shutil.copytree(leaves, tmp_path / "pictures"))
    for split, number in (("train", 0), ("val", 1)):
        for folder in leaves.iterdir():
            target = pictures / split / folder.name
            target.mkdir(parents=True)
            shutil.copy(sorted(folder.iterdir())[number], target)
    shutil.copy(pictures / "train" / "rot" / "plantr0_0.png", pictures / "val" / "rot" / "again.png")
    for folder in leaves.iterdir():
        shutil.rmtree(pictures / folder.name)
    (pictures / "val" / "rot" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert call("new", tmp_path / "p", "--images", pictures).code == 0
    found = call("check", tmp_path / "p", "--json").document
    assert found["images"] == 8
    assert found["classes"] == {"blau": 2, "grün": 2, "rot": 3}
    assert [Path(one["path"]).name for one in found["quarantine"]] == ["broken.png"]
    assert found["quarantine"][0]["reason"]
    assert [leak["kind"] for leak in found["leakage"]].count("duplicate") == 1
    assert found["imbalance"]["ratio"] == 1.5
    assert set(found) >= {"near_duplicates", "duplicates"}
    told = call("check", tmp_path / "p")
    assert "1 image in quarantine" in told.out
    assert "1 set of identical files" in told.out
    assert "in different splits, so scores are too good" in told.out


def test_check_tells_what_may_belong_together(leaves: Path, call: Call, tmp_path: Path) -> None:
    assert call("new", tmp_path / "p", "--images", leaves).code == 0
    told = call("check", tmp_path / "p").out.splitlines()
    place = next(number for number, line in enumerate(told) if "may belong together" in line)
    assert told[place].startswith("1 rule by which images in different splits")
    assert "(train)" in told[place + 1]


def test_a_folder_without_pictures_leaves_no_project(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no picture", encoding="utf-8")
    for images, words in (
        (tmp_path / "empty", "this folder contains no pictures"),
        (tmp_path / "empty" / "notes.txt", "this is a file"),
    ):
        ended = call("new", tmp_path / "p", "--images", images)
        assert ended.code == 2
        assert words in one_line(ended)
        assert not (tmp_path / "p.tldesk").exists()


def test_check_tells_how_well_readers_agree(leaves: Path, call: Call, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", leaves)
    with Project.open(tmp_path / "p") as project:
        first, second = project.classes[:2]
        ids = project.ids(Filter(class_id=first.id))[:3] + project.ids(Filter(class_id=second.id))[:1]
        project.edit.read_as("Ada", ids[:2], first.id)
        project.edit.read_as("Ada", ids[2:], second.id)
        project.edit.mark(project.ids()[-1:], Mark.EXCLUDED)
    done = call("check", tmp_path / "p", "--json")
    (found,) = done.document["agreement"]
    assert found["readers"] == [None, "Ada"]
    assert (found["images"], found["alike"], found["differing"]) == (4, 0.75, 1)
    assert found["kappa"]["value"] == pytest.approx(0.5)
    assert done.document["excluded"] == 1
    said = call("check", tmp_path / "p").out
    assert "the labels and Ada: 75.0 % of 4 images alike, kappa 0.50" in said
    assert "1 excluded" in said


@pytest.mark.usefixtures("starter")
def test_a_deep_check_with_the_starter_says_what_that_is(made: Path, call: Call) -> None:
    ended = call("check", made, "--deep")
    assert ended.code == 0
    assert STARTER.caution in ended.err


@pytest.mark.usefixtures("no_starter")
def test_a_deep_check_lets_a_network_look(
    data_dir: Path, trained_weights: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("ants", "bees"):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for picture in sorted(data_dir.glob(f"ants_bees/*/{kind}/*.jpg"))[:16]:
            shutil.copy(picture, tmp_path / "photos" / kind)
    call("new", tmp_path / "p", "--images", tmp_path / "photos")
    refused = call("check", tmp_path / "p", "--deep")
    assert refused.code == 2
    assert "no pretrained weights" in one_line(refused)
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    with Project.open(tmp_path / "p") as project:
        ants, bees = project.classes
        wrong = project.ids(Filter(class_id=ants.id))[3]
        project.edit.label([wrong], bees.id)
        name = project.image(wrong).path.name
    done = call("check", tmp_path / "p", "--deep", "--json")
    assert STARTER.caution not in done.err
    found = done.document["doubtful_labels"]
    assert name in [Path(one["path"]).name for one in found]
    assert done.document["alike_to_a_network"] == []
    said = call("check", tmp_path / "p", "--deep").out
    assert "that may be wrong" in said
    assert f"{name}: bees, predicted ants" in said


def test_a_rule_that_matches_no_name_is_refused_before_pictures_are_read(
    table: tuple[Path, Path], call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwanted(*_: object) -> None:
        raise AssertionError("the pictures are read")

    monkeypatch.setattr(Project, "scan", unwanted)
    images, labels = table
    ended = call("new", tmp_path / "p", "--images", images, "--labels", labels, "--group-by", "Who")
    assert ended.code == 2
    line = ended.err.splitlines()[-1]
    assert '"Who", which no file name matches, puts no image into a group' in line
    assert 'such as a column ("' in line
    assert '"Pflanze"' in line
