"""The starter: the backbone whose weights ship with the program; it was trained on synthetic pictures only.

This file contains the settings and measurements of its training. The weights and their hashes are in
``resources/weights/starter_resnet18.safetensors`` and ``.json``. docs/adr/0028-starter-weights.md gives the
reasons.
"""

from __future__ import annotations

from dataclasses import replace

from tldesk.model.card_types import Card, StageSpec

INPUT_SIZE = 128
"""Side in pixels of the pictures it was trained on, and of its input unless a recipe sets another size."""

TRAINED_ON = "pictures that a formula draws (shapes, textures, colours); no photo, nothing from the internet"
# Means over five seeds and coffee_leaf, ants_bees, blood_cells and brain_mri: pretraining/README.md.
TRANSFER = (
    "Average balanced accuracy on four test sets (coffee leaves, ants and bees, blood cells, brain scans): "
    "starter 85 %, random weights 73 %, ImageNet MobileNetV2 90 %"
)

CAUTION = (
    "The starter comes with tldesk and was trained on drawn pictures, never on photos. Weights trained on "
    "ImageNet are usually better for photos; they can be imported or downloaded."
)
"""Shown wherever the starter is recommended or described."""


def starter_of(network: Card) -> Card:
    """Return the starter's card, derived from the card of the published network with the same stages.

    The multiply-accumulates are scaled by the number of pixels, which is exact for sides divisible by 32.
    """
    share = (INPUT_SIZE / network.input_size) ** 2
    return replace(
        network,
        name=f"starter_{network.name}",
        title=f"Starter ({network.title})",
        builder=network.name,
        stages=tuple(_seen_smaller(one, share) for one in network.stages),
        parameters=sum(one.parameters for one in network.stages),  # its file contains no classifier
        gmacs=float(f"{network.gmacs * share:.3g}"),
        input_size=INPUT_SIZE,
        imagenet_accuracy=None,
        weight_files=(),
        licence="BSD-3-Clause (tldesk)",
        trained_on=TRAINED_ON,
        transfer=TRANSFER,
        caution=CAUTION,
    )


def _seen_smaller(stage: StageSpec, share: float) -> StageSpec:
    return replace(stage, gmacs=float(f"{stage.gmacs * share:.3g}"))
