"""Checkpoints, replaced atomically so that a complete one always exists. The best weights have a file of
their own.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tldesk.base import Problem, ProblemError, atomic_path
from tldesk.model.tensor_file import write_tensors

_log = logging.getLogger(__name__)


def write_last(path: Path, state: Mapping[str, Any]) -> None:
    """Replace the checkpoint: tensors, numbers and texts only.

    Raises:
        ProblemError: it cannot be written; the old one is untouched.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        try:
            torch.save(dict(state), file)
        except RuntimeError as error:
            # Given a file rather than a name, torch leaves it to us to close it and to say what went wrong:
            # its own error, of a position in an archive, comes after that of the full disk.
            raise OSError(_cause(error)) from error


def read_last(path: Path) -> dict[str, Any] | None:
    """The checkpoint, on the CPU; None where there is none yet.

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
        ProblemError: they cannot be written; the old ones are untouched.
    """
    with atomic_path(path) as temporary:
        write_tensors(temporary, weights, {"epoch": str(epoch)})


def read_best(path: Path) -> dict[str, Tensor] | None:
    """The best weights on the CPU; None where there are none yet.

    Raises:
        ProblemError: the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        return load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise _damaged(path) from error


def _cause(error: BaseException) -> str:
    first = error.__cause__ or error.__context__
    return str(getattr(first, "strerror", None) or first or error)


def _damaged(path: Path) -> ProblemError:
    return ProblemError(
        Problem(str(path), "the checkpoint is damaged", "Start a new run with the same recipe")
    )
