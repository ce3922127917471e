"""Writes safetensors files, and reads the backbone's name from the metadata of our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor

BACKBONE = "tldesk.backbone"
"""Under this name a weight file of ours says whose it is: two backbones may have the same tensors."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str] | None = None) -> None:
    """Write tensors, each contiguous and in memory of its own, and some texts about them.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    try:
        safetensors.torch.save_file(dict(tensors), path, None if about is None else dict(about))
    except safetensors.SafetensorError as error:
        # The library reports a full disk as an error of its own.
        raise OSError(str(error)) from error


def named_backbone(path: Path) -> str:
    """The backbone that a safetensors file says it holds; "" in files of others.

    Raises:
        OSError, safetensors.SafetensorError: it cannot be read.
    """
    with safetensors.safe_open(path, framework="pt") as file:
        about: Mapping[str, str] = file.metadata() or {}
    return about.get(BACKBONE, "")
