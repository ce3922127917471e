"""The batch size, and how it is chosen to fit into memory."""

from __future__ import annotations

from dataclasses import dataclass

from tldesk.recipe import Recipe

MOST = 64
"""Larger batches make a step no faster per image, and the rates of the presets suit 16 to 64 images."""
USUAL = 32
"""Used if the device does not report its memory."""
LEAST_STEPS = 10
"""An epoch with fewer steps than this trains too little."""

# At most this share of the free memory is used. A step needs about _NEEDED times the bytes that it keeps for
# the backward pass, because gradients and the workspace of convolutions come on top.
_SHARE = 0.5
_NEEDED = 3.0


@dataclass
class BatchSize:
    """The number of images per batch.

    It is reduced after running out of memory, for later phases too.

    Attributes:
        size: images per batch; 0 while not yet chosen.
    """

    size: int

    @classmethod
    def of(cls, recipe: Recipe) -> BatchSize:
        """Start with the recipe's batch size."""
        return cls(0 if recipe.batch_size == "auto" else recipe.batch_size)


def expected_batch(recipe: Recipe) -> int:
    """Return the batch size for estimates: the recipe's, or what "auto" usually gives."""
    return USUAL if recipe.batch_size == "auto" else recipe.batch_size


def batch_that_fits(bytes_an_image: float, free: int | None, images: int) -> int:
    """Return the batch size for "auto": a power of two, 1 to 64.

    Args:
        bytes_an_image: bytes per image that a step keeps for the backward pass.
        free: free memory of the device in bytes; None if it is unknown.
        images: number of training images.
    """
    fits = USUAL if free is None else int(_SHARE * free / (_NEEDED * max(bytes_an_image, 1.0)))
    most = min(MOST, fits, max(8, images // LEAST_STEPS))
    return 1 << (max(1, most).bit_length() - 1)
