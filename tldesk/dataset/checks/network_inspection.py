"""What a network found when it looked at the images: plain data, so that findings can be made of it here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DoubtfulLabel:
    """A label that is most likely wrong.

    Attributes:
        image_id: the image.
        given: name of the class it has.
        likely: name of the class predicted by a head that was not trained on it.
        probability: of the given class, predicted by the same head, 0..1.
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
    """What was found; the surest doubts and the most alike pairs first.

    Attributes:
        doubts: labels that are most likely wrong.
        alike: pairs of images whose files differ.
        caution: from the card of the network that looked; "" if none.
    """

    doubts: tuple[DoubtfulLabel, ...]
    alike: tuple[AlikePair, ...]
    caution: str = ""
