"""Writes tldesk/model/cards/measured.py: the numbers of every backbone whose entry stands in the cards.

Run it after an entry was added or changed, or with another torchvision:
``python packaging/measure_backbones.py``.
Nothing is downloaded: what is published of the weights stands in torchvision itself, and stages are counted
on networks without numbers.

Where torchvision publishes two sets, the first (V1) is the one to fetch: networks trained with label
smoothing, mixup and long schedules (V2) score higher on ImageNet, but their frozen features serve other
pictures worse (Kornblith et al. 2021, "Why do better loss functions lead to less transferable features?").
Of the SWAG sets only those are taken whose network saw nothing but their own pictures (LINEAR), and
only where there is no other: they are not for commercial use.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from tldesk.model import Card
from tldesk.model.build import stages_of
from tldesk.model.cards import OUTLINES
from tldesk.model.cards.outline import Measured, Outline, Published, filled
from tldesk.model.tensor_names import empty_network
from tldesk.model.torchvision_models import models

_TARGET = Path(__file__).resolve().parent.parent / "tldesk" / "model" / "cards" / "measured.py"
_HEAD = '''"""The numbers of every backbone, written by ``packaging/measure_backbones.py``; edit that."""

from __future__ import annotations

from collections.abc import Mapping

from tldesk.model.cards.outline import Measured

# Features, parameters, billions of multiply-accumulates, accuracy; input size, least size, crop,
# interpolation; weight files; parameters and billions of multiply-accumulates of each stage.
# fmt: off
MEASURED: Mapping[str, Measured] = {
'''
_CROP = 0.875
_LEAST = 32


def main() -> None:
    """Measure all and write the file."""
    entries = [entry(outline.name, measured(outline)) for outline in OUTLINES]
    _TARGET.write_text(_HEAD + "".join(entries) + "}\n", encoding="utf-8")


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


def entry(name: str, numbers: Measured) -> str:
    """A paragraph of Python; lines of at most 110 characters."""
    known = (numbers.features, numbers.parameters, numbers.gmacs, numbers.imagenet_accuracy)
    seen = (numbers.input_size, numbers.minimum_size, numbers.crop_ratio, numbers.interpolation)
    lines = textwrap.wrap(_literal(numbers.stages), 100, break_on_hyphens=False)
    stages = "\n".join(f"        {line}" for line in lines)
    told = numbers.published
    rest = "" if told is None else _published_entry(told)
    return (
        f'    "{name}": Measured(\n        {_literal(known)[1:-1]}, {_literal(seen)[1:-1]},\n'
        f"        {_literal(numbers.weight_files)},\n{stages},\n{rest}    ),\n"
    )


def _published_entry(told: Published) -> str:
    """The address, which may be longer than a line, stands alone."""
    said = _literal((told.mean, told.std, told.licence, told.fixed_size))[1:-1]
    return f'        Published(\n            {said},\n            "{told.address}",\n        ),\n'


def _literal(value: object) -> str:
    """As Python writes it, with double quotes and large numbers in groups."""
    if isinstance(value, tuple):
        inner = ", ".join(_literal(one) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:_}" if isinstance(value, int) and value >= 10_000 else repr(value)


if __name__ == "__main__":
    main()
