from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_project import BACKBONE, LATE_LINE, MODERATE, make_project, random_weights, small_recipe

from tldesk.dataset import Project, Split
from tldesk.engine import device_named
from tldesk.engine.cache_misses import CacheMisses
from tldesk.engine.feature_bank import FeatureBank
from tldesk.engine.picture_batches import PreprocessedPictures
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import HeadSpec, Recipe
from tldesk.trainer import EpochFinished
from tldesk.trainer.data.batches import AllViews, RotatingViews
from tldesk.trainer.data.network_outputs import network_outputs
from tldesk.trainer.data.phase_data import TrainingData
from tldesk.trainer.data.views import view_at, views_of
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import make_plan

PREPROCESSING = card(BACKBONE).preprocessing(64)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("TLDESK_HOME", str(tmp_path / "home"))
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def network(project: Project) -> Network:
    return build_network(card(BACKBONE), 3, HeadSpec(), weights=WeightsLibrary().load(BACKBONE), seed=1)


def trained(project: Project, recipe: Recipe) -> tuple[CacheMisses, list[float]]:
    training = Training(make_plan(project, recipe, device="cpu"))
    losses = [event.train_loss for event in training.events() if isinstance(event, EpochFinished)]
    return training.work, losses


def test_a_second_training_decodes_nothing_and_computes_no_trunk(project: Project) -> None:
    first, _ = trained(project, small_recipe())
    known = len(project.snapshot().of(Split.TRAIN)) + len(project.snapshot().of(Split.VALIDATION))
    assert (first.decoded, first.computed) == (known, known)
    for item in project.snapshot().items:
        item.path.unlink()  # nor are the files needed
    dense = small_recipe(head=HeadSpec(kind="dense", hidden=16), seed=9)
    second, losses = trained(project, dense)
    assert (second.decoded, second.computed) == (0, 0)
    assert losses


def test_a_tail_on_kept_views_looks_at_no_picture_again(project: Project) -> None:
    recipe = small_recipe(LATE_LINE, epochs=3, augmentation=MODERATE.model_copy(update={"views": 2}))
    images = {split: len(project.snapshot().of(split)) for split in Split}
    first, losses = trained(project, recipe)
    # The head's standardisation and the tail's plain view look at all training images, the changed view too.
    assert first.computed == 3 * images[Split.TRAIN] + images[Split.VALIDATION]
    again, same = trained(project, recipe.model_copy(update={"batch_size": 8}))
    assert (again.decoded, again.computed) == (0, 0)
    assert same == losses


def test_evaluating_uses_the_features_of_the_training(project: Project) -> None:
    plan = make_plan(project, small_recipe(), device="cpu")
    training = Training(plan)
    list(training.events())
    items = project.snapshot().of(Split.VALIDATION)
    for item in items:
        item.path.unlink()
    assert len(list(network_outputs(TrainingData(plan, training.network), items, "Evaluating"))) > 0


def test_views_depend_on_image_number_and_seed_alone(project: Project, network: Network) -> None:
    items = project.snapshot().of(Split.TRAIN)

    def rows(cache: str, seed: int, order: slice = slice(None)) -> list[np.ndarray]:
        pictures = PreprocessedPictures(project.cache_dir / cache, PREPROCESSING)
        found = []
        for view in views_of(MODERATE, seed, 3):
            place = project.cache_dir / cache
            bank = FeatureBank(network, "all", pictures, device_named("cpu"), cache_dir=place, view=view)
            list(bank.fill(items[order]))
            found.append(bank.rows([item.content for item in items]))
        return found

    plain, one, two = rows("first", 5)
    again = rows("second", 5, slice(None, None, -1))
    for kept, anew in zip((plain, one, two), again, strict=True):
        # In another order a batch holds other pictures, which changes nothing.
        assert apart(kept, anew) == 0
    other = rows("third", 6)
    assert np.array_equal(other[0], plain)
    assert min(apart(changed, plain) for changed in (one, two, other[1])) > 0.1
    assert min(apart(one, two), apart(one, other[1])) > 0.1


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """The mean difference, as a share of the mean size."""
    return float(np.abs(one.astype(float) - other).mean() / np.abs(one.astype(float)).mean())


def test_every_view_has_its_turn_and_each_epoch_mixes_them() -> None:
    turns = np.array([[view_at(place, epoch, 4) for place in range(40)] for epoch in range(1, 9)])
    assert all(np.bincount(epoch).tolist() == [10] * 4 for epoch in turns)
    assert all(sorted(image[:4]) == [0, 1, 2, 3] for image in turns.T)


def material_of(project: Project, recipe: Recipe) -> tuple[TrainingData, Network]:
    plan = make_plan(project, recipe, device="cpu")
    network = build_network(plan.card, 3, recipe.head, weights=plan.weights(), seed=0)
    return TrainingData(plan, network), network


def source_of(data: TrainingData) -> object:
    steps = data.phase(0, None)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.train


def test_a_head_learns_from_all_views_at_once(project: Project) -> None:
    data, _ = material_of(project, small_recipe(augmentation=MODERATE))
    source, images = source_of(data), project.snapshot().of(Split.TRAIN)
    assert isinstance(source, AllViews)
    assert [item.content for item in source.items] == [item.content for item in images] * 4
    assert source.labels.tolist() == [item.label for item in images] * 4
    whole = source.batch(range(4 * len(images)))
    picked = [3 * len(images) + 2, 1, len(images), 0, 3 * len(images) + 2]
    assert torch.equal(source.batch(picked), whole[picked])
    assert not torch.allclose(whole[: len(images)], whole[len(images) : 2 * len(images)])


def test_a_tail_takes_another_view_in_each_epoch(project: Project) -> None:
    data, _ = material_of(project, small_recipe(LATE_LINE, epochs=8, augmentation=MODERATE))
    source = source_of(data)
    assert isinstance(source, RotatingViews)
    epochs = [source.batch(range(6), epoch) for epoch in range(1, 9)]
    assert torch.equal(epochs[0], epochs[4])
    assert not torch.equal(epochs[0], epochs[1])
    assert torch.equal(source.batch([4, 1], 2), epochs[1][[4, 1]])
