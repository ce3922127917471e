"""The starter: the backbone whose weights come with the program; it was trained on drawn pictures only.

All that was decided or measured when it was trained stands in this file; the weights and their hashes are
``resources/weights/starter_resnet18.safetensors`` and ``.json``. docs/adr/0028-starter-weights.md says why.
"""

from __future__ import annotations

from dataclasses import replace

from tldesk.model.card_types import Card, StageSpec

INPUT_SIZE = 128
"""Side in pixels of the pictures that it was trained on, and is shown where a recipe names no other size."""

TRAINED_ON = "pictures that a formula draws (shapes, textures, colours); no photo, nothing from the internet"
# Means over five seeds and coffee_leaf, ants_bees, blood_cells and brain_mri: pretraining/README.md.
TRANSFER = (
    "a head on its features was right on 85 % of the test images on average (leaves, insects, blood cells, "
    "brain scans; classes count alike), on those of random weights on 73 %, of ImageNet's MobileNetV2 on 90 %"
)

CAUTION = (
    "The starter comes with tldesk and learnt from drawn pictures, never from photos. Weights trained on "
    "ImageNet are usually better for photos. To get them: Import weights on the Model page, or: "
    "tldesk weights import FILE, or with a network: tldesk weights fetch mobilenet_v2."
)
"""Said wherever the starter is recommended or described."""


def starter_of(network: Card) -> Card:
    """The starter's card, from that of the published network whose stages it has.

    Work grows with the number of pixels: with sides that 32 divides, exactly so.
    """
    share = (INPUT_SIZE / network.input_size) ** 2
    return replace(
        network,
        name=f"starter_{network.name}",
        title=f"Starter ({network.title})",
        builder=network.name,
        stages=tuple(_seen_smaller(one, share) for one in network.stages),
        parameters=sum(one.parameters for one in network.stages),  # there is no classifier in the file
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
