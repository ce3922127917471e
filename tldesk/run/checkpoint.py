"""Checkpoints, replaced atomically so that a complete one always exists.

The best weights have their own file.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor

from tldesk.base import Problem, ProblemError, atomic_path
from tldesk.model.tensor_file import read_tensors, write_tensors

_log = logging.getLogger(__name__)


def write_last(path: Path, state: Mapping[str, Any]) -> None:
    """Replace the checkpoint; ``state`` contains only tensors, numbers and strings.

    Raises:
        ProblemError: the file cannot be written; the old one is unchanged.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        try:
            torch.save(dict(state), file)
        except RuntimeError as error:
            # An open file rather than a path: torch then leaves closing to us, and errors such as a full disk
            # reach us unchanged instead of as torch's own message about a position in an archive.
            raise OSError(_cause(error)) from error


def read_last(path: Path) -> dict[str, Any] | None:
    """Return the checkpoint on the CPU; None if there is none yet.

    Raises:
        ProblemError: the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, KeyError, ValueError, pickle.UnpicklingError) as error:
        raise _damaged(path) from error
    return state


def write_best(path: Path, epoch: int, weights: Mapping[str, Tensor]) -> None:
    """Replace the best weights.

    Raises:
        ProblemError: the file cannot be written; the old one is unchanged.
    """
    with atomic_path(path) as temporary:
        write_tensors(temporary, weights, {"epoch": str(epoch)})


def read_best(path: Path) -> dict[str, Tensor] | None:
    """Return the best weights on the CPU; None if there are none yet.

    Raises:
        ProblemError: the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        return read_tensors(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise _damaged(path) from error


def _cause(error: BaseException) -> str:
    first = error.__cause__ or error.__context__
    return str(getattr(first, "strerror", None) or first or error)


def _damaged(path: Path) -> ProblemError:
    return ProblemError(
        Problem(str(path), "the checkpoint is damaged", "Start a new run with the same recipe")
    )
