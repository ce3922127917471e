from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe

from tldesk.base import ProblemError
from tldesk.dataset import Project, Split
from tldesk.engine import normalise, read_input
from tldesk.evaluation import knn_distance, softmax
from tldesk.model.model_file import ModelFile
from tldesk.recipe import Recipe
from tldesk.run import Run, compare
from tldesk.run.recorded_events import append_epoch, read_epochs
from tldesk.trainer import EpochFinished, Finished, Stopped
from tldesk.trainer.plan import make_plan


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def new_run(project: Project, recipe: Recipe) -> Run:
    return Run.create(project, make_plan(project, recipe, device="cpu"))


def test_a_run_from_beginning_to_end(project: Project) -> None:
    run = new_run(project, small_recipe("all", LATE_LINE, epochs=4, rate=0.01))
    assert Recipe.load(run.folder / "recipe.toml") == run.recipe
    assert run.snapshot == project.snapshot()
    assert run.environment["weights"]["sha256"]
    events = list(run.train())
    assert isinstance(events[-1], Finished)
    assert run.history() == [event for event in events if isinstance(event, EpochFinished)]
    model = run.finish()
    assert model == run.model == run.folder / "model.tlmodel"

    opened = Run.open(project, "run 1")
    assert (opened.status, opened.name, opened.number) == ("finished", "run 1", 1)
    test = opened.evaluate("test")
    assert test.n == 12
    stored = json.loads((run.folder / "evaluation-test.json").read_text(encoding="utf-8"))
    assert (stored["run"], stored["split"]) == ("run 1", "test")
    assert stored["accuracy"]["value"] == test.accuracy.value == opened.summary.test_accuracy
    best = [event for event in opened.history() if event.best][-1]
    assert opened.summary.best_epoch == best.epoch == events[-1].best_epoch
    assert opened.evaluate(Split.VALIDATION).accuracy.value == pytest.approx(best.validation_accuracy)


@pytest.mark.usefixtures("in_float32")
def test_the_model_file_answers_as_the_run_does(project: Project) -> None:
    run = new_run(project, small_recipe(LATE_LINE, epochs=2))
    list(run.train())
    model = ModelFile.load(run.finish())
    network, predictions = model.network(), run.predictions("test")
    assert predictions is not None
    paths = {item.content: item.path for item in run.snapshot.items}
    inputs = torch.stack(
        [torch.from_numpy(read_input(paths[one], model.preprocessing)) for one in predictions.contents]
    )
    with torch.no_grad():
        features = network.head.pool(network.trunk("all")(normalise(inputs, model.preprocessing)))
        logits = network.head.classify(features)
    # The run reads its maps back as float16.
    assert torch.allclose(logits, torch.from_numpy(predictions.logits), rtol=0.02, atol=0.02)
    records = project.images(predictions.image_ids.tolist())
    assert [record.class_name for record in records] == [model.classes[one] for one in predictions.labels]
    # Novelty: the validation images' distances to the remembered training images.
    assert len(model.contents) == len(run.snapshot.of(Split.TRAIN)) == len(model.embeddings)
    assert len(model.novelty) == len(run.snapshot.of(Split.VALIDATION))
    assert list(model.novelty) == sorted(model.novelty)
    distances = knn_distance(model.embeddings, features.numpy())
    assert np.median(distances) < model.novelty[-1]
    sure = softmax(predictions.logits, model.temperature).max(axis=1) >= model.unsure_below
    unsure = run.evaluate("test").unsure
    assert unsure is not None
    assert unsure.n == int((~sure).sum())


def test_training_images_are_evaluated_from_the_model_file_when_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(project, small_recipe("all", epochs=2))
    list(run.train())
    run.finish()
    monkeypatch.delenv("TLDESK_WEIGHTS")
    assert Run.open(project, 1).evaluate("train").n == 24
    assert (run.folder / "predictions-train.npz").is_file()


def test_stopped_runs_keep_the_best_and_can_go_on(project: Project) -> None:
    recipe = small_recipe("all", epochs=6, rate=0.01)
    whole = new_run(project, recipe)
    list(whole.train())
    run, stop = new_run(project, recipe), threading.Event()
    for event in run.train(stop):
        if isinstance(event, EpochFinished) and event.epoch == 3:
            stop.set()
    assert isinstance(event, Stopped)
    assert run.status == "stopped"
    assert ModelFile.load(run.finish()).run == "run 2"
    assert run.status == "stopped"
    again = Run.resume(project, 2, "cpu")
    list(again.train())
    assert again.status == "finished"
    assert numbers(again) == numbers(whole)


def test_nothing_to_keep_is_said(project: Project) -> None:
    run, stop = new_run(project, small_recipe()), threading.Event()
    stop.set()
    list(run.train(stop))
    with pytest.raises(ProblemError, match="no epoch was finished"):
        run.finish()
    with pytest.raises(ProblemError, match="has no model yet"):
        run.evaluate()


def test_a_failure_is_kept_in_words(project: Project) -> None:
    run = new_run(project, small_recipe())
    for item in run.snapshot.items:
        item.path.unlink()
    with pytest.raises(ProblemError):
        list(run.train())
    assert run.status == "failed"
    assert "none of the training images can be read" in Run.open(project, 1).summary.message


