"""The hand-written part of a card; the other values are measured (see ``measured``)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tldesk.model.card_types import IMAGENET_MEAN, IMAGENET_STD, Card, Interpolation, Triple, stage

HALF = (0.5, 0.5, 0.5)
_TRAINED = "trained on ImageNet-1k, whose own terms may apply"
TORCHVISION = f"BSD-3-Clause (torchvision); {_TRAINED}"
TIMM = f"Apache-2.0 (timm, through torchvision); {_TRAINED}"
GOOGLE = f"Apache-2.0 (Google, through torchvision); {_TRAINED}"
LUKE_MELAS = f"Apache-2.0 (L. Melas-Kyriazi, through torchvision); {_TRAINED}"
SWAG = "CC-BY-NC-4.0, not for commercial use (Meta, through torchvision); trained on Instagram pictures"

MAP_THEN_FC = ("avgpool", "flatten()", "fc")
MAP_THEN_CLASSIFIER = ("avgpool", "flatten()", "classifier")


@dataclass(frozen=True, slots=True)
class Outline:
    """A backbone without its measured values; the attributes are those of ``Card`` except:

    Attributes:
        stages: name and modules of each stage, as for ``card_types.stage``.
        minimum_size: None for the measured value, but at least 32.
        tag: timm's name of the weights to fetch; "" for torchvision's networks.
    """

    name: str
    family: str
    title: str
    paper: str
    stages: tuple[tuple[str, str], ...]
    saliency_stage: str
    classifier: tuple[str, ...]
    pool: Literal["avg", "none"] = "avg"
    licence: str = TORCHVISION
    unused: tuple[str, ...] = ()
    options: tuple[tuple[str, bool], ...] = ()
    minimum_size: int | None = None
    fixed_size: bool = False
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The facts that timm publishes about a set of weights; the attributes are those of ``Card``."""

    mean: Triple
    std: Triple
    licence: str
    fixed_size: bool
    address: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The measured values of a backbone; the attributes are those of ``Card`` except:

    Attributes:
        stages: parameters and billions of multiply-accumulates of each stage.
        published: for timm's networks, the facts that timm publishes; torchvision's are in the outline.
    """

    features: int
    parameters: int
    gmacs: float
    imagenet_accuracy: float | None
    input_size: int
    minimum_size: int
    crop_ratio: float
    interpolation: Interpolation
    weight_files: tuple[str, ...]
    stages: tuple[tuple[int, float], ...]
    published: Published | None = None


def filled(outline: Outline, numbers: Measured) -> Card:
    """Return the card made from both parts."""
    card = Card(
        name=outline.name,
        family=outline.family,
        title=outline.title,
        paper=outline.paper,
        stages=tuple(
            stage(*words, *counts) for words, counts in zip(outline.stages, numbers.stages, strict=True)
        ),
        features=numbers.features,
        pool=outline.pool,
        saliency_stage=outline.saliency_stage,
        classifier=outline.classifier,
        parameters=numbers.parameters,
        gmacs=numbers.gmacs,
        imagenet_accuracy=numbers.imagenet_accuracy,
        weight_files=numbers.weight_files,
        licence=outline.licence,
        unused=outline.unused,
        options=outline.options,
        input_size=numbers.input_size,
        minimum_size=outline.minimum_size or numbers.minimum_size,
        fixed_size=outline.fixed_size,
        mean=outline.mean,
        std=outline.std,
        interpolation=numbers.interpolation,
        crop_ratio=numbers.crop_ratio,
        tag=outline.tag,
    )
    told = numbers.published
    if told is None:
        return card
    return replace(
        card,
        mean=told.mean,
        std=told.std,
        licence=f"{told.licence} (timm); {_TRAINED}",
        address=told.address,
        fixed_size=told.fixed_size,
    )
