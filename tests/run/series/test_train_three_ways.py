"""The three ways compared: three runs on one split, killed and gone on with, failures, advice."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_once import made_once
from scipy.stats import binomtest
from tiny_project import BACKBONE, draw_pictures, make_project, random_weights, small_recipe

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Project, Split
from tldesk.model import card
from tldesk.recipe.three_ways import WAYS
from tldesk.run import Run
from tldesk.run.predictions import Predictions, write_predictions
from tldesk.run.run_status import read_status, write_status
from tldesk.run.series.three_ways_advice import judge, numbers_of, sentences
from tldesk.run.series.three_ways_record import ThreeWays
from tldesk.run.series.train_three_ways import WayBegun, WayDone, WayFailed, comparing, forecast
from tldesk.trainer.costs.measure_stages import known_or_measured
from tldesk.trainer.costs.recipe_estimate import ImageCounts, estimate
from tldesk.trainer.events import EpochFinished
from tldesk.trainer.plan import make_plan


@pytest.fixture
def project(tmp_path: Path):
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    return random_weights(tmp_path / "weights", monkeypatch)


def new(project: Project, library, **changes: object) -> ThreeWays:
    plan = make_plan(project, small_recipe("all", epochs=3, **changes), "cpu", library)
    return ThreeWays.create(project, plan)


def follow(ways: ThreeWays, library, stop: threading.Event | None = None) -> list[object]:
    return list(comparing(ways, "cpu", library, stop))


def compare_once(folder: Path) -> None:
    """A project whose three ways were trained, with its pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDESK_HOME", str(folder / "home"))
        library = random_weights(folder / "weights", patch)
        with make_project(folder / "compared") as made:
            follow(new(made, library), library)


