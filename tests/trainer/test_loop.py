from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.utils.class_weight import compute_class_weight
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe

from tldesk.base import ProblemError
from tldesk.dataset import Project, Split
from tldesk.engine import device_named
from tldesk.model import card
from tldesk.recipe import Recipe, preset
from tldesk.trainer import (
    BatchFinished,
    EpochFinished,
    Finished,
    Notice,
    PhaseStarted,
    Preparing,
    Started,
    Stopped,
)
from tldesk.trainer.data import phase_data, view_budget
from tldesk.trainer.loop import Training, train
from tldesk.trainer.plan import Plan, find_problems, make_plan
from tldesk.trainer.strategies.learner import Learner, class_weights, validation_result


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def plan_of(project: Project, recipe: Recipe) -> Plan:
    return make_plan(project, recipe, device="cpu")


def epochs_of(events: list[object]) -> list[tuple[float | None, ...]]:
    """Everything of an epoch but times."""
    return [
        (
            one.epoch,
            one.train_loss,
            one.train_accuracy,
            one.validation_loss,
            one.validation_accuracy,
            one.best,
        )
        for one in events
        if isinstance(one, EpochFinished)
    ]


def test_a_frozen_head_learns_the_colours(project: Project) -> None:
    events = list(train(plan_of(project, small_recipe("all", epochs=25, rate=0.02))))
    kinds = [type(event) for event in events]
    assert kinds[0] is Started
    assert kinds[-1] is Finished
    assert {Preparing, PhaseStarted, EpochFinished} <= set(kinds)
    first, *_, last = [event for event in events if isinstance(event, EpochFinished)]
    assert last.train_loss < first.train_loss / 3
    assert last.train_accuracy > 0.9
    # Random stages see colours badly; chance would be a third.
    assert max(one.validation_balanced_accuracy for one in events if isinstance(one, EpochFinished)) > 0.6


