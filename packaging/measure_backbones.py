"""Writes resources/cards/torchvision.json: the measured numbers of every torchvision backbone with a card.

Run ``python packaging/measure_backbones.py`` after adding or changing an entry, or with another version of
torchvision. Nothing is downloaded: torchvision itself knows what was published about the weights, and stages
are counted on networks without weights (on the meta device).

Where torchvision publishes two sets, the first (V1) is the one to fetch: networks trained with label
smoothing, mixup and long schedules (V2) score higher on ImageNet, but their frozen features serve other
pictures worse (Kornblith et al. 2021, "Why do better loss functions lead to less transferable features?").
Of the SWAG sets, only those whose frozen trunk saw no ImageNet pictures (LINEAR) are taken, and only where
there is no other set: their licence forbids commercial use.
"""

from __future__ import annotations

from typing import Any

import torch
from measured_json import write_measured
from torch.utils.flop_counter import FlopCounterMode

from tldesk.model import Card
from tldesk.model.build import stages_of
from tldesk.model.cards import OUTLINES
from tldesk.model.cards.measured import measured_file
from tldesk.model.cards.outline import Measured, Outline, filled
from tldesk.model.tensor_names import empty_network
from tldesk.model.torchvision_models import models

_CROP = 0.875
_LEAST = 32


def main() -> None:
    """Measure all and write the file."""
    write_measured(measured_file("torchvision"), {outline.name: measured(outline) for outline in OUTLINES})


def measured(outline: Outline) -> Measured:
    """The numbers of one backbone."""
    sets = _published(outline.name)
    first, presets = sets[0].meta, sets[0].transforms()
    side = presets.crop_size[0]
    blank = ((0, 0.0),) * len(outline.stages)
    card = filled(outline, Measured(0, 0, 0.0, None, side, side, 1.0, "bilinear", (), blank))
    stages, features = counted(card)
    return Measured(
        features=features,
        parameters=first["num_params"],
        gmacs=first["_ops"],
        imagenet_accuracy=first["_metrics"]["ImageNet-1K"]["acc@1"],
        input_size=side,
        minimum_size=max(_LEAST, *first["min_size"]),
        crop_ratio=_crop(side / presets.resize_size[0]),
        interpolation=presets.interpolation.value,
        weight_files=tuple(one.url.rpartition("/")[2] for one in sets),
        stages=stages,
    )


def _published(name: str) -> list[Any]:
    """The sets of weights, the one to fetch first."""
    sets = list(models.get_model_weights(name))
    own = [one for one in sets if one.name.startswith("IMAGENET1K_V")]
    return own or [one for one in sets if "LINEAR" in one.name]


def _crop(ratio: float) -> float:
    """Rounded sides are no other crop."""
    return _CROP if abs(ratio - _CROP) < 2e-3 else round(ratio, 4)


def counted(card: Card) -> tuple[tuple[tuple[int, float], ...], int]:
    """Parameters and work of each stage, and how many features come out."""
    counts = []
    features = torch.zeros(1, 3, card.input_size, card.input_size, device="meta")
    for stage in stages_of(card, empty_network(card)).values():
        with FlopCounterMode(display=False) as counter:
            features = stage(features)
        gmacs = float(f"{counter.get_total_flops() / 2e9:.3g}")
        counts.append((sum(one.numel() for one in stage.parameters()), gmacs))
    return tuple(counts), features.shape[1]


if __name__ == "__main__":
    main()
