"""``tldesk demo``: with the starter as shipped; with few pictures and better weights; run twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from cli_calls import Call
from PIL import Image
from tiny_project import make_project

from tldesk.cli.chosen_recipe import demo_recipe
from tldesk.dataset import Project
from tldesk.dataset.sample import write_sample
from tldesk.engine import device_named
from tldesk.model.cards import STARTER
from tldesk.run import Run


@pytest.mark.thorough
@pytest.mark.timeout(1200)  # 400 pictures are drawn, and the network looks at each in eight versions
@pytest.mark.usefixtures("starter")
def test_the_demo_as_it_ships_is_right_nine_times_of_ten(call: Call, tmp_path: Path) -> None:
    """A head on the frozen starter; the test images were not used for training. It was right on 57 of 60."""
    ended = call("demo", tmp_path / "demo", "--no-window")
    assert ended.code == 0, ended.err
    assert STARTER.caution in ended.err
    found = call("demo", tmp_path / "demo", "--no-window", "--json").document
    assert (found["backbone"], found["split"]) == (STARTER.name, "test")
    with Project.open(Path(found["project"])) as project:
        (run,) = Run.runs(project)
        assert [phase.freeze for phase in run.recipe.phases] == ["all"]
        assert (run.recipe.weights, run.recipe.input_size) == ("pretrained", 256)
    assert found["evaluation"]["n"] == 60
    assert found["accuracy"]["value"] > 0.90


@pytest.mark.usefixtures("starter")
def test_the_demo_trains_a_head_on_the_frozen_starter(tmp_path: Path) -> None:
    with make_project(tmp_path) as project:
        recipe, _ = demo_recipe(project, device_named("cpu"))
    assert (recipe.backbone, recipe.weights, recipe.input_size) == (STARTER.name, "pretrained", 256)
    assert [phase.freeze for phase in recipe.phases] == ["all"]
    assert recipe.augmentation.views == 8


@pytest.mark.usefixtures("no_starter")
def test_a_damaged_program_has_a_demo_too(tmp_path: Path) -> None:
    with make_project(tmp_path) as project:
        recipe, reasons = demo_recipe(project, device_named("cpu"))
    assert (recipe.weights, recipe.input_size, recipe.phases[0].freeze) == ("random", 96, "none")
    assert "not even the starter's" in reasons[0]


def test_demo_twice(
    call: Call, weights_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_sample, "write_sample", partial(write_sample.write_sample, count=40))
    assert call("weights", "import", weights_source / "squeezenet1_1-imagenet.pth").code == 0
    folder = tmp_path / "Démo mit Blättern"
    found = call("demo", folder, "--no-window", "--json").document
    assert found["backbone"] == "squeezenet1_1"
    assert found["accuracy"] == found["evaluation"]["accuracy"]
    assert 1 <= len(found["overlays"]) <= 8  # at most two per class
    for overlay in found["overlays"]:
        with Image.open(overlay) as picture:
            assert picture.size == (256, 256)
    table = Path(found["table"]).read_text(encoding="utf-8").splitlines()
    assert len(table) == found["evaluation"]["n"] + 1
    with Project.open(Path(found["project"])) as project:
        assert project.facts().labelled == 40
        groups = {item.group: set() for item in project.snapshot().items}
        for item in project.snapshot().items:
            groups[item.group].add(item.split)
    assert all(len(splits) == 1 for splits in groups.values())
    again = call("demo", folder, "--no-window")
    assert again.code == 0
    assert "Using the project of an earlier demo" in again.out
    assert "Using its run 1" in again.out
    assert found["table"] in again.out


def test_demo_where_it_cannot_write(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = call("demo", tmp_path / "file", "--no-window", "--quiet")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
