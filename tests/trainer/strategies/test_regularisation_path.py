"""A phase in which a linear head on frozen stages is solved: its events, its choice, and going on from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe

from tldesk.base import ProblemError
from tldesk.dataset import Project, Split
from tldesk.recipe import HeadSpec, Phase, Recipe
from tldesk.trainer import EpochFinished, Finished, Notice, PhaseStarted, Stopped
from tldesk.trainer.data.inner_folds import group_folds
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, make_plan
from tldesk.trainer.strategies import regularisation_path as path_module
from tldesk.trainer.strategies.regularisation_path import STRONGEST, WEAKEST, strengths


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def solved_recipe(*freezes: str, epochs: int = 8, **changes: object) -> Recipe:
    recipe = small_recipe(*freezes, epochs=epochs, **changes)
    phases = tuple(
        phase.model_copy(update={"solver": "auto" if phase.freeze == "all" else "steps"})
        for phase in recipe.phases
    )
    return recipe.model_copy(update={"phases": phases})


def plan_of(project: Project, recipe: Recipe) -> Plan:
    return make_plan(project, recipe, device="cpu")


def without_validation(plan: Plan) -> Plan:
    items = tuple(item for item in plan.snapshot.items if item.split != Split.VALIDATION)
    return replace(plan, snapshot=type(plan.snapshot)(plan.snapshot.classes, items))


def trained(plan: Plan) -> tuple[Training, list[EpochFinished]]:
    training = Training(plan)
    return training, epochs_of(list(training.events()))


def epochs_of(events: list[object]) -> list[EpochFinished]:
    """With times that are all the same, so that two trainings can be compared."""
    return [
        replace(event, seconds=0.0, seconds_left=None) for event in events if isinstance(event, EpochFinished)
    ]


def vectors(training: Training, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Standardised features of a split as the head sees them, and labels."""
    steps = training.data.vectors(training.plan.snapshot.of(split), None)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = training.network.head.standardise(end.value.all())
            return found.double().numpy(), end.value.labels.numpy()


def test_strengths_go_from_strong_to_weak_in_even_steps() -> None:
    assert strengths(1) == [pytest.approx(0.01)]
    many = strengths(60)
    assert STRONGEST < many[0] < 1e-3
    assert 10 < many[-1] < WEAKEST
    assert np.allclose(np.diff(np.log10(many)), 8 / 60)


def test_every_epoch_is_the_solution_for_a_strength_and_tells_the_truth_of_it(project: Project) -> None:
    recipe = solved_recipe("all", class_balance="weighted", label_smoothing=0.0, head=HeadSpec(dropout=0.9))
    training = Training(plan_of(project, recipe))
    kinds, tested = [], 0
    for event in training.events():
        kinds.append(type(event))
        if not isinstance(event, EpochFinished):
            continue
        features, labels = vectors(training, Split.TRAIN)
        other = LogisticRegression(C=event.strength, tol=1e-8, max_iter=5000, class_weight="balanced")
        other.fit(features, labels)
        validation, answers = vectors(training, Split.VALIDATION)
        expected = other.predict_proba(validation)
        assert event.validation_loss == pytest.approx(log_loss(answers, expected), abs=2e-3)
        assert event.validation_accuracy == pytest.approx(other.score(validation, answers))
        assert event.train_loss == pytest.approx(log_loss(labels, other.predict_proba(features)), abs=2e-3)
        assert event.learning_rate == 0.0
        tested += 1
    assert tested == 8
    assert kinds[-1] is Finished
    assert kinds.count(PhaseStarted) == 1


def test_the_kept_strength_has_the_least_loss_on_unseen_images(project: Project) -> None:
    training = Training(plan_of(project, solved_recipe("all")))
    epochs, judged = [], []
    for event in training.events():
        if isinstance(event, EpochFinished):
            epochs.append(event)
            judged.append(training.best.path)
    features, labels = vectors(training, Split.TRAIN)
    validation, answers = vectors(training, Split.VALIDATION)
    folds = group_folds(training.plan.snapshot.of(Split.TRAIN), training.plan.recipe.seed)
    assert len(folds) == 5
    losses = []
    for epoch in epochs:
        unseen = LogisticRegression(C=epoch.strength, tol=1e-8, max_iter=5000).fit(features, labels)
        costs = [-unseen.predict_log_proba(validation)[range(len(answers)), answers]]
        for fold in folds:
            rest = np.delete(np.arange(len(labels)), fold)
            without = LogisticRegression(C=epoch.strength, tol=1e-8, max_iter=5000)
            without.fit(features[rest], labels[rest])
            costs.append(-without.predict_log_proba(features[fold])[range(len(fold)), labels[fold]])
        losses.append(np.concatenate(costs).mean())
    assert training.best.epoch == 1 + int(np.argmin(losses))
    assert judged[-1] == pytest.approx((-min(losses),), abs=2e-3)
    # What is kept was fitted to all training images.
    strength = epochs[training.best.epoch - 1].strength
    whole = LogisticRegression(C=strength, tol=1e-8, max_iter=5000).fit(features, labels)
    assert np.allclose(training.best.weights["head.layers.1.weight"], whole.coef_, atol=1e-3)


