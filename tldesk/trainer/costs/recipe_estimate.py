"""Estimates the time and memory of a recipe on this computer, from the costs of its backbone's stages.

Loads no torch. All planned epochs are counted; early stopping makes them fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tldesk.dataset import Facts, Snapshot, Split
from tldesk.engine.device import Device
from tldesk.model import LINE_ALL, Card, card
from tldesk.recipe import Phase, Recipe
from tldesk.trainer.costs.cost_book import BackboneCosts, CostBook, costs_key
from tldesk.trainer.data.view_budget import count_of_views, takes_plain_pictures, views_that_fit
from tldesk.trainer.strategies.batch_size import expected_batch

_FLOAT, _HALF = 4, 2  # bytes
_ADAM = 3  # values per trainable parameter: its gradient and two moments
_SGD = 2
_PROGRAM = 0.7 * 2**30  # bytes of the program with torch, before any images are loaded
_DECODING = 0.012  # seconds per megapixel, once
_SOLVING = 2e-9  # seconds per head parameter, image and evaluation; L-BFGS needs some dozens of evaluations
_LOOKS = 40


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """The number of images and classes of a training.

    Attributes:
        train, validation, test: number of images in each split.
        classes: number of classes.
        megapixels: median size of the pictures.
    """

    train: int
    validation: int
    test: int
    classes: int
    megapixels: float = 0.0

    @property
    def images(self) -> int:
        """Total number of images."""
        return self.train + self.validation + self.test

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> ImageCounts:
        """Return the counts of a snapshot; the size of its pictures is not needed for estimating epochs."""
        train, validation, test = (len(snapshot.of(split)) for split in Split)
        return cls(train, validation, test, len(snapshot.classes))

    @classmethod
    def of(cls, facts: Facts) -> ImageCounts:
        """Return the counts of a project.

        If it is not split yet, 70 % of the labelled images count as training images.
        """
        train, validation, test = (facts.split_counts.get(split, 0) for split in Split)
        if not train + validation + test:
            train = round(0.7 * facts.labelled)
            validation = (facts.labelled - train) // 2
            test = facts.labelled - train - validation
        classes = sum(1 for _name, count in facts.class_counts if count)
        megapixels = facts.median_width * facts.median_height / 1e6
        return cls(train, validation, test, max(classes, 2), megapixels)


@dataclass(frozen=True, slots=True)
class PhaseEstimate:
    """The estimate for one phase.

    Attributes:
        prepare: seconds before its first epoch if nothing is cached yet.
        epoch: seconds per epoch.
        epochs: maximum number of epochs.
        trained: trainable parameters, including the head's.
        memory: maximum memory during training, in bytes.
        kept: bytes on disk for cached features.
    """

    prepare: float
    epoch: float
    epochs: int
    trained: int
    memory: int
    kept: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate for a whole recipe.

    Attributes:
        phases: in order.
        reading: seconds to decode all pictures once if none are cached yet.
        finishing: seconds to run all images through the trained network.
    """

    phases: tuple[PhaseEstimate, ...]
    reading: float
    finishing: float

    @property
    def seconds(self) -> float:
        """Total time in seconds with empty caches and without early stopping."""
        learning = sum(one.prepare + one.epoch * one.epochs for one in self.phases)
        return self.reading + learning + self.finishing

    @property
    def memory(self) -> int:
        """Maximum memory in bytes."""
        return max(one.memory for one in self.phases)

    @property
    def kept(self) -> int:
        """Bytes on disk."""
        return sum(one.kept for one in self.phases)


def estimate(recipe: Recipe, card: Card, counts: ImageCounts, costs: BackboneCosts) -> Estimate:
    """Estimate what a recipe takes with these images."""
    trunk = sum(one.look for one in costs.stages)
    return Estimate(
        tuple(_phases(recipe, card, counts, costs)),
        counts.images * counts.megapixels * _DECODING,
        (counts.validation + counts.test) * trunk,
    )


