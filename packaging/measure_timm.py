"""Writes resources/cards/timm.json: the measured numbers of the timm networks that have a card.

Run ``python packaging/measure_timm.py`` after adding or changing an entry, or with another version of timm;
it needs the extra ``tldesk[timm]``. Nothing is downloaded: timm itself knows what was published about the
weights, and stages are counted on networks without weights (on the meta device). timm's package does not
contain ImageNet accuracies, so these cards have none.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import torch
from measure_backbones import counted
from measured_json import write_measured
from torch.utils.flop_counter import FlopCounterMode

from tldesk.model import Card
from tldesk.model.build import stages_of
from tldesk.model.cards.measured import measured_file
from tldesk.model.cards.outline import Measured, Outline, Published, filled
from tldesk.model.cards.timm_networks import TIMM_NETWORKS
from tldesk.model.import_record import hash_prefix
from tldesk.model.tensor_names import empty_network
from tldesk.model.timm_models import timm

_FREE = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause"}
_HUB = "https://huggingface.co/{}/resolve/main/model.safetensors"
_RENAMED = {"swin_s3_tiny_224"}
"""The file with a hash is older than timm's names for the tensors; that of the hub has today's."""
_LEAST = (32, 64, 96, 128)
_ODD = (1, 37, 70)


def main() -> None:
    """Measure all and write the file."""
    numbers = {}
    for outline in TIMM_NETWORKS:
        print(outline.name, file=sys.stderr)
        numbers[outline.name] = measured(outline)
    write_measured(measured_file("timm"), numbers)


def measured(outline: Outline) -> Measured:
    """The numbers of one network."""
    told = timm().models.get_pretrained_cfg(f"{outline.name}.{outline.tag}")
    side = told.input_size[1]
    blank = ((0, 0.0),) * len(outline.stages)
    bare = Measured(0, 0, 0.0, None, side, side, 1.0, "bilinear", (), blank)
    card = filled(outline, bare)
    whole = empty_network(card)
    with FlopCounterMode(display=False) as counter:
        whole(_picture(side))
    stages, features = counted(card)
    least = None if told.fixed_input_size else _least(card)
    file, address = _weights(outline, told.url, told.hf_hub_id)
    return replace(
        bare,
        features=features,
        parameters=sum(one.numel() for one in whole.parameters()),
        gmacs=round(counter.get_total_flops() / 2e9, 3),
        minimum_size=least or side,
        crop_ratio=round(told.crop_pct, 4),
        interpolation=told.interpolation,
        weight_files=(file,),
        stages=stages,
        published=Published(told.mean, told.std, _FREE[told.license], least is None, address),
    )


def _weights(outline: Outline, url: str | None, hub: str) -> tuple[str, str]:
    """The file with a hash in its name where there is one, else that of the hub, called as the weights."""
    file = (url or "").rpartition("/")[2]
    if url and hash_prefix(file) and outline.name not in _RENAMED:
        return file, url
    return f"{outline.name}-{outline.tag}.safetensors", _HUB.format(hub)


def _least(card: Card) -> int | None:
    """The least side from which on the stages take every picture; None if they take their own size only."""
    stages = list(stages_of(card, empty_network(card)).values())
    for side in _LEAST:
        if all(_takes(stages, side + more) for more in (0, *_ODD)):
            return side
    return None


def _takes(stages: list[torch.nn.Module], side: int) -> bool:
    features = _picture(side)
    try:
        for stage in stages:
            features = stage(features)
    except (RuntimeError, AssertionError, ValueError):
        return False
    return True


def _picture(side: int) -> torch.Tensor:
    return torch.zeros(1, 3, side, side, device="meta")


if __name__ == "__main__":
    main()
