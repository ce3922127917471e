"""ResNet and its relatives: ResNeXt, Wide ResNet, RegNet."""

from __future__ import annotations

from tldesk.model.cards.outline import MAP_THEN_FC, SWAG, TORCHVISION, Outline

_RESNET_STAGES = (
    ("stem", "conv1 bn1 relu maxpool"),
    ("layer1", "layer1"),
    ("layer2", "layer2"),
    ("layer3", "layer3"),
    ("layer4", "layer4"),
)
_REGNET_STAGES = (
    ("stem", "stem"),
    ("block1", "trunk_output.block1"),
    ("block2", "trunk_output.block2"),
    ("block3", "trunk_output.block3"),
    ("block4", "trunk_output.block4"),
)


def _resnet(name: str, title: str, family: str = "ResNet", paper: str = "He et al. 2016") -> Outline:
    return Outline(name, family, title, paper, _RESNET_STAGES, "layer4", MAP_THEN_FC)


def _resnext(name: str, title: str) -> Outline:
    return _resnet(name, title, "ResNeXt", "Xie et al. 2017")


def _wide(name: str, title: str) -> Outline:
    return _resnet(name, title, "Wide ResNet", "Zagoruyko and Komodakis 2016")


def _regnet(kind: str, size: str, licence: str = TORCHVISION) -> Outline:
    """Return a RegNet by its floating-point operations: ``400mf`` is 400 million, ``1_6gf`` 1.6 billion."""
    words = size.upper().replace("_", ".")
    return Outline(
        f"regnet_{kind}_{size}",
        "RegNet",
        f"RegNet {kind.upper()} {words}",
        "Radosavovic et al. 2020",
        _REGNET_STAGES,
        "block4",
        MAP_THEN_FC,
        licence=licence,
    )


_REGNET_SIZES = ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")

RESNETS = (
    _resnet("resnet18", "ResNet-18"),
    _resnet("resnet34", "ResNet-34"),
    _resnet("resnet50", "ResNet-50"),
    _resnet("resnet101", "ResNet-101"),
    _resnet("resnet152", "ResNet-152"),
    _resnext("resnext50_32x4d", "ResNeXt-50 32x4d"),
    _resnext("resnext101_32x8d", "ResNeXt-101 32x8d"),
    _resnext("resnext101_64x4d", "ResNeXt-101 64x4d"),
    _wide("wide_resnet50_2", "Wide ResNet-50-2"),
    _wide("wide_resnet101_2", "Wide ResNet-101-2"),
)
REGNETS = (
    *(_regnet("x", size) for size in _REGNET_SIZES),
    *(_regnet("y", size) for size in _REGNET_SIZES),
    _regnet("y", "128gf", SWAG),  # published in no other way
)
