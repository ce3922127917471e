"""The result of a network's inspection of the images, as plain data independent of the network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DoubtfulLabel:
    """A label that is most likely wrong.

    Attributes:
        image_id: the image.
        given: class name of its label.
        likely: class predicted by a head that was not trained on it.
        probability: probability of ``given`` predicted by the same head, 0..1.
    """

    image_id: int
    given: str
    likely: str
    probability: float


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two images with nearly the same features; ``score`` is the cosine between them, up to 1."""

    first: int
    second: int
    score: float


@dataclass(frozen=True)
class Inspection:
    """The result of an inspection.

    Attributes:
        doubts: labels that are most likely wrong, the most doubtful first.
        alike: pairs of images with different files but similar features, the most similar first.
        caution: the warning on the network's card; "" if there is none.
    """

    doubts: tuple[DoubtfulLabel, ...]
    alike: tuple[AlikePair, ...]
    caution: str = ""
