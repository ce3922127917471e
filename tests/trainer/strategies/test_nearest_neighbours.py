"""Heads that are looked up, images that are mixed, and batches chosen by memory, in whole trainings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe
from torch.nn import functional

from tldesk.base import ProblemError
from tldesk.dataset import Project, Split
from tldesk.model.model_file import ModelFile
from tldesk.prediction.predictor import Predictor
from tldesk.recipe import HeadSpec, Recipe
from tldesk.run import Run
from tldesk.trainer import EpochFinished, Notice, PhaseStarted
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, make_plan
from tldesk.trainer.strategies import gradient_steps as steps_module
from tldesk.trainer.strategies import nearest_neighbours as lookup_module
from tldesk.trainer.strategies.batch_size import batch_that_fits
from tldesk.trainer.strategies.mixup import mixup_of

KNN = HeadSpec(kind="knn", neighbours=3)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def plan_of(project: Project, recipe: Recipe) -> Plan:
    return make_plan(project, recipe, device="cpu")


def vectors(training: Training, split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    steps = training.data.vectors(training.plan.snapshot.of(split), None)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.all(), end.value.labels


def test_neighbours_are_remembered_in_one_epoch_and_tell_the_truth_of_themselves(project: Project) -> None:
    training = Training(plan_of(project, small_recipe("all", epochs=7, head=KNN)))
    events = list(training.events())
    (epoch,) = [event for event in events if isinstance(event, EpochFinished)]
    (begun,) = [event for event in events if isinstance(event, PhaseStarted)]
    assert (begun.epochs, begun.trainable, begun.batch_size) == (1, 0, None)
    train, labels = vectors(training, Split.TRAIN)
    unit = functional.normalize(train, dim=1)
    assert torch.allclose(training.network.head.nearest.memory, unit, atol=1e-6)
    validation, answers = vectors(training, Split.VALIDATION)
    logits = training.network.head(validation)
    assert epoch.validation_loss == pytest.approx(float(functional.cross_entropy(logits, answers)), rel=1e-4)
    # Each training image is judged by the others: the nearest but itself, for one neighbour.
    likeness = unit @ unit.T
    likeness.fill_diagonal_(-2)
    right = []
    for row in likeness:
        near = row.topk(3).indices
        votes = torch.zeros(3).index_add(0, labels[near], torch.exp(row[near] / 0.07))
        right.append(int(votes.argmax()))
    assert epoch.train_accuracy == pytest.approx(float((torch.tensor(right) == labels).double().mean()))


def test_versions_of_an_image_are_remembered_too_and_do_not_vote_for_it(project: Project) -> None:
    recipe = small_recipe("all", head=KNN, augmentation=MODERATE.model_copy(update={"views": 3}))
    training = Training(plan_of(project, recipe))
    (epoch,) = [event for event in training.events() if isinstance(event, EpochFinished)]
    images = len(training.plan.snapshot.of(Split.TRAIN))
    assert len(training.network.head.nearest.memory) == 3 * images
    assert epoch.train_accuracy < 1 or epoch.train_loss > 0.05


def test_too_many_images_are_drawn_from_and_that_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(project, small_recipe("all", head=KNN))
    monkeypatch.setattr(lookup_module, "MOST_BYTES", 10 * 4 * plan.card.features)
    training = Training(plan)
    (notice,) = [event for event in training.events() if isinstance(event, Notice)]
    assert "10 are remembered" in notice.text
    assert len(training.network.head.nearest.memory) == 10


def test_a_model_file_of_neighbours_answers_as_it_was_trained(project: Project, tmp_path: Path) -> None:
    run = Run.create(project, plan_of(project, small_recipe("all", head=KNN, class_balance="weighted")))
    for _ in run.train():
        pass
    file = run.finish()
    model = ModelFile.load(file)
    assert model.head == KNN
    assert model.temperature > 0
    picture = project.images(project.ids())[0].path
    answer = Predictor.open(file).predict(picture)
    assert sum(answer.probabilities) == pytest.approx(1.0)
    assert all(share > 0 for share in answer.probabilities)
    assert answer.neighbours[0].label == answer.predicted
    saliency = Predictor.open(file).explain(picture)
    assert saliency.marks.shape == saliency.pixels.shape[:2]
    other = Predictor(replace(model, head=KNN.model_copy(update={"neighbours": 1}))).predict(picture)
    assert other.probability != pytest.approx(answer.probability)


def test_neighbours_need_everything_frozen(project: Project) -> None:
    with pytest.raises(ProblemError) as caught:
        plan_of(project, small_recipe("all", LATE_LINE, head=KNN))
    (problem,) = caught.value.problems
    assert problem.where == "head.kind"
    assert "freeze = all" in problem.fix


def test_mixing_by_hand() -> None:
    mixing = mixup_of(4, 0.4, seed=5)
    assert 0 <= mixing.share <= 1
    assert sorted(mixing.partner.tolist()) == [0, 1, 2, 3]
    given, labels = torch.arange(8.0).reshape(4, 2), torch.tensor([0, 1, 2, 0])
    expected = mixing.share * given + (1 - mixing.share) * given[mixing.partner]
    assert torch.equal(mixing.inputs(given), expected)
    # The mean of costs is the cost of the mixed label, since cross-entropy is linear in the label.
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    wanted = functional.one_hot(labels, 3).float()
    soft = mixing.share * wanted + (1 - mixing.share) * wanted[mixing.partner]
    found = mixing.mean(lambda one: functional.cross_entropy(logits, one), labels)
    assert float(found) == pytest.approx(float(functional.cross_entropy(logits, soft)), rel=1e-5)
    assert mixup_of(4, 0.4, seed=5).share == mixing.share
    shares = np.array([mixup_of(4, 0.2, seed=seed).share for seed in range(400)])
    assert np.mean((shares < 0.1) | (shares > 0.9)) == pytest.approx(0.7, abs=0.1)  # Beta(0.2, 0.2)
    plain = mixup_of(4, 0.0, seed=5)
    assert torch.equal(plain.inputs(given), given)


@pytest.mark.parametrize("line", ["all", LATE_LINE])
def test_mixed_training_learns_and_gives_the_same_numbers_again(project: Project, line: str) -> None:
    recipe = small_recipe(line, epochs=2, mixup=0.4, augmentation=MODERATE.model_copy(update={"views": 2}))
    first, again, plain = (
        [
            (event.train_loss, event.train_accuracy)
            for event in Training(plan_of(project, one)).events()
            if isinstance(event, EpochFinished)
        ]
        for one in (recipe, recipe, recipe.model_copy(update={"mixup": 0.0}))
    )
    assert first == again
    assert first != plain


def test_a_batch_by_memory_is_chosen_told_and_recorded(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = small_recipe("all", LATE_LINE, epochs=1, batch_size="auto")
    run = Run.create(project, plan_of(project, recipe))
    begun = [event for event in run.train() if isinstance(event, PhaseStarted)]
    # 24 training images: no more than 8 at a time, however much memory there is.
    assert [event.batch_size for event in begun] == [8, 8]
    assert [text for text in run.notices() if "8 images" in text]
    assert "PhaseStarted" in run.files.events.read_text(encoding="utf-8")
    assert '"batch_size": 8' in run.files.events.read_text(encoding="utf-8")
    monkeypatch.setattr(steps_module, "free_bytes", lambda _device: 1)
    tight = Training(plan_of(project, small_recipe(LATE_LINE, epochs=1, batch_size="auto")))
    events = list(tight.events())
    assert [event.batch_size for event in events if isinstance(event, PhaseStarted)] == [1]
    assert [
        event for event in events if isinstance(event, Notice) and "without them it would be 8" in event.text
    ]


@pytest.mark.parametrize(
    ("bytes_an_image", "free", "images", "expected"),
    [
        (20e6, 8 * 2**30, 5000, 64),  # 71 would fit
        (100e6, 8 * 2**30, 5000, 8),  # 14 would fit
        (1e6, None, 5000, 32),
        (1e6, 2**30, 200, 16),  # at least ten steps an epoch
        (1e6, 2**30, 12, 8),
        (1e12, 2**30, 5000, 1),
    ],
)
def test_batches_are_powers_of_two_that_fit(
    bytes_an_image: float, free: int | None, images: int, expected: int
) -> None:
    assert batch_that_fits(bytes_an_image, free, images) == expected


def test_what_a_step_keeps_is_what_its_layers_need(project: Project) -> None:
    training = Training(plan_of(project, small_recipe("all", epochs=1, head=HeadSpec(kind="dense"))))
    kept = {}

    def look(events):
        for event in events:
            if isinstance(event, EpochFinished):
                way = training._strategy
                source = way._data.train
                kept.update({count: way._learner.kept_bytes(source, [0] * count) for count in (2, 4)})

    look(training.events())
    features, hidden = training.plan.card.features, 256
    # Of each image: the standardised features, and what comes out of the ReLU, in 4 bytes.
    assert (kept[4] - kept[2]) / 2 == pytest.approx(4 * (features + hidden), rel=0.01)