@pytest.fixture
def compared_project(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy of what ``compare_once`` made."""
    made = made_once(tmp_path_factory, "three_ways", compare_once) / "compared"
    shutil.copytree(made, tmp_path / "compared")
    (path,) = (tmp_path / "compared").glob("*.tldesk")
    with Project.open(path) as project:
        yield project


@pytest.fixture
def compared(compared_project: Project) -> ThreeWays:
    """The trained ways of ``compared_project``."""
    ways = ThreeWays.last(compared_project)
    assert ways is not None
    assert ways.done
    took(ways, {"feature_extraction": 4.0, "fine_tuning": 130.0, "from_scratch": 600.0})
    return ways


def test_three_ordinary_runs_on_the_same_images(project: Project, library) -> None:
    ways = new(project, library)
    assert [one.state for one in ways.results] == ["waiting"] * 3
    assert judge(ways) is None
    seen = follow(ways, library)
    assert [step.way for step in seen if isinstance(step, WayBegun)] == list(WAYS)
    assert [step.way for step in seen if isinstance(step, WayDone)] == list(WAYS)
    assert ways.done
    runs = Run.runs(project)
    assert [run.recipe.name for run in runs] == ["feature extraction", "fine-tuning", "from scratch"]
    assert [run.snapshot.items for run in runs] == [project.snapshot().items] * 3
    assert [one.run for one in ways.results] == [1, 2, 3]
    for one, run in zip(ways.results, runs, strict=True):
        assert run.model is not None
        for split, found in ((Split.VALIDATION, one.validation), (Split.TEST, one.test)):
            evaluated = run.evaluate(split)
            assert (found.n, found.accuracy) == (evaluated.n, evaluated.accuracy)
            assert found.balanced_accuracy == evaluated.balanced_accuracy
        assert one.seconds == run.summary.seconds > 0
        assert (one.epochs, one.epochs_done) == (3, 3)
        assert len(one.curve) == 3
        assert one.curve[-1][0] == pytest.approx(one.seconds, abs=1.0)
        assert (
            one.curve[one.best_epoch - 1][1] == run.history()[one.best_epoch - 1].validation_balanced_accuracy
        )
    head = (card(BACKBONE).features + 1) * 3
    tail = sum(stage.parameters for stage in card(BACKBONE).stages)
    trained = [one.trained for one in ways.results]
    assert (trained[0], trained[2]) == (head, head + tail)
    assert head < trained[1] < head + tail
    assert ThreeWays.last(project).number == ways.number == 1
    assert follow(ways, library) == [], "nothing is trained twice"


def test_slow_pictures_are_prepared_before_the_first_clock_runs(library, tmp_path: Path) -> None:
    large = Project.create(tmp_path / "large.tldesk", draw_pictures(tmp_path / "large", (2, 1, 1), side=900))
    with large as project:
        project.split()
        shutil.rmtree(project.cache_dir)
        _prepared_then_trained(new(project, library), library, tmp_path / "large")


def _prepared_then_trained(ways: ThreeWays, library, pictures: Path) -> None:
    steps = comparing(ways, "cpu", library)
    first = next(steps)
    assert first.what == "Preparing images"
    begun = next(step for step in steps if isinstance(step, WayBegun))
    assert begun.way == "feature_extraction"
    pictures.rename(pictures.with_name("elsewhere"))
    for _step in steps:
        pass
    assert ways.done, "no way had to read a file any more"


def test_stopped_it_goes_on_where_it_was_and_gives_what_it_would_have_given(
    compared_project: Project, compared: ThreeWays, library
) -> None:
    project, whole = compared_project, compared
    broken = new(project, library)
    stop = threading.Event()
    for step in comparing(broken, "cpu", library, stop):
        if isinstance(step, EpochFinished) and len(Run.runs(project)) == 6 and step.epoch == 1:
            stop.set()
    assert [one.state for one in broken.results] == ["finished", "finished", "stopped"]
    assert broken.results[2].validation is None
    project.split(seed=5, keep_given=False)  # a comparison keeps the images that it began with
    opened = ThreeWays.last(project)
    seen = follow(opened, library)
    assert [step.way for step in seen if isinstance(step, WayBegun)] == ["from_scratch"]
    assert opened.done
    assert len(Run.runs(project)) == 6
    assert [one.test for one in opened.results] == [one.test for one in whole.results]
    assert opened.results[2].curve[-1][1] == whole.results[2].curve[-1][1]


def killed_in_the_second_way(ways: ThreeWays, library, project: Project) -> Path:
    """The project as kill -9 in the first epochs of the second way leaves it: what the disk has just then."""
    killed = project.path.with_name("killed.tldesk")
    steps = comparing(ways, "cpu", library)
    for step in steps:
        if isinstance(step, EpochFinished) and (project.runs_dir / "0002" / "metrics.jsonl").exists():
            shutil.copytree(project.path, killed)
            break
    steps.close()
    return killed


def test_killed_in_the_second_way_it_is_resumed_and_nothing_is_done_twice(project: Project, library) -> None:
    with Project.open(killed_in_the_second_way(new(project, library), library, project)) as killed:
        ways = ThreeWays.last(killed)
        assert not ways.running
        first = ways.results[0]
        assert first.done
        model = ways.run_of("feature_extraction").model
        before = model.stat().st_mtime_ns
        assert ways.results[1].state == "interrupted"
        follow(ways, library)
        assert ways.done
        assert [one.run for one in ways.results] == [1, 2, 3]
        assert len(Run.runs(killed)) == 3
        assert model.stat().st_mtime_ns == before
        assert model.is_relative_to(killed.path)


def test_killed_before_the_model_file_was_made(compared: ThreeWays, library) -> None:
    ways = compared
    files = ways.run_of("fine_tuning").files
    files.model.unlink()
    write_status(files.status, read_status(files.status).but(status="running"))  # as while it is finished
    assert [one.state for one in ways.results] == ["finished", "interrupted", "finished"]
    seen = follow(ways, library)
    assert not any(isinstance(step, EpochFinished) for step in seen), "it was trained to its end already"
    assert ways.done


def test_one_way_fails_and_the_others_are_trained(project: Project, library, monkeypatch) -> None:

    from tldesk.run import train_run

    class RunsAway(train_run.Training):
        def events(self, stop=None):
            if self.plan.recipe.weights == "random":
                raise ProblemError(Problem("phases.0.learning_rate", "training diverged", "Choose less"))
            yield from super().events(stop)

    ways = new(project, library)
    with monkeypatch.context() as patch:
        patch.setattr(train_run, "Training", RunsAway)
        seen = follow(ways, library)
    (failed,) = [step for step in seen if isinstance(step, WayFailed)]
    assert failed.way == "from_scratch"
    assert "diverged" in failed.why
    assert [one.state for one in ways.results] == ["finished", "finished", "failed"]
    assert "diverged" in ways.results[2].message
    assert judge(ways) is not None, "two can be compared"
    follow(ways, library)
    assert ways.done, "going on tries it again"


def test_only_one_process_at_a_time(project: Project, library) -> None:
    ways = new(project, library)
    steps = comparing(ways, "cpu", library)
    next(steps)
    assert ways.running
    with pytest.raises(ProblemError, match="comparing the three ways here"):
        follow(ways, library)
    steps.close()
    assert not ways.running


def test_what_cannot_be_compared_is_said_before_anything_is_made(
    tmp_path: Path, project: Project, library
) -> None:
    random = small_recipe("none", weights="random").model_copy(update={"backbone": "resnet18"})
    plan = make_plan(project, random, "cpu", library)
    with pytest.raises(ProblemError) as caught:
        ThreeWays.create(project, plan)
    (problem,) = caught.value.problems
    assert problem.where == "weights"
    assert "pretrained weights of ResNet-18, which are not on this computer" in problem.what
    assert "Import a file of ResNet-18 weights" in problem.fix
    assert problem.command == "tldesk weights import FILE"
    with make_project(tmp_path / "only", (8, 0, 0)) as other:
        other.split(shares=(1.0, 0.0, 0.0), keep_given=False)
        with pytest.raises(ProblemError, match="no validation images"):
            new(other, library)
    assert ThreeWays.last(project) is None


def test_what_it_takes_is_the_sum_of_the_three_and_pictures_are_read_once(project: Project, library) -> None:
    ways = new(project, library)
    counts = ImageCounts.of(project.facts())
    found = forecast(ways.recipes, counts, "cpu")
    assert tuple(found.seconds) == WAYS
    assert found.seconds["from_scratch"] > found.seconds["feature_extraction"]
    known = card(BACKBONE)
    for way, recipe in ways.recipes.items():
        alone = estimate(
            recipe, known, counts, known_or_measured(known, recipe, make_plan(project, recipe, "cpu").device)
        )
        assert found.seconds[way] + found.reading == pytest.approx(alone.seconds)
    assert found.total == pytest.approx(found.reading + sum(found.seconds.values()))
    stop = threading.Event()
    stop.set()
    (Path(os.environ["TLDESK_HOME"]) / "costs.json").unlink()
    assert forecast(ways.recipes, counts, "cpu", stop) is None


# --- what is advised ----------------------------------------------------------------------------------------


def answered(ways: ThreeWays, rights: dict[str, tuple[int, int]], n: int = 40) -> None:
    """Let each way be right on the images from-to of ``n`` of one split, as if it had predicted so."""
    labels = np.arange(n) % 2
    for way, (low, high) in rights.items():
        run = ways.run_of(way)
        right = (np.arange(n) >= low) & (np.arange(n) < high)
        said = np.where(right, labels, 1 - labels)
        logits = np.eye(3, dtype=np.float32)[said] * 4
        contents = tuple(f"{place:032x}" for place in range(n))
        write_predictions(
            run.files.predictions(Split.TEST), Predictions(np.arange(n), contents, logits, labels)
        )
        share = {"value": float(right.mean()), "low": 0.1, "high": 0.9}
        values = {"n": n, "accuracy": share, "balanced_accuracy": share}
        run.files.evaluation(Split.TEST).write_text(json.dumps(values), encoding="utf-8")


def took(ways: ThreeWays, seconds: dict[str, float]) -> None:
    for way, value in seconds.items():
        path = ways.run_of(way).files.status
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": value}), encoding="utf-8")


def test_a_lead_within_luck_suggests_the_quicker_way(compared: ThreeWays) -> None:
    answered(compared, {"feature_extraction": (0, 34), "fine_tuning": (2, 40), "from_scratch": (0, 20)})
    found = judge(compared)
    assert (found.best.way, found.split) == ("fine_tuning", Split.TEST)
    against = {one.way: test for one, test in found.others}
    head = against["feature_extraction"]
    assert (head.n, head.only_first, head.only_second) == (40, 6, 2)
    assert head.p == pytest.approx(binomtest(6, 8).pvalue)
    assert against["feature_extraction"].p > 0.05
    assert against["from_scratch"].p < 0.05
    assert found.suggested.way == "feature_extraction"
    words = " ".join(sentences(found, 24))
    assert "Best on the 40 test images: fine-tuning, balanced accuracy 95.0 %." in words
    assert "6 images right with fine-tuning only, 2 with feature extraction only" in words
    assert "no difference that luck would not explain" in words
    assert (
        "Fine-tuning is clearly ahead of from scratch (20 images right with fine-tuning only, 2 with" in words
    )
    assert "take feature extraction: not clearly worse, and trained in 4.0 s instead of 2 min 10 s" in words
    assert "can only show large differences" in words
    assert "24 training images and 3 epochs" in words


def test_a_clear_lead_is_taken(compared: ThreeWays) -> None:
    answered(
        compared,
        {"feature_extraction": (0, 120), "fine_tuning": (0, 190), "from_scratch": (0, 60)},
        n=200,
    )
    found = judge(compared)
    assert found.suggested is found.best
    words = " ".join(sentences(found, 24))
    assert "Advice: take fine-tuning." in words
    assert "can only show" not in words


def test_without_test_images_it_says_that_validation_flatters(compared: ThreeWays) -> None:
    for way in WAYS:
        compared.run_of(way).files.evaluation(Split.TEST).unlink()
    found = judge(compared)
    assert found.split == Split.VALIDATION
    assert numbers_of(found.best, found.split).n == 12
    assert "expect a little less on new pictures" in " ".join(sentences(found, 24))
