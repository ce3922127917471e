"""The prediction for one picture: probabilities, novelty, neighbours; or why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tldesk.imaging import AS_STORED, Rendering


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training image with features similar to those of the picture.

    Attributes:
        content: its content hash; ``Project.path_of`` finds the file.
        label: its class in training.
        similarity: cosine of the two embeddings, -1..1; 1 means equal.
    """

    content: str
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The prediction for one picture: class probabilities and their reliability.

    Attributes:
        path: the picture.
        classes: the model's classes in their order.
        predicted: the most probable class.
        probability: its calibrated probability, 0..1.
        probabilities: one per class, in the order of ``classes``, with the sum 1.
        novelty: 0..1, the fraction of validation images that are closer to the training images than this
            picture; near 1 the picture is unlike the training images.
        unsure: whether the probability is below the model's threshold.
        neighbours: the most similar training images, nearest first.
        rendering: how its file was read.
        values: the picture's values in the model's columns that were given, as (column, text).
        unknown: the model's columns without a value that the model can use.
    """

    path: Path
    classes: tuple[str, ...]
    predicted: str
    probability: float
    probabilities: tuple[float, ...]
    novelty: float
    unsure: bool
    neighbours: tuple[Neighbour, ...] = ()
    rendering: Rendering = AS_STORED
    values: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """Return the ``count`` most probable classes with their probabilities, highest first."""
        ranked = sorted(zip(self.classes, self.probabilities, strict=True), key=lambda pair: -pair[1])
        return tuple(ranked[:count])


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture for which prediction failed.

    Attributes:
        path: the file.
        error: the reason in plain words.
    """

    path: Path
    error: str