def test_whoever_stops_listening_leaves_an_interrupted_run(project: Project) -> None:
    run = new_run(project, small_recipe("all", epochs=50))
    events = run.train()
    while not isinstance(next(events), EpochFinished):
        pass
    assert run.status == "running"
    events.close()
    assert run.status == "interrupted"


def test_a_run_is_trained_once_at_a_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tldesk.run.run._LOCK_PATIENCE", 0.1)
    run = new_run(project, small_recipe())
    with run.hold(), pytest.raises(ProblemError, match="is training this run"):
        list(run.train())


def test_other_weights_in_the_library_are_refused_on_resume(project: Project, tmp_path: Path) -> None:
    run = new_run(project, small_recipe())
    events = run.train()
    next(events)
    events.close()
    weights = next((tmp_path / "weights").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ProblemError, match="holds other weights"):
        Run.resume(project, 1)


def test_numbers_names_and_strangers_in_the_runs_folder(project: Project) -> None:
    for _ in range(2):
        new_run(project, small_recipe())
    (project.runs_dir / "notes").mkdir()
    (project.runs_dir / "0007").mkdir()
    assert [run.number for run in Run.runs(project)] == [1, 2]
    for which in (2, "2", "0002", "run 2", "Run2", "last"):
        assert Run.open(project, which).number == 2
    with pytest.raises(ProblemError, match=r"no such run\. Its runs: run 1, run 2"):
        Run.open(project, 7)
    assert new_run(project, small_recipe()).number == 3
    assert not list(project.runs_dir.glob(".new-*"))


def test_a_line_cut_off_by_a_crash_swallows_nothing(tmp_path: Path) -> None:
    events = [EpochFinished(n, 0, 0.5, 0.5, None, None, None, 0.1, 1.0, None, best=True) for n in (1, 2, 3)]
    path = tmp_path / "metrics.jsonl"
    append_epoch(path, events[0])
    append_epoch(path, events[1])
    path.write_bytes(path.read_bytes()[:-20])
    append_epoch(path, events[2])
    assert read_epochs(path) == [events[0], events[2]]


def test_two_runs_side_by_side(project: Project) -> None:
    first, second = (new_run(project, small_recipe("all", epochs=epochs, rate=0.02)) for epochs in (1, 12))
    for run in (first, second):
        list(run.train())
        run.finish()
    found = compare(first, second)
    assert [(one.field, one.a, one.b) for one in found.recipe] == [("phases.0.epochs", 1, 12)]
    pair = next(one for one in found.metrics if (one.split, one.metric) == ("test", "accuracy"))
    assert pair.first[0] == first.evaluate("test").accuracy.value
    test = next(one for one in found.tests if one.split == "test")
    right = [run.predictions("test").right for run in (first, second)]
    assert (test.only_first, test.only_second) == (
        int((right[0] & ~right[1]).sum()),
        int((right[1] & ~right[0]).sum()),
    )


def test_listing_runs_loads_no_torch(project: Project) -> None:
    new_run(project, small_recipe())
    code = (
        "import sys\nfrom tldesk.dataset import Project\nfrom tldesk.run import Run, compare\n"
        "from tldesk.trainer.plan import find_problems\nfrom tldesk.engine import Device\n"
        f"runs = Run.runs(Project.open({str(project.path)!r}))\n"
        "print(runs[0].summary.status, runs[0].history(), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["interrupted", "[]", "False"]


def numbers(run: Run) -> list[tuple[object, ...]]:
    """Everything of a run's epochs but times."""
    return [
        (one.epoch, one.phase, one.train_loss, one.validation_loss, one.validation_accuracy, one.best)
        for one in run.history()
    ]


_WORKER = """
import sys
from tldesk.dataset import Project
from tldesk.run import Run
with Project.open(sys.argv[1]) as project:
    run = Run.resume(project, 2, "cpu")
    for event in run.train():
        print(type(event).__name__, flush=True)
    print(run.finish(), flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_a_run_goes_on_to_the_same_numbers(project: Project) -> None:
    recipe = small_recipe("all", LATE_LINE, epochs=3, augmentation=MODERATE)
    whole, run = new_run(project, recipe), new_run(project, recipe)
    list(whole.train())
    whole.finish()
    labels = {one.path: one.class_name for one in project.images(project.ids())}
    moments = np.random.default_rng(5)
    for lines in (3, 7, 11):
        worker = subprocess.Popen([sys.executable, "-c", _WORKER, str(project.path)], stdout=subprocess.PIPE)
        assert worker.stdout is not None
        for _ in range(lines):
            worker.stdout.readline()
        try:
            worker.wait(moments.uniform(0, 0.15))
        except subprocess.TimeoutExpired:
            worker.kill()
        worker.stdout.close()
        worker.wait()
        assert run.status in ("interrupted", "finished")
        with Project.open(project.path) as opened:
            assert {one.path: one.class_name for one in opened.images(opened.ids())} == labels
            assert [one.epoch for one in Run.open(opened, 2).history()] == list(
                range(1, len(run.history()) + 1)
            )
    if run.status != "finished":
        list(Run.resume(project, 2, "cpu").train())
    run.finish()
    assert numbers(run) == numbers(whole)
    mine, theirs = (one.predictions("test") for one in (run, whole))
    assert mine is not None
    assert theirs is not None
    assert np.allclose(mine.logits, theirs.logits, atol=1e-5)
