"""Writes and reads safetensors files, with the backbone's name in their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor

from tldesk.base.file_names import is_text

BACKBONE = "tldesk.backbone"
"""Metadata key for the backbone's name: needed because two backbones may have tensors of the same shapes."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str] | None = None) -> None:
    """Write tensors, each contiguous and with its own storage, and metadata ``about`` them.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    try:
        safetensors.torch.save_file(dict(tensors), path, None if about is None else dict(about))
    except safetensors.SafetensorError as error:
        # safetensors reports a full disk as an exception of its own.
        raise OSError(str(error)) from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, on the CPU.

    Raises:
        OSError, safetensors.SafetensorError, ValueError: the file cannot be read.
    """
    if is_text(str(path)):
        return safetensors.torch.load_file(path)
    return safetensors.torch.load(path.read_bytes())  # maps files only under names in UTF-8


def named_backbone(path: Path) -> str:
    """Return the backbone's name in a safetensors file's metadata; "" if it has none.

    Raises:
        OSError, safetensors.SafetensorError: the file cannot be read.
    """
    with safetensors.safe_open(path, framework="np") as file:
        about: Mapping[str, str] = file.metadata() or {}
    return about.get(BACKBONE, "")
