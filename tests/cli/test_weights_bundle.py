"""``tldesk weights`` with folders: import, bundle, places, and the runs that use a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_calls import Call
from safetensors.torch import load_file, save_file
from tiny_project import BACKBONE, make_project, random_weights, small_recipe

from tldesk.base import machine_weights_dir
from tldesk.run import Run
from tldesk.trainer.plan import make_plan


@pytest.fixture
def stick(weights_source: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    shutil.copyfile(weights_source / "squeezenet1_1-imagenet.pth", folder / "anything.pth")
    (folder / "broken.pth").write_bytes(b"no weights")
    return folder


def test_a_folder_is_imported_file_by_file(stick: Path, call: Call) -> None:
    lines = call("weights", "import", stick).out.splitlines()
    assert any("anything.pth" in line and "imported" in line and "SqueezeNet 1.1" in line for line in lines)
    assert any("broken.pth" in line and "refused" in line and "damaged" in line for line in lines)
    files = call("weights", "import", stick, "--json").document["files"]
    states = {Path(one["path"]).name: (one["state"], one["name"]) for one in files}
    assert states == {"anything.pth": ("left", "squeezenet1_1"), "broken.pth": ("refused", None)}
    (stick / "anything.pth").unlink()
    (stick / "empty.pth").touch()
    ended = call("weights", "import", stick, "--quiet")
    assert ended.code == 2
    assert "none of the 2 files was imported" in ended.err
    for file in stick.iterdir():
        file.unlink()
    assert "there is no weight file in this folder, nor in those" in call("weights", "import", stick).err


def test_the_image_test_is_told(stick: Path, call: Call) -> None:
    assert (
        "the features are finite and differ between pictures"
        in call("weights", "import", stick / "anything.pth").err
    )


def test_packing_here_and_taking_in_there(
    stick: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("weights", "import", stick / "anything.pth")
    told = call("weights", "bundle", "squeezenet1_1", "--to", tmp_path / "packed")
    assert f"{tmp_path / 'packed' / 'README.txt'} explains how" in told.out
    packed = call("weights", "bundle", "--to", tmp_path / "packed", "--json").document
    assert sorted(Path(one).name for one in packed["files"]) == sorted(
        one.name for one in (tmp_path / "packed").iterdir()
    )
    monkeypatch.setenv("TLDESK_HOME", str(tmp_path / "elsewhere"))
    (one,) = call("weights", "import", tmp_path / "packed", "--json").document["files"]
    assert (one["state"], one["name"]) == ("taken", "squeezenet1_1")
    assert "resnet18" in call("weights", "bundle", "resnet18", "--to", tmp_path / "more").err


def test_places_and_where_a_file_came_from(weights_source: Path, call: Call, home: Path) -> None:
    places = call("weights", "places", "--json").document["places"]
    assert [one["name"] for one in places] == ["user", "machine", "program", "downloads"]
    assert places[0]["folder"] == str(home / "weights")
    assert str(machine_weights_dir()) in call("weights", "places").out
    machine_weights_dir().mkdir(parents=True)
    shutil.copyfile(
        weights_source / "squeezenet1_1-imagenet.pth", machine_weights_dir() / "squeezenet1_1.pth"
    )
    entries = {one["name"]: one for one in call("weights", "list", "--json").document["weights"]}
    assert entries["squeezenet1_1"]["place"] == "machine"
    assert entries["resnet18"]["place"] is None
    assert any(
        "squeezenet1_1" in line and "all users" in line for line in call("weights", "list").out.splitlines()
    )


def test_which_runs_of_a_project_use_a_file(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_weights(tmp_path / "given", monkeypatch)
    with make_project(tmp_path) as project:
        plan = make_plan(project, small_recipe())
        runs = [Run.create(project, plan).name, Run.create(project, plan).name]
    (file,) = (tmp_path / "given").iterdir()
    entries = {
        one["name"]: one for one in call("weights", "list", project.path, "--json").document["weights"]
    }
    assert entries[BACKBONE]["place"] == "given"
    assert sorted(entries[BACKBONE]["runs"]) == sorted(runs)
    assert entries["resnet18"]["runs"] == []
    listed = [line for line in call("weights", "list", project.path).out.splitlines() if BACKBONE in line]
    assert " 2 " in listed[0]
    assert "Runs:" in call("weights", "show", BACKBONE, project.path).out
    assert runs[1] in call("weights", "show", BACKBONE, project.path).out
    assert "runs" not in call("weights", "list", "--json").document["weights"][0]
    own = project.path / "weights" / file.name
    own.parent.mkdir()
    tensors = load_file(file)
    save_file({name: tensor if "bias" not in name else tensor + 1 for name, tensor in tensors.items()}, own)
    entries = {
        one["name"]: one for one in call("weights", "list", project.path, "--json").document["weights"]
    }
    assert (entries[BACKBONE]["place"], entries[BACKBONE]["runs"]) == ("project", [])


def test_one_backbone_is_shown_with_all_that_is_known(stick: Path, call: Call, home: Path) -> None:
    absent = call("weights", "show", "squeezenet1_1").out
    assert "not on this computer" in absent
    assert (
        "  1. On a computer with internet, open https://download.pytorch.org/models/squeezenet1_1-" in absent
    )
    assert "  3. Plug in the stick here and type: tldesk weights import PATH/TO/squeezenet1_1-" in absent
    assert "tldesk weights fetch squeezenet1_1" in absent
    assert len(call("weights", "show", "squeezenet1_1", "--json").document["steps"]) == 3
    sha256 = call("weights", "import", stick / "anything.pth", "--json").document["sha256"]
    told = call("weights", "show", "squeezenet1_1").out
    for words in (sha256, str(home / "weights"), "anything.pth", "BSD-3-Clause", "your folder"):
        assert words in told
    assert "USB" not in told
    assert "resnet18" in call("weights", "show", "resnet81").err


def test_weights_are_imported_into_a_project(stick: Path, call: Call, tmp_path: Path) -> None:
    with make_project(tmp_path) as project:
        path = project.path
    taken = call("weights", "import", stick / "anything.pth", "--project", path, "--json").document
    assert (taken["place"], taken["path"]) == ("project", str(path / "weights" / "squeezenet1_1.safetensors"))

    def places(*project: Path) -> dict[str, str]:
        listed = call("weights", "list", *project, "--json").document["weights"]
        return {one["name"]: one["place"] for one in listed if one["place"] != "program" and one["present"]}

    assert places(path) == {"squeezenet1_1": "project"}
    assert places() == {}
