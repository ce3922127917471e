"""The weights as they ship: half precision where that loses nothing, the starter's mark, their record."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from pretraining.network import Learner

NAME = "starter_resnet18"
LARGEST = 25_000_000
"""Bytes that the file may have."""


def pack(learner: Learner, folder: Path) -> Path:
    """Write the backbone's weights and their record; the weights' path.

    Convolutions are kept in half precision; the statistics of batch normalisation, which half precision would
    round to nothing where they are small, in single.

    Raises:
        ValueError: a number is not finite, or the file is too large to ship.
    """
    kept = {
        name: _narrowed(tensor)
        for name, tensor in learner.backbone.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    broken = [name for name, tensor in kept.items() if not tensor.isfinite().all()]
    if broken:
        raise ValueError(f"{broken[0]} holds numbers that are not finite; train again at a lower rate")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}.safetensors"
    save_file(kept, target, metadata={"tldesk.backbone": NAME})
    target.chmod(0o644)  # the library that writes it lets only its owner read it
    size = target.stat().st_size
    if size > LARGEST:
        raise ValueError(f"{target} has {size} bytes, {LARGEST} at most may ship")
    _record(target)
    return target


def _narrowed(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float16 if tensor.dim() == 4 else torch.float32).contiguous()


def _record(target: Path) -> None:
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    record = {
        "backbone": NAME,
        "sha256": digest,
        "stored_sha256": digest,
        "source": target.name,
        "imported": "",
        "notes": [],
        "format": 1,
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    target.with_suffix(".json").write_text(text, encoding="utf-8")
