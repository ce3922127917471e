"""Networks designed for few operations: MobileNet, MNASNet, ShuffleNet, EfficientNet."""

from __future__ import annotations

from tldesk.model.card_types import IMAGENET_MEAN, IMAGENET_STD, Triple
from tldesk.model.cards.outline import (
    GOOGLE,
    HALF,
    LUKE_MELAS,
    MAP_THEN_CLASSIFIER,
    TIMM,
    TORCHVISION,
    Outline,
)

_V3_FC = ("fc", "avgpool flatten() classifier.0-1")
_V3_CLASSIFIER = ("classifier.2", "classifier.3")


def _efficientnet(number: int, licence: str) -> Outline:
    name, title = f"efficientnet_b{number}", f"EfficientNet-B{number}"
    return Outline(
        name,
        "EfficientNet",
        title,
        "Tan and Le 2019",
        _stages(7),
        "stage7",
        MAP_THEN_CLASSIFIER,
        licence=licence,
    )


def _efficientnet_v2(
    size: str,
    stages: int,
    licence: str = TORCHVISION,
    mean: Triple = IMAGENET_MEAN,
    std: Triple = IMAGENET_STD,
) -> Outline:
    return Outline(
        f"efficientnet_v2_{size}",
        "EfficientNet",
        f"EfficientNet v2 {size.upper()}",
        "Tan and Le 2021",
        _stages(stages),
        f"stage{stages}",
        MAP_THEN_CLASSIFIER,
        licence=licence,
        mean=mean,
        std=std,
    )


def _stages(count: int) -> tuple[tuple[str, str], ...]:
    """Return the stem and ``count`` stages; the last one includes the 1x1 convolution after it."""
    inner = tuple((f"stage{number}", f"features.{number}") for number in range(1, count))
    return ("stem", "features.0"), *inner, (f"stage{count}", f"features.{count}-{count + 1}")


def _mnasnet(name: str, width: str) -> Outline:
    return Outline(
        name,
        "MNASNet",
        f"MNASNet {width}",
        "Tan et al. 2019",
        (
            ("stem", "layers.0-7"),
            ("stage1", "layers.8"),
            ("stage2", "layers.9"),
            ("stage3", "layers.10"),
            ("stage4", "layers.11"),
            ("stage5", "layers.12"),
            ("stage6", "layers.13-16"),
        ),
        "stage6",
        ("avgpool()", "flatten()", "classifier"),
    )


def _shufflenet(name: str, width: str) -> Outline:
    return Outline(
        name,
        "ShuffleNet",
        f"ShuffleNet v2 {width}x",
        "Ma et al. 2018",
        (
            ("stem", "conv1 maxpool"),
            ("stage2", "stage2"),
            ("stage3", "stage3"),
            ("stage4", "stage4"),
            ("conv5", "conv5"),
        ),
        "conv5",
        ("avgpool()", "flatten()", "fc"),
    )


MOBILENETS = (
    Outline(
        "mobilenet_v2",
        "MobileNet",
        "MobileNet v2",
        "Sandler et al. 2018",
        (
            ("stem", "features.0"),
            ("stage1", "features.1"),
            ("stage2", "features.2-3"),
            ("stage3", "features.4-6"),
            ("stage4", "features.7-10"),
            ("stage5", "features.11-13"),
            ("stage6", "features.14-16"),
            ("stage7", "features.17-18"),
        ),
        "stage7",
        ("avgpool()", "flatten()", "classifier"),
    ),
    Outline(
        "mobilenet_v3_small",
        "MobileNet",
        "MobileNet v3 small",
        "Howard et al. 2019",
        (
            ("stem", "features.0"),
            ("stage1", "features.1"),
            ("stage2", "features.2-3"),
            ("stage3", "features.4-6"),
            ("stage4", "features.7-8"),
            ("stage5", "features.9-12"),
            _V3_FC,
        ),
        "stage5",
        _V3_CLASSIFIER,
        "none",
    ),
    Outline(
        "mobilenet_v3_large",
        "MobileNet",
        "MobileNet v3 large",
        "Howard et al. 2019",
        (
            ("stem", "features.0"),
            ("stage1", "features.1"),
            ("stage2", "features.2-3"),
            ("stage3", "features.4-6"),
            ("stage4", "features.7-10"),
            ("stage5", "features.11-12"),
            ("stage6", "features.13-16"),
            _V3_FC,
        ),
        "stage6",
        _V3_CLASSIFIER,
        "none",
    ),
)
EFFICIENTNETS = (
    *(_efficientnet(number, TIMM) for number in range(5)),
    *(_efficientnet(number, LUKE_MELAS) for number in range(5, 8)),
    _efficientnet_v2("s", 6),
    _efficientnet_v2("m", 7),
    _efficientnet_v2("l", 7, GOOGLE, HALF, HALF),
)
MNASNETS = (
    _mnasnet("mnasnet0_5", "0.5"),
    _mnasnet("mnasnet0_75", "0.75"),
    _mnasnet("mnasnet1_0", "1.0"),
    _mnasnet("mnasnet1_3", "1.3"),
)
SHUFFLENETS = (
    _shufflenet("shufflenet_v2_x0_5", "0.5"),
    _shufflenet("shufflenet_v2_x1_0", "1.0"),
    _shufflenet("shufflenet_v2_x1_5", "1.5"),
    _shufflenet("shufflenet_v2_x2_0", "2.0"),
)
