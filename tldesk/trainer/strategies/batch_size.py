"""The batch size, and how it is chosen to fit into memory."""

from __future__ import annotations

from dataclasses import dataclass

from tldesk.recipe import Recipe

MOST = 64
"""More at a time make a step no quicker a picture, and the rates of ready-made recipes suit 16 to 64."""
USUAL = 32
"""Where a device does not say how much memory it has."""
LEAST_STEPS = 10
"""An epoch of fewer steps than this learns too little."""

# Of what is free, so much is used; and a step needs about so many times what it keeps for the way back:
# the gradients on their way, and what convolutions need besides.
_SHARE = 0.5
_NEEDED = 3.0


@dataclass
class BatchSize:
    """How many images at a time; smaller once memory ran out, also in later phases.

    Attributes:
        size: 0 while it is to be chosen.
    """

    size: int

    @classmethod
    def of(cls, recipe: Recipe) -> BatchSize:
        """As the recipe says."""
        return cls(0 if recipe.batch_size == "auto" else recipe.batch_size)


def expected_batch(recipe: Recipe) -> int:
    """Images at a time, for estimates: the recipe's number, or what "auto" usually comes to."""
    return USUAL if recipe.batch_size == "auto" else recipe.batch_size


def batch_that_fits(bytes_an_image: float, free: int | None, images: int) -> int:
    """The batch size for "auto": a power of two, 1 to 64.

    Args:
        bytes_an_image: that a step keeps of each image for its way back.
        free: memory of the device in bytes; None where it does not say.
        images: that are learned from.
    """
    fits = USUAL if free is None else int(_SHARE * free / (_NEEDED * max(bytes_an_image, 1.0)))
    most = min(MOST, fits, max(8, images // LEAST_STEPS))
    return 1 << (max(1, most).bit_length() - 1)
