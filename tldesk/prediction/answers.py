"""The answer for one picture: probabilities, novelty, neighbours; or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tldesk.imaging import AS_STORED, Rendering


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training image that looks like the picture to the network.

    Attributes:
        content: its content hash; ``Project.path_of`` finds the file.
        label: the class it was trained as.
        similarity: cosine of the two embeddings, -1..1, 1 = the same.
    """

    content: str
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The classes' probabilities for one picture, and how far they can be trusted.

    Attributes:
        path: the picture.
        classes: the model's classes in their fixed order.
        predicted: the most probable class.
        probability: its calibrated probability, 0..1.
        probabilities: one a class, in the order of ``classes``, summing to 1.
        novelty: 0..1, the share of validation images that were closer to the training images than this one;
            near 1 = unlike anything the model was trained on.
        unsure: the probability is below what validation showed to be reliable.
        neighbours: the most similar training images, nearest first.
        rendering: how its file was read.
        values: what was known of it beside the picture, column and text, of the columns that the model learnt
            from.
        unknown: of these columns, those of which nothing is known that the model could use.
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
        """The ``count`` most probable classes with their probabilities, highest first."""
        ranked = sorted(zip(self.classes, self.probabilities, strict=True), key=lambda pair: -pair[1])
        return tuple(ranked[:count])


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that got no answer.

    Attributes:
        path: the file.
        error: the reason, in plain words.
    """

    path: Path
    error: str
