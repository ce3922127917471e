"""Networks with parallel branches (GoogLeNet, Inception) or dense connections (DenseNet)."""

from __future__ import annotations

from tldesk.model.cards.outline import GOOGLE, HALF, Outline

_NO_AIDS = (("aux_logits", False), ("init_weights", True))


def _densenet(depth: int) -> Outline:
    return Outline(
        f"densenet{depth}",
        "DenseNet",
        f"DenseNet-{depth}",
        "Huang et al. 2017",
        (
            ("stem", "features.conv0 features.norm0 features.relu0 features.pool0"),
            ("block1", "features.denseblock1 features.transition1"),
            ("block2", "features.denseblock2 features.transition2"),
            ("block3", "features.denseblock3 features.transition3"),
            ("block4", "features.denseblock4 features.norm5 relu()"),
        ),
        "block4",
        ("avgpool()", "flatten()", "classifier"),
    )


# Both expect Google's own preprocessing (-1..1). torchvision normalises as for ImageNet and converts back
# inside the network (transform_input), which is equivalent.
INCEPTIONS = (
    Outline(
        "googlenet",
        "Inception",
        "GoogLeNet",
        "Szegedy et al. 2015",
        (
            ("stem", "conv1 maxpool1 conv2 conv3 maxpool2"),
            ("inception3", "inception3a inception3b maxpool3"),
            ("inception4", "inception4a inception4b inception4c inception4d inception4e maxpool4"),
            ("inception5", "inception5a inception5b"),
        ),
        "inception5",
        ("avgpool", "flatten()", "dropout", "fc"),
        licence=GOOGLE,
        unused=("aux1", "aux2"),
        options=_NO_AIDS,
        mean=HALF,
        std=HALF,
    ),
    Outline(
        "inception_v3",
        "Inception",
        "Inception v3",
        "Szegedy et al. 2016",
        (
            (
                "stem",
                "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3 maxpool1 Conv2d_3b_1x1 Conv2d_4a_3x3 maxpool2",
            ),
            ("mixed5", "Mixed_5b Mixed_5c Mixed_5d"),
            ("mixed6", "Mixed_6a Mixed_6b Mixed_6c Mixed_6d Mixed_6e"),
            ("mixed7", "Mixed_7a Mixed_7b Mixed_7c"),
        ),
        "mixed7",
        ("avgpool", "dropout", "flatten()", "fc"),
        licence=GOOGLE,
        unused=("AuxLogits",),
        options=_NO_AIDS,
        mean=HALF,
        std=HALF,
    ),
)
DENSENETS = tuple(_densenet(depth) for depth in (121, 161, 169, 201))