def measured_seconds(recipe: Recipe, facts: Facts, device: Device) -> float | None:
    """Estimate the seconds of a first run with these images; None if the backbone was not measured."""
    known = card(recipe.backbone)
    costs = CostBook().get(costs_key(known, recipe, device))
    return None if costs is None else estimate(recipe, known, ImageCounts.of(facts), costs).seconds


def head_parameters(card: Card, recipe: Recipe, classes: int) -> int:
    """Return the number of parameters of the head: one linear layer, or two with a hidden layer between."""
    if recipe.head.kind == "knn":
        return 0
    if recipe.head.kind == "linear":
        return (card.features + 1) * classes
    return (card.features + 1) * recipe.head.hidden + (recipe.head.hidden + 1) * classes


def _phases(recipe: Recipe, card: Card, counts: ImageCounts, costs: BackboneCosts) -> Iterator[PhaseEstimate]:
    there: set[tuple[int, int]] = set()  # (freeze line position, view) pairs cached by an earlier phase
    for phase in recipe.phases:
        place, views = card.position(phase.freeze), _views(recipe, phase, card, counts, costs)
        new = [(place, view) for view in range(views) if (place, view) not in there]
        there.update(new)
        yield _phase(recipe, phase, card, counts, costs, views=views, new=len(new))


def _views(recipe: Recipe, phase: Phase, card: Card, counts: ImageCounts, costs: BackboneCosts) -> int:
    """Return how many views of each training image are cached; 0: everything is recomputed in every epoch."""
    place = card.position(phase.freeze)
    if place == 0:
        return 0
    fit = views_that_fit(_row_bytes(card, place, costs), counts.images)
    least = 1 if phase.freeze == LINE_ALL or fit else 0
    if takes_plain_pictures(recipe, phase, card):
        return least
    count = count_of_views(recipe, phase, card, lambda: fit)
    return count if count > 1 else 0


def _phase(
    recipe: Recipe,
    phase: Phase,
    card: Card,
    counts: ImageCounts,
    costs: BackboneCosts,
    *,
    views: int,
    new: int,
) -> PhaseEstimate:
    place = card.position(phase.freeze)
    trunk = sum(one.look for one in costs.stages[:place])
    tail = costs.stages[place:]
    trained = sum(one.parameters for one in card.stages[place:]) + head_parameters(
        card, recipe, counts.classes
    )
    images = counts.train * max(0, new) + (counts.validation if new else 0)
    return PhaseEstimate(
        prepare=trunk * images,
        epoch=_epoch(recipe, phase, card, counts, costs, views=views),
        epochs=recipe.epochs_of(phase),
        trained=trained,
        memory=round(
            _PROGRAM
            + expected_batch(recipe) * sum(one.kept for one in tail)
            + _FLOAT * (sum(one.parameters for one in card.stages) + _state(recipe) * trained)
        ),
        kept=images * _row_bytes(card, place, costs),
    )


def _epoch(
    recipe: Recipe, phase: Phase, card: Card, counts: ImageCounts, costs: BackboneCosts, *, views: int
) -> float:
    place, head = card.position(phase.freeze), head_parameters(card, recipe, counts.classes)
    if phase.freeze == LINE_ALL:
        passes = _LOOKS if phase.solver == "auto" and recipe.head.kind == "linear" else 3
        return counts.train * max(1, views) * head * passes * _SOLVING
    tail = costs.stages[place:]
    learning = sum(one.forward + one.backward for one in tail)
    looking = sum(one.forward for one in tail)
    uncached = 0.0 if views else costs.picture + sum(one.look for one in costs.stages[:place])
    steps = -(-counts.train // expected_batch(recipe))
    trained = head + sum(one.parameters for one in card.stages[place:])
    seconds = (
        counts.train * (learning + uncached) + counts.validation * looking + steps * trained * costs.update
    )
    return seconds * costs.factor


def _row_bytes(card: Card, place: int, costs: BackboneCosts) -> int:
    if place == len(card.stages):
        return card.features * _HALF
    return costs.stages[place - 1].outputs * _HALF if place else 0


def _state(recipe: Recipe) -> int:
    return _ADAM if recipe.optimizer == "adamw" else _SGD
