"""The same recipe, seed and pictures give the same digits, whatever was at hand or cut off."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe

from tldesk.base import user_dir
from tldesk.dataset import Project
from tldesk.recipe import Recipe
from tldesk.run import Run
from tldesk.trainer import EpochFinished, Event, Preparing
from tldesk.trainer.plan import make_plan

Digits = tuple[list[tuple[float, float | None, bool]], list[list[float]]]
COUNTS = (5, 3, 2)  # no whole batches: 15, 9 and 6 pictures


@pytest.fixture(scope="module", autouse=True)
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        random_weights(tmp_path_factory.mktemp("weights"), patch)
        patch.setenv("TLDESK_HOME", str(tmp_path_factory.mktemp("home")))
        yield {name: os.environ[name] for name in ("TLDESK_HOME", "TLDESK_WEIGHTS")}


@pytest.fixture(autouse=True)
def at_home(home: Path, places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in places.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def project(places: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with make_project(tmp_path_factory.mktemp("same"), COUNTS) as made:
        yield made


@pytest.fixture(scope="module")
def whole(project: Project) -> Digits:
    """What the training gives that is never cut off, with nothing at hand."""
    return trained(project, fine_tuning())


def fine_tuning() -> Recipe:
    """A head on frozen stages, then a tail on cached maps; three views, each cached by itself."""
    moderate = MODERATE.model_copy(update={"views": 2})
    return small_recipe("all", LATE_LINE, rate=0.01, augmentation=moderate)


def digits(run: Run) -> Digits:
    """Every number that training reaches, and the answers for the validation images."""
    run.finish()
    predictions = run.predictions("validation")
    assert predictions is not None
    epochs = [(one.train_loss, one.validation_loss, one.best) for one in run.history()]
    return epochs, predictions.logits.tolist()


def trained(project: Project, recipe: Recipe) -> Digits:
    run = Run.create(project, make_plan(project, recipe, device="cpu"))
    list(run.train())
    return digits(run)


def cut_off(project: Project, recipe: Recipe, moment: Callable[[Event], bool], lost: int) -> Digits:
    """Leave a training at a moment, lose as many rows of every cache as a kill would, and go on."""
    run = Run.create(project, make_plan(project, recipe, device="cpu"))
    events = run.train()
    assert any(moment(event) for event in events)
    events.close()
    for index in (project.cache_dir / "features").glob("*/index.txt"):
        lines = index.read_bytes().splitlines(keepends=True)
        # Some rows in the middle and at the end, and half a line.
        index.write_bytes(b"".join([*lines[1:-lost], lines[-1][:7]]) if len(lines) > lost else b"")
    again = Run.resume(project, run.number, "cpu")
    list(again.train())
    return digits(again)


def filling(event: Event) -> bool:
    return isinstance(event, Preparing) and event.done > 0


def epoch(number: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, EpochFinished) and event.epoch == number


@pytest.mark.parametrize(("moment", "lost"), [(filling, 2), (epoch(3), 3)])
def test_cut_off_at_any_moment_it_goes_on_to_the_same_digits(
    moment: Callable[[Event], bool], lost: int, whole: Digits, project: Project
) -> None:
    shutil.rmtree(project.cache_dir, ignore_errors=True)
    assert cut_off(project, fine_tuning(), moment, lost) == whole


def test_features_at_hand_change_no_digit(whole: Digits, project: Project) -> None:
    recipe = small_recipe("all", epochs=1)
    shutil.rmtree(project.cache_dir, ignore_errors=True)
    # Other trainings leave some rows, in another order and beside other pictures.
    items = project.snapshot().items
    project.edit.label([item.image_id for item in items[::4]], None)
    trained(project, recipe)
    project.edit.undo()
    assert project.snapshot().items == items
    assert trained(project, fine_tuning()) == whole


@pytest.mark.usefixtures("in_float32")
def test_networks_converted_before_change_no_digit(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = small_recipe("all")
    with_torch = trained(project, recipe)
    assert Run.open(project, "last").environment["engine"] == "torch"
    with monkeypatch.context() as patch:
        # As if another project with more pictures had converted this network.
        patch.setattr("tldesk.engine.choose_engine._SMALL_WORK", 0)
        patch.setattr("tldesk.engine.choose_engine._LEAST_WORK", 0.0)
        converted = trained(project, recipe)
        assert Run.open(project, "last").environment["engine"] == "openvino"
        assert list((user_dir() / "engines").glob("*.xml"))
        patch.setattr("tldesk.engine.choose_engine._last", {})  # as after a start of the program
        shutil.rmtree(project.cache_dir)
        assert trained(project, recipe) == converted
    shutil.rmtree(project.cache_dir)
    assert trained(project, recipe) == with_torch


def test_a_run_that_goes_on_with_other_versions_says_so(project: Project) -> None:
    run = Run.create(project, make_plan(project, small_recipe("all"), device="cpu"))
    events = run.train()
    assert any(filling(event) or isinstance(event, EpochFinished) for event in events)
    events.close()
    known = run.environment
    known["packages"]["torch"] = "1.0"
    run.files.environment.write_text(json.dumps(known), encoding="utf-8")
    again = Run.resume(project, run.number, "cpu")
    list(again.train())
    (notice,) = [text for text in again.notices() if "goes on with" in text]
    assert f"torch {torch.__version__.partition('+')[0]}" in notice
    assert "instead of 1.0: its numbers may differ" in notice


def test_a_run_records_what_its_digits_depend_on(project: Project) -> None:
    run = Run.create(project, make_plan(project, small_recipe("all"), device="cpu"))
    known = run.environment
    assert {"engine", "precision", "threads", "processor"} <= set(known)
    packages = {"torch", "torchvision", "timm", "openvino", "numpy", "scipy", "pillow", "imagecodecs"}
    assert packages <= set(known["packages"])
