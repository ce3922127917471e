"""Plain stacks of layers without shortcuts: AlexNet, VGG, SqueezeNet."""

from __future__ import annotations

from tldesk.model.cards.outline import Outline

_FC = ("fc", "avgpool flatten() classifier.0-5")


def _vgg(depth: int, counts: tuple[int, ...], *, norm: bool) -> Outline:
    """Return a VGG with the given number of convolutions in each of its five parts; each ends with a pool."""
    name, title = (f"vgg{depth}_bn", f"VGG-{depth} BN") if norm else (f"vgg{depth}", f"VGG-{depth}")
    stages = (*_parts(counts, 3 if norm else 2), _FC)
    return Outline(
        name, "VGG", title, "Simonyan and Zisserman 2015", stages, "conv5", ("classifier.6",), "none"
    )


def _parts(counts: tuple[int, ...], each: int) -> list[tuple[str, str]]:
    """Return the stages; a convolution counts as ``each`` modules: itself, its norm if any, and ReLU."""
    found, first = [], 0
    for number, count in enumerate(counts, 1):
        pool = first + count * each
        found.append((f"conv{number}", f"features.{first}-{pool}"))
        first = pool + 1
    return found


def _vggs(depth: int, counts: tuple[int, ...]) -> tuple[Outline, Outline]:
    return _vgg(depth, counts, norm=False), _vgg(depth, counts, norm=True)


ALEXNETS = (
    Outline(
        "alexnet",
        "AlexNet",
        "AlexNet",
        "Krizhevsky 2014",
        (
            ("conv1", "features.0-2"),
            ("conv2", "features.3-5"),
            ("conv3", "features.6-7"),
            ("conv4", "features.8-9"),
            ("conv5", "features.10-12"),
            _FC,
        ),
        "conv5",
        ("classifier.6",),
        "none",
    ),
)
VGGS = (
    *_vggs(11, (1, 1, 2, 2, 2)),
    *_vggs(13, (2, 2, 2, 2, 2)),
    *_vggs(16, (2, 2, 3, 3, 3)),
    *_vggs(19, (2, 2, 4, 4, 4)),
)
SQUEEZENETS = (
    Outline(
        "squeezenet1_0",
        "SqueezeNet",
        "SqueezeNet 1.0",
        "Iandola et al. 2016",
        (
            ("stem", "features.0-2"),
            ("fire2", "features.3-6"),
            ("fire5", "features.7-8"),
            ("fire7", "features.9-11"),
            ("fire9", "features.12"),
        ),
        "fire9",
        ("classifier", "flatten()"),
    ),
    Outline(
        "squeezenet1_1",
        "SqueezeNet",
        "SqueezeNet 1.1",
        "Iandola et al. 2016",
        (
            ("stem", "features.0-2"),
            ("fire2", "features.3-5"),
            ("fire4", "features.6-8"),
            ("fire6", "features.9-10"),
            ("fire8", "features.11-12"),
        ),
        "fire8",
        ("classifier", "flatten()"),
        minimum_size=17,
    ),
)
