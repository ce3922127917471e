"""How pictures are read goes with run, features and model file, whatever the project says later."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from tiny_project import random_weights, small_recipe

from tldesk.base import ProblemError
from tldesk.dataset import Project, Snapshot, Split
from tldesk.engine.picture_batches import PreprocessedPictures, preparation_key
from tldesk.imaging import AS_STORED, Rendering
from tldesk.model import card
from tldesk.model.model_file import ModelFile
from tldesk.prediction import Predictor
from tldesk.run import Run, compare
from tldesk.run.network_check import inspecting
from tldesk.trainer.plan import make_plan

MIDDLE = Rendering("middle", "0..4000")
LOOKS = {"hell": 3000, "dunkel": 800}


def draw_stack(path: Path, number: int, level: int) -> Path:
    """Three pages of 12 bits: noise, the class's brightness, noise."""
    random = np.random.default_rng(number)
    stack = random.integers(0, 4096, (3, 72, 80), dtype=np.uint16)
    stack[1] = np.clip(random.normal(level, 200, (72, 80)), 0, 4095)
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, stack, photometric="minisblack")
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    for split, count in (("train", 8), ("val", 4), ("test", 4)):
        for place, (name, level) in enumerate(LOOKS.items()):
            for number in range(count):
                seed = 1000 * place + 100 * len(split) + number
                draw_stack(tmp_path / "stapel" / split / name / f"{number}.tif", seed, level)
    with Project.create(tmp_path / "stapel.tldesk", tmp_path / "stapel") as made:
        made.split()
        yield made


def trained(project: Project) -> Run:
    run = Run.create(project, make_plan(project, small_recipe("all", epochs=4, rate=0.02), device="cpu"))
    list(run.train())
    run.finish()
    return run


def test_a_model_reads_new_pictures_as_it_was_trained(project: Project, tmp_path: Path) -> None:
    project.edit.read_pictures(MIDDLE)
    run = trained(project)
    assert run.evaluate("test").accuracy.value == 1.0  # nothing tells the classes apart but the middle page
    project.edit.undo()
    assert project.rendering() == AS_STORED
    predictor = Predictor.open(run.model)
    assert predictor.preprocessing.rendering == MIDDLE
    new = {name: draw_stack(tmp_path / f"new {name}.tif", 9, level) for name, level in LOOKS.items()}
    for name, path in new.items():
        answer = predictor.predict(path)
        assert (answer.predicted, answer.rendering) == (name, MIDDLE)
        assert [one.predicted for one in predictor.predict_many([path])] == [name]
        shown = predictor.explain(path).pixels
        assert abs(float(shown.mean()) - LOOKS[name] / 4000 * 255) < 5


def test_a_run_keeps_its_rule_and_never_uses_features_of_another(project: Project) -> None:
    first = trained(project)
    project.edit.read_pictures(MIDDLE)
    second = trained(project)
    stores = {path.parent.name for path in project.cache_dir.glob("features/*/about.json")}
    project.edit.undo()

    assert (first.snapshot.rendering, second.snapshot.rendering) == (AS_STORED, MIDDLE)
    assert first.snapshot.fingerprint != second.snapshot.fingerprint
    assert compare(first, second).recipe == (("frame", "first", "middle"), ("window", "file", "0..4000"))
    assert len(stores) == 2
    before = second.evaluate("test").accuracy.value
    second.files.predictions(Split.TEST).unlink()
    assert Run.open(project, 2).evaluate("test").accuracy.value == before == 1.0
    first.files.predictions(Split.TEST).unlink()
    assert Run.open(project, 1).evaluate("test").n == 8
    assert {path.parent.name for path in project.cache_dir.glob("features/*/about.json")} == stores


def test_a_stopped_run_goes_on_as_it_began(project: Project) -> None:
    project.edit.read_pictures(MIDDLE)
    run = Run.create(project, make_plan(project, small_recipe("all", epochs=4), device="cpu"))
    stop = threading.Event()
    for event in run.train(stop):
        if type(event).__name__ == "EpochFinished":
            stop.set()
    project.edit.undo()
    resumed = Run.resume(project, "last", device="cpu")
    list(resumed.train())
    resumed.finish()
    assert ModelFile.load(resumed.files.model).preprocessing.rendering == MIDDLE


def test_features_for_checking_are_read_as_the_project_says(project: Project) -> None:
    recipe = small_recipe("all")
    list(inspecting(project, recipe))
    first = {path.parent.name for path in project.cache_dir.glob("features/*/about.json")}
    project.edit.read_pictures(MIDDLE)
    list(inspecting(project, recipe))
    second = {path.parent.name for path in project.cache_dir.glob("features/*/about.json")}
    assert len(second) == 2 * len(first)


def test_the_default_leaves_every_key_and_file_as_it_was(project: Project, tmp_path: Path) -> None:
    plain = card("mobilenet_v3_small").preprocessing(64)
    assert preparation_key(plain) == "64-crop-0.875-bilinear-r3"
    other = PreprocessedPictures(
        tmp_path, plain.__class__(64, "crop", plain.mean, plain.std, rendering=MIDDLE)
    )
    assert preparation_key(other.preprocessing) == f"64-crop-0.875-bilinear-{MIDDLE.key}-r3"
    text = project.snapshot().to_json()
    document = json.loads(text)
    del document["rendering"]  # as it was written before there was a choice
    old = Snapshot.from_json(json.dumps(document))
    assert old == project.snapshot()
    assert old.rendering == AS_STORED


def test_a_snapshot_whose_rule_was_changed_is_refused(project: Project) -> None:
    project.edit.read_pictures(MIDDLE)
    text = project.snapshot().to_json()
    assert Snapshot.from_json(text).rendering == MIDDLE
    with pytest.raises(ProblemError, match="fingerprint"):
        Snapshot.from_json(text.replace(MIDDLE.text, "last file"))


def test_model_files_say_how_they_read_and_old_programs_refuse_them(project: Project, tmp_path: Path) -> None:
    project.edit.read_pictures(MIDDLE)
    model = ModelFile.load(trained(project).files.model)
    model.save(tmp_path / "again.tlmodel")
    again = ModelFile.load(tmp_path / "again.tlmodel")
    assert again.preprocessing == model.preprocessing
    assert again.preprocessing.rendering == MIDDLE
    assert b'"version": 2' in (tmp_path / "again.tlmodel").read_bytes()
    newer = tmp_path / "newer.tlmodel"
    with zipfile.ZipFile(tmp_path / "again.tlmodel") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["model.json"] = members["model.json"].replace(b"0..4000", b"pelvis")
    with zipfile.ZipFile(newer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ProblemError, match=r"newer\.tlmodel: the model reads pictures in a way .*Install"):
        ModelFile.load(newer)
    project.edit.undo()
    plain = trained(project).files.model
    assert b'"version": 1' in plain.read_bytes()
    assert ModelFile.load(plain).preprocessing.rendering == AS_STORED