@pytest.mark.slow
def test_going_on_from_any_strength_gives_the_same_numbers(project: Project, tmp_path: Path) -> None:
    plan = plan_of(project, solved_recipe("all", LATE_LINE, epochs=3, average_last=2))
    training, whole = Training(plan), []
    for event in training.events():
        whole.append(event)
        if isinstance(event, EpochFinished):
            torch.save(training.state(), tmp_path / f"{event.epoch}.pt")
    for done in range(1, 7):
        again = Training(plan)
        again.load_state(torch.load(tmp_path / f"{done}.pt", weights_only=True))
        assert epochs_of(list(again.events())) == epochs_of(whole)[done:]
        assert again.best.epoch == training.best.epoch
        expected = training.network.state_dict()
        for name, tensor in again.network.state_dict().items():
            assert torch.equal(tensor, expected[name]), name


def test_a_solved_head_then_a_tail_that_must_beat_it(project: Project) -> None:
    training, epochs = trained(plan_of(project, solved_recipe("all", LATE_LINE, epochs=4)))
    assert [one.strength is None for one in epochs] == [False] * 4 + [True] * 4
    assert all(one.learning_rate > 0 for one in epochs[4:])
    head = [one for one in epochs[:4] if one.best][-1]
    kept = (head.validation_balanced_accuracy, -head.validation_loss)
    for one in epochs[4:]:
        score = (one.validation_balanced_accuracy, -one.validation_loss)
        assert one.best == (score > kept)
        kept = max(kept, score)
    assert training.best.score == kept


def test_a_solved_head_after_a_tail_is_kept_if_it_is_better(project: Project) -> None:
    training, epochs = trained(plan_of(project, solved_recipe(LATE_LINE, "all", epochs=3)))
    assert [one.strength is None for one in epochs] == [True] * 3 + [False] * 3
    assert training.best.epoch == max(one.epoch for one in epochs if one.best)


def test_patience_ends_the_path_and_stop_is_answered(project: Project) -> None:
    recipe = solved_recipe("all", epochs=60, early_stopping=3)
    training, epochs = trained(plan_of(project, recipe))
    assert len(epochs) == training.best.epoch + 3 < 60
    training, stop = Training(plan_of(project, recipe)), threading.Event()
    told = []
    for event in training.events(stop):
        told.append(event)
        if isinstance(event, EpochFinished) and event.epoch == 2:
            stop.set()
    assert told[-1] == Stopped(2)
    assert training.best.epoch == 2


def test_without_validation_images_folds_decide_and_nothing_is_lamented(project: Project) -> None:
    plan = without_validation(plan_of(project, solved_recipe("all")))
    training = Training(plan)
    events = list(training.events())
    assert not any(isinstance(one, Notice) for one in events)
    epochs = epochs_of(events)
    assert [one.validation_loss for one in epochs] == [None] * 8
    # By the training loss alone it would be the last.
    assert training.best.epoch < 8


def test_where_folds_are_impossible_the_validation_images_decide(project: Project) -> None:
    plan = plan_of(project, solved_recipe("all"))
    one_group = tuple(replace(item, group=f"{item.split}{item.label}") for item in plan.snapshot.items)
    plan = replace(plan, snapshot=type(plan.snapshot)(plan.snapshot.classes, one_group))
    training, epochs = trained(plan)
    best = min(epochs, key=lambda one: one.validation_loss)
    assert training.best.epoch == best.epoch
    bare = Training(without_validation(plan))
    assert any(isinstance(one, Notice) and "no validation images" in one.text for one in bare.events())


@pytest.mark.parametrize(
    ("recipe", "steps"),
    [
        (solved_recipe("all", epochs=1), False),
        (small_recipe("all", epochs=1), True),
        (solved_recipe("all", epochs=1, head=HeadSpec(kind="dense")), True),
        (
            Recipe.model_copy(
                small_recipe(),
                update={"phases": (Phase(freeze=LATE_LINE, epochs=1, learning_rate=0.01, solver="auto"),)},
            ),
            True,
        ),
    ],
)
def test_what_is_not_convex_is_learned_in_steps(project: Project, recipe: Recipe, steps: bool) -> None:
    _, epochs = trained(plan_of(project, recipe))
    assert (epochs[0].strength is None) == steps


def test_too_little_memory_to_solve_falls_back_to_steps(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(path_module, "LogisticRegression", no_memory)
    training = Training(plan_of(project, solved_recipe("all", epochs=2)))
    events = list(training.events())
    assert any(isinstance(one, Notice) and "trained in steps" in one.text for one in events)
    assert [one.strength for one in epochs_of(events)] == [None, None]
    monkeypatch.undo()


def test_features_that_are_no_numbers_are_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(project, solved_recipe("all"))
    nothing = torch.full((24, 1024), float("nan"))
    monkeypatch.setattr(path_module.RegularisationPath, "_joined", lambda _self, _source: nothing)
    with pytest.raises(ProblemError, match=r"phases\.0\.solver: .* not numbers"):
        list(Training(plan).events())


def test_views_of_one_image_are_left_out_together(project: Project) -> None:
    training, epochs = trained(plan_of(project, solved_recipe("all", augmentation=MODERATE)))
    assert len(epochs) == 8
    assert training.best.epoch > 0
