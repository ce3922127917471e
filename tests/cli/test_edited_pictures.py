"""Pictures edited in place between two commands: said before the training, and read anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_calls import QUICK, Call
from PIL import Image, ImageOps

from tldesk.dataset import Project
from tldesk.imaging.hashing import content_hash


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    folder = tmp_path / "x"
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
        for number in range(8):
            pixels = np.random.default_rng((number, ord(label))).integers(0, 256, (64, 64), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def edit(folder: Path) -> None:
    for file in (folder / "a").iterdir():
        ImageOps.invert(Image.open(file)).resize((80, 80)).save(file)


# Each stops at its first problem, after the pictures were looked at and before anything is trained.
COMMANDS = {
    "train": ["train", "--freeze", "nowhere"],
    "cross-validation": ["train", "--folds", "3", "--freeze", "nowhere"],
    "search": ["search", "--freeze", "nowhere"],
    "compare": ["compare", "--freeze", "nowhere"],
    "find-rate": ["find-rate", "--freeze", "nowhere"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_trains_says_so_first(call: Call, noise: Path, tmp_path: Path, name: str) -> None:
    call("new", tmp_path / "p", "--images", noise)
    edit(noise)
    command, *options = COMMANDS[name]
    told = call(command, tmp_path / "p", *options).err
    assert told.index("8 pictures changed since the last scan and were read again.") < told.index("nowhere")
    with Project.open(tmp_path / "p.tldesk") as project:
        images = project.images(project.ids())
        assert all(image.content == content_hash(image.path) for image in images)


def test_check_reads_them_again_without_rescan(call: Call, noise: Path, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", noise)
    edit(noise)
    ended = call("check", tmp_path / "p")
    assert ended.code == 0
    assert "8 pictures changed since the last scan and were read again." in ended.err


def test_a_run_is_not_resumed_with_other_pictures(call: Call, noise: Path, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", noise)
    assert call("train", tmp_path / "p", *QUICK, "--set", "phases.0.epochs=1").code == 0
    edit(noise)
    ended = call("train", tmp_path / "p", "--resume", "1")
    assert ended.code == 2
    assert "pictures that it is trained on changed since it began. Put the former pictures back" in ended.err
    said = call("evaluate", tmp_path / "p", "--json").document
    assert said["changed"]["redrawn"] == 8


def test_metrics_are_about_the_files_of_the_run_kept_or_computed(
    call: Call, noise: Path, tmp_path: Path
) -> None:
    call("new", tmp_path / "p", "--images", noise)
    assert call("train", tmp_path / "p", *QUICK, "--set", "phases.0.epochs=1").code == 0
    edit(noise)
    kept = call("evaluate", tmp_path / "p", "--split", "test")
    assert "These metrics are about the files at the time of the run." in kept.out
    assert "train a new run: tldesk train " in kept.out
    with Project.open(tmp_path / "p.tldesk") as project:
        learnt = [one for one in project.images(project.ids()) if one.split == "train"]
    edited = sum(one.class_name == "a" for one in learnt)
    computed = call("evaluate", tmp_path / "p", "--split", "train").out
    assert f"{edited} train images of this run were left out" in computed
    assert f"train, {len(learnt) - edited} images" in computed
    again = call("evaluate", tmp_path / "p", "--split", "train").out
    assert f"{edited} train images of this run were left out" in again, "also from what is kept now"


def test_nothing_is_left_to_evaluate_if_all_files_changed(call: Call, noise: Path, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", noise)
    assert call("train", tmp_path / "p", *QUICK, "--set", "phases.0.epochs=1").code == 0
    for file in noise.rglob("*.png"):
        ImageOps.invert(Image.open(file)).resize((80, 80)).save(file)
    assert call("evaluate", tmp_path / "p").code == 0
    refused = call("evaluate", tmp_path / "p", "--split", "train")
    assert refused.code == 2
    assert "have changed, and no earlier answers were kept. Train a new run" in refused.err
    assert "has another file today" in call("evaluate", tmp_path / "p", "--today").err


def test_swapped_folders_are_said_before_the_training(call: Call, noise: Path, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", noise)
    for old, new in (("a", "c"), ("b", "a"), ("c", "b")):
        (noise / old).rename(noise / new)
    said = call("train", tmp_path / "p", "--freeze", "nowhere").err
    assert "16 images are not in the folders of their classes; they kept their labels." in said
    assert "p.tldesk --accept-folders" in said
