"""The table of backbones.

One short entry a backbone; everything else (building, freezing, recognising a weight file) is driven by this
table. Torch is not imported here, so that the window can show the backbones before torch is loaded.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from tldesk.base import Problem, ProblemError
from tldesk.model.cardtypes import Card, stage

_HALF = (0.5, 0.5, 0.5)
_TORCHVISION = "BSD-3-Clause (torchvision); trained on ImageNet-1k, whose own terms may apply"
_TIMM = "Apache-2.0 (timm, through torchvision); trained on ImageNet-1k, whose own terms may apply"
_GOOGLE = "Apache-2.0 (Google, through torchvision); trained on ImageNet-1k, whose own terms may apply"
_MAP_THEN_FC = ("avgpool", "flatten()", "fc")

# Where torchvision publishes two sets, the first (V1) is the one to fetch: networks trained with label
# smoothing, mixup and long schedules (V2) score higher on ImageNet, but their frozen features serve other
# pictures worse (Kornblith et al. 2021, "Why do better loss functions lead to less transferable features?").
_CARDS = (
    Card(
        name="resnet18",
        family="ResNet",
        title="ResNet-18",
        paper="He et al. 2016",
        stages=(
            stage("stem", "conv1 bn1 relu maxpool", 9_536, 0.118),
            stage("layer1", "layer1", 147_968, 0.462),
            stage("layer2", "layer2", 525_568, 0.411),
            stage("layer3", "layer3", 2_099_712, 0.411),
            stage("layer4", "layer4", 8_393_728, 0.411),
        ),
        features=512,
        pool="avg",
        saliency_stage="layer4",
        classifier=_MAP_THEN_FC,
        parameters=11_689_512,
        gmacs=1.814,
        imagenet_accuracy=69.758,
        weight_files=("resnet18-f37072fd.pth",),
        licence=_TORCHVISION,
    ),
    Card(
        name="resnet34",
        family="ResNet",
        title="ResNet-34",
        paper="He et al. 2016",
        stages=(
            stage("stem", "conv1 bn1 relu maxpool", 9_536, 0.118),
            stage("layer1", "layer1", 221_952, 0.694),
            stage("layer2", "layer2", 1_116_416, 0.873),
            stage("layer3", "layer3", 6_822_400, 1.34),
            stage("layer4", "layer4", 13_114_368, 0.642),
        ),
        features=512,
        pool="avg",
        saliency_stage="layer4",
        classifier=_MAP_THEN_FC,
        parameters=21_797_672,
        gmacs=3.664,
        imagenet_accuracy=73.314,
        weight_files=("resnet34-b627a593.pth",),
        licence=_TORCHVISION,
    ),
    Card(
        name="resnet50",
        family="ResNet",
        title="ResNet-50",
        paper="He et al. 2016",
        stages=(
            stage("stem", "conv1 bn1 relu maxpool", 9_536, 0.118),
            stage("layer1", "layer1", 215_808, 0.668),
            stage("layer2", "layer2", 1_219_584, 1.03),
            stage("layer3", "layer3", 7_098_368, 1.46),
            stage("layer4", "layer4", 14_964_736, 0.809),
        ),
        features=2048,
        pool="avg",
        saliency_stage="layer4",
        classifier=_MAP_THEN_FC,
        parameters=25_557_032,
        gmacs=4.089,
        imagenet_accuracy=76.130,
        weight_files=("resnet50-0676ba61.pth", "resnet50-11ad3fa6.pth"),
        licence=_TORCHVISION,
    ),
    Card(
        name="mobilenet_v2",
        family="MobileNet",
        title="MobileNet v2",
        paper="Sandler et al. 2018",
        stages=(
            stage("stem", "features.0", 928, 0.0108),
            stage("stage1", "features.1", 896, 0.01),
            stage("stage2", "features.2-3", 13_968, 0.0549),
            stage("stage3", "features.4-6", 39_696, 0.0374),
            stage("stage4", "features.7-10", 183_872, 0.0385),
            stage("stage5", "features.11-13", 303_168, 0.0581),
            stage("stage6", "features.14-16", 795_264, 0.0466),
            stage("stage7", "features.17-18", 886_080, 0.0431),
        ),
        features=1280,
        pool="avg",
        saliency_stage="stage7",
        classifier=("avgpool()", "flatten()", "classifier"),
        parameters=3_504_872,
        gmacs=0.301,
        imagenet_accuracy=71.878,
        weight_files=("mobilenet_v2-b0353104.pth", "mobilenet_v2-7ebf99e0.pth"),
        licence=_TORCHVISION,
    ),
    Card(
        name="mobilenet_v3_small",
        family="MobileNet",
        title="MobileNet v3 small",
        paper="Howard et al. 2019",
        stages=(
            stage("stem", "features.0", 464, 0.00542),
            stage("stage1", "features.1", 744, 0.00125),
            stage("stage2", "features.2-3", 9_280, 0.00941),
            stage("stage3", "features.4-6", 128_264, 0.013),
            stage("stage4", "features.7-8", 51_768, 0.00609),
            stage("stage5", "features.9-12", 736_488, 0.0197),
            stage("fc", "avgpool flatten() classifier.0-1", 590_848, 0.00059),
        ),
        features=1024,
        pool="none",
        saliency_stage="stage5",
        classifier=("classifier.2", "classifier.3"),
        parameters=2_542_856,
        gmacs=0.057,
        imagenet_accuracy=67.668,
        weight_files=("mobilenet_v3_small-047dcff4.pth",),
        licence=_TORCHVISION,
    ),
    Card(
        name="mobilenet_v3_large",
        family="MobileNet",
        title="MobileNet v3 large",
        paper="Howard et al. 2019",
        stages=(
            stage("stem", "features.0", 464, 0.00542),
            stage("stage1", "features.1", 464, 0.00502),
            stage("stage2", "features.2-3", 7_880, 0.0323),
            stage("stage3", "features.4-6", 52_312, 0.0289),
            stage("stage4", "features.7-10", 130_824, 0.0305),
            stage("stage5", "features.11-12", 600_544, 0.0499),
            stage("stage6", "features.13-16", 2_179_464, 0.062),
            stage("fc", "avgpool flatten() classifier.0-1", 1_230_080, 0.00123),
        ),
        features=1280,
        pool="none",
        saliency_stage="stage6",
        classifier=("classifier.2", "classifier.3"),
        parameters=5_483_032,
        gmacs=0.217,
        imagenet_accuracy=74.042,
        weight_files=("mobilenet_v3_large-8738ca79.pth", "mobilenet_v3_large-5c1a4163.pth"),
        licence=_TORCHVISION,
    ),
    Card(
        name="efficientnet_b0",
        family="EfficientNet",
        title="EfficientNet-B0",
        paper="Tan and Le 2019",
        stages=(
            stage("stem", "features.0", 928, 0.0108),
            stage("stage1", "features.1", 1_448, 0.01),
            stage("stage2", "features.2", 16_714, 0.0549),
            stage("stage3", "features.3", 46_640, 0.0379),
            stage("stage4", "features.4", 242_930, 0.0436),
            stage("stage5", "features.5", 543_148, 0.0861),
            stage("stage6", "features.6", 2_026_348, 0.0915),
            stage("stage7", "features.7-8", 1_129_392, 0.0496),
        ),
        features=1280,
        pool="avg",
        saliency_stage="stage7",
        classifier=("avgpool", "flatten()", "classifier"),
        parameters=5_288_548,
        gmacs=0.386,
        imagenet_accuracy=77.692,
        weight_files=("efficientnet_b0_rwightman-7f5810bc.pth",),
        licence=_TIMM,
        interpolation="bicubic",
    ),
    Card(
        name="squeezenet1_1",
        family="SqueezeNet",
        title="SqueezeNet 1.1",
        paper="Iandola et al. 2016",
        stages=(
            stage("stem", "features.0-2", 1_792, 0.0213),
            stage("fire2", "features.3-5", 23_840, 0.0712),
            stage("fire4", "features.6-8", 94_784, 0.0687),
            stage("fire6", "features.9-10", 215_904, 0.0363),
            stage("fire8", "features.11-12", 386_176, 0.0651),
        ),
        features=512,
        pool="avg",
        saliency_stage="fire8",
        classifier=("classifier", "flatten()"),
        parameters=1_235_496,
        gmacs=0.349,
        imagenet_accuracy=58.178,
        weight_files=("squeezenet1_1-b8a52dc0.pth",),
        licence=_TORCHVISION,
        minimum_size=17,
    ),
    Card(
        name="vgg16",
        family="VGG",
        title="VGG-16",
        paper="Simonyan and Zisserman 2015",
        stages=(
            stage("conv1", "features.0-4", 38_720, 1.94),
            stage("conv2", "features.5-9", 221_440, 2.77),
            stage("conv3", "features.10-16", 1_475_328, 4.62),
            stage("conv4", "features.17-23", 5_899_776, 4.62),
            stage("conv5", "features.24-30", 7_079_424, 1.39),
            stage("fc", "avgpool flatten() classifier.0-5", 119_545_856, 0.12),
        ),
        features=4096,
        pool="none",
        saliency_stage="conv5",
        classifier=("classifier.6",),
        parameters=138_357_544,
        gmacs=15.47,
        imagenet_accuracy=71.592,
        weight_files=("vgg16-397923af.pth",),
        licence=_TORCHVISION,
    ),
    Card(
        name="inception_v3",
        family="Inception",
        title="Inception v3",
        paper="Szegedy et al. 2016",
        stages=(
            stage(
                "stem",
                "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3 maxpool1 Conv2d_3b_1x1 Conv2d_4a_3x3 maxpool2",
                172_672,
                1.34,
            ),
            stage("mixed5", "Mixed_5b Mixed_5c Mixed_5d", 818_528, 0.999),
            stage("mixed6", "Mixed_6a Mixed_6b Mixed_6c Mixed_6d Mixed_6e", 7_974_656, 2.37),
            stage("mixed7", "Mixed_7a Mixed_7b Mixed_7c", 12_819_712, 1.0),
        ),
        features=2048,
        pool="avg",
        saliency_stage="mixed7",
        classifier=("avgpool", "dropout", "flatten()", "fc"),
        parameters=27_161_264,
        gmacs=5.713,
        imagenet_accuracy=77.294,
        weight_files=("inception_v3_google-0cc3c7bd.pth",),
        licence=_GOOGLE,
        unused=("AuxLogits",),
        options=(("aux_logits", False), ("init_weights", True)),
        input_size=299,
        minimum_size=75,
        # Google's own preprocessing (-1..1). torchvision normalises as for ImageNet and converts back inside
        # the network (transform_input), which comes to the same.
        mean=_HALF,
        std=_HALF,
    ),
)

CARDS: Mapping[str, Card] = MappingProxyType({entry.name: entry for entry in _CARDS})
"""Every backbone by name, in the order in which lists show them."""


def card(name: str) -> Card:
    """The card of the backbone ``name``.

    Raises:
        ProblemError: no such backbone; names the nearest ones.
    """
    found = CARDS.get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name, CARDS, n=3, cutoff=0.4) or sorted(CARDS)
    raise ProblemError(Problem(name, "no network of this name is known", f"The nearest: {', '.join(near)}"))