@pytest.mark.slow
def test_imagenet_features_tell_ants_from_bees(
    tmp_path: Path, data_dir: Path, trained_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    recipe = preset("feature_extraction", "mobilenet_v2", stages=card("mobilenet_v2").stage_names)
    with Project.create(tmp_path / "ants", data_dir / "ants_bees") as project:
        project.split()
        training = Training(plan_of(project, recipe))
        best = [event for event in training.events() if isinstance(event, EpochFinished) and event.best][-1]
    assert best.validation_accuracy >= 0.91


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers(project: Project) -> None:
    recipe = small_recipe("all", LATE_LINE, augmentation=MODERATE)
    first, second = (list(train(plan_of(project, recipe))) for _ in range(2))
    assert epochs_of(first) == epochs_of(second)
    other = list(train(plan_of(project, recipe.model_copy(update={"seed": 4}))))
    assert epochs_of(other) != epochs_of(first)


def test_a_phase_after_a_phase(project: Project) -> None:
    training = Training(plan_of(project, small_recipe("all", LATE_LINE, epochs=2)))
    before = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    phases, changed = [], set()
    for event in training.events():
        phases += [event] if isinstance(event, PhaseStarted) else []
        now = training.network.state_dict()
        changed |= {name for name, tensor in now.items() if not torch.equal(tensor, before[name])}
    assert [(one.freeze, one.first_epoch) for one in phases] == [("all", 1), (LATE_LINE, 3)]
    assert phases[0].trainable == 1024 * 3 + 3
    # Frozen stages keep everything, the running statistics of batch norm too; trained stages change.
    assert not any(name.startswith(("stages.stem", "stages.stage1", "stages.stage4")) for name in changed)
    assert any(name.startswith("stages.stage5") for name in changed)


@pytest.mark.slow
def test_going_on_from_any_epoch_gives_the_same_numbers(project: Project, tmp_path: Path) -> None:
    plan = plan_of(project, small_recipe("all", LATE_LINE, epochs=2, augmentation=MODERATE))
    training, states, whole = Training(plan), [], []
    for event in training.events():
        whole.append(event)
        if isinstance(event, EpochFinished):
            torch.save(training.state(), tmp_path / f"{event.epoch}.pt")
            states.append(tmp_path / f"{event.epoch}.pt")
    for done, path in enumerate(states, start=1):
        again = Training(plan)
        again.load_state(torch.load(path, weights_only=True))
        events = list(again.events())
        assert epochs_of(events) == epochs_of(whole)[done:]
        assert again.best.epoch == training.best.epoch
        expected = training.network.state_dict()
        for name, tensor in again.network.state_dict().items():
            assert torch.equal(tensor, expected[name]), name


def test_kept_maps_teach_the_same_as_pictures(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = small_recipe(LATE_LINE, epochs=2)
    kept = epochs_of(list(train(plan_of(project, recipe))))
    monkeypatch.setattr(view_budget, "MAPS_BUDGET", 0)
    fresh = epochs_of(list(train(plan_of(project, recipe))))
    # Kept maps are float16.
    assert np.allclose(np.array(kept, float), np.array(fresh, float), rtol=0.02, atol=0.02)


def test_stop_is_answered_within_a_batch_and_the_best_is_kept(project: Project) -> None:
    training, stop, told = Training(plan_of(project, small_recipe("all", epochs=500))), threading.Event(), []
    for event in training.events(stop):
        told.append(event)
        if isinstance(event, EpochFinished) and event.epoch == 3:
            stop.set()
    assert told[-1] == Stopped(3)
    best = training.best
    assert 1 <= best.epoch <= 3
    assert torch.equal(
        training.network.state_dict()["head.layers.1.weight"], best.weights["head.layers.1.weight"]
    )


def test_stop_before_the_first_epoch(project: Project) -> None:
    stop = threading.Event()
    stop.set()
    assert list(train(plan_of(project, small_recipe()), stop))[-1] == Stopped(0)


def test_a_phase_ends_early_and_the_next_goes_on_from_the_best(project: Project) -> None:
    recipe = small_recipe("all", LATE_LINE, epochs=200, early_stopping=2)
    recipe = recipe.model_copy(
        update={"phases": (recipe.phases[0], recipe.phases[1].model_copy(update={"epochs": 1}))}
    )
    events = list(train(plan_of(project, recipe)))
    epochs = [event for event in events if isinstance(event, EpochFinished)]
    first = [one for one in epochs if one.phase == 0]
    best = max(one.epoch for one in first if one.best)
    assert len(first) == best + 2 < 200
    assert epochs[-1].phase == 1


def test_without_validation_images_the_training_loss_decides(tmp_path: Path, project: Project) -> None:
    (tmp_path / "nur").mkdir()
    with make_project(tmp_path / "nur", (6, 0, 2)) as bare:
        snapshot = bare.snapshot()
        items = tuple(item for item in snapshot.items if item.split != Split.VALIDATION)
        plan = plan_of(project, small_recipe("all", epochs=3))
        plan = Plan(
            type(snapshot)(snapshot.classes, items),
            plan.recipe,
            plan.card,
            plan.device,
            plan.cache_dir,
            plan.library,
        )
        events = list(train(plan))
    assert any(isinstance(one, Notice) and "no validation images" in one.text for one in events)
    epochs = [one for one in events if isinstance(one, EpochFinished)]
    assert [one.validation_loss for one in epochs] == [None] * 3
    lowest = min(epochs, key=lambda one: one.train_loss)
    assert events[-1].best_epoch == lowest.epoch


def test_vanished_pictures_are_told_and_left_out(project: Project) -> None:
    plan = plan_of(project, small_recipe("all", epochs=1))
    gone = plan.snapshot.of(Split.TRAIN)[0].path
    gone.unlink()
    notices = [event.text for event in train(plan) if isinstance(event, Notice)]
    assert any("1 image could not be read" in text and gone.name in text for text in notices)
    for item in plan.snapshot.items:
        item.path.unlink(missing_ok=True)
    with pytest.raises(ProblemError, match="none of the training images can be read"):
        list(
            train(
                Plan(
                    plan.snapshot,
                    plan.recipe,
                    plan.card,
                    plan.device,
                    project.cache_dir / "neu",
                    plan.library,
                )
            )
        )


class Faulty:
    """A source whose batches raise or hold what it is told, and otherwise pass the real ones on."""

    def __init__(self, source: object, fault: object) -> None:
        self.items, self.labels, self.table = source.items, source.labels, source.table
        self._source, self._fault = source, fault

    def batch(self, places: object, epoch: int = 0) -> torch.Tensor:
        return self._fault(self._source.batch(places, epoch))


def with_fault(monkeypatch: pytest.MonkeyPatch, fault: object) -> None:
    whole = phase_data.TrainingData.phase

    def phase(self: object, *args: object) -> object:
        found = yield from whole(self, *args)
        return phase_data.PhaseData(Faulty(found.train, fault), found.validation)

    monkeypatch.setattr(phase_data.TrainingData, "phase", phase)


def test_out_of_memory_halves_the_batch_and_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def little_memory(batch: torch.Tensor) -> torch.Tensor:
        if len(batch) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return batch

    with_fault(monkeypatch, little_memory)
    events = list(train(plan_of(project, small_recipe("all", epochs=1))))
    texts = [one.text for one in events if isinstance(one, Notice)]
    assert [text[-26:] for text in texts] == [
        "is 4 images from now on.",
        "is 2 images from now on.",
    ] or texts == [
        "Memory ran out. The batch is 4 images from now on.",
        "Memory ran out. The batch is 2 images from now on.",
    ]
    assert isinstance(events[-1], Finished)


def test_not_even_one_image_fits(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(batch: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with_fault(monkeypatch, no_memory)
    with pytest.raises(ProblemError, match="not enough for a single image"):
        list(train(plan_of(project, small_recipe())))


def test_other_errors_are_not_taken_for_memory(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(batch: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with_fault(monkeypatch, broken)
    with pytest.raises(RuntimeError, match="mat1"):
        list(train(plan_of(project, small_recipe())))


def test_a_runaway_loss_is_told_in_words(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with_fault(monkeypatch, lambda batch: batch * float("inf"))
    with pytest.raises(ProblemError, match=r"phases\.0\.learning_rate: training diverged"):
        list(train(plan_of(project, small_recipe())))


def test_batches_are_about_equal_and_told_with_their_number(project: Project) -> None:
    # 24 images in batches of at most 7: 6, 6, 6, 6, and never a lonely image that batch norm cannot stand.
    training = Training(plan_of(project, small_recipe(LATE_LINE, epochs=1, batch_size=7)))
    training._pace._interval = 0.0
    told = [event for event in training.events() if isinstance(event, BatchFinished)]
    assert [(one.step, one.steps) for one in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_class_weights_are_sklearn_s() -> None:
    labels = torch.tensor([0, 0, 0, 1, 2, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels.numpy())
    assert class_weights(labels, 3).tolist() == pytest.approx(expected.tolist())
    assert class_weights(torch.tensor([0, 0, 2]), 3).tolist() == pytest.approx([0.75, 0.0, 1.5])


def test_the_numbers_of_a_check_are_sklearn_s() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, labels = torch.randn(50, 4, generator=generator), torch.randint(0, 3, (50,), generator=generator)
    result = validation_result(logits, labels)
    probabilities = logits.double().softmax(1).numpy()
    assert result.loss == pytest.approx(log_loss(labels, probabilities, labels=range(4)), rel=1e-5)
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        expected = balanced_accuracy_score(labels, logits.argmax(1))
    assert result.balanced_accuracy == pytest.approx(expected)


def test_weight_decay_leaves_biases_and_norms_alone(project: Project) -> None:
    plan = plan_of(project, small_recipe("none"))
    training = Training(plan)
    learner = Learner(training.network, plan.recipe, 0, None, device_named("cpu"))
    with_decay, without = (group["params"] for group in learner.optimizer.param_groups)
    assert all(one.dim() > 1 for one in with_decay)
    assert all(one.dim() == 1 for one in without)
    assert sum(one.numel() for one in (*with_decay, *without)) == learner.trainable


def test_problems_are_found_before_training(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLDESK_WEIGHTS")
    found = find_problems(project, small_recipe("stage9"))
    assert {"weights", "phases.0.freeze"} <= {problem.where for problem in found}
    with pytest.raises(ProblemError, match="are not on this computer"):
        make_plan(project, small_recipe())
    strange = small_recipe().model_copy(update={"backbone": "mobilnet"})
    assert "backbone" in [problem.where for problem in find_problems(project, strange)]
