"""Reads weight files in the usual formats into float32 tensors under the names of the published networks.

Code in a file is never executed: the formats are safetensors, and torch's own with ``weights_only=True``.
Wrappers around the tensors (a checkpoint's ``state_dict``, the prefix ``module.`` of data-parallel training)
are removed. timm's names are kept for timm networks that have a card, and otherwise translated to
torchvision's.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from tldesk.base import Problem, ProblemError, plural
from tldesk.base.regular_files import must_be_file
from tldesk.model.old_names import modern_names
from tldesk.model.recognise import timms_card
from tldesk.model.tensor_file import named_backbone, read_tensors
from tldesk.model.tensor_names import shapes_of
from tldesk.model.timm_models import is_installed, missing
from tldesk.model.timm_names import with_torchvisions_names

log = logging.getLogger(__name__)

_WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "state_dict_ema",
    "model_ema",
    "ema",
    "model",
    "net",
    "network",
    "weights",
)
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.")
_OF_EIGHT_BITS = frozenset({torch.int8, torch.uint8})
_NEWER_FILE = "Get the file again, or another one, and import that"


@dataclass(frozen=True)
class WeightsContent:
    """The tensors of a weight file, ready to be recognised.

    Attributes:
        tensors: finite float32 tensors (counters and indices: integers), under the names of the card's
            network if known, otherwise under the file's names without wrappers.
        notes: the changes made to them, in words.
        named: the backbone given in the metadata of a file written by tldesk; "" for other files.
    """

    tensors: Mapping[str, Tensor]
    notes: tuple[str, ...] = ()
    named: str = ""


def read_weights(path: Path) -> WeightsContent:
    """Read a .pth, .pt or .safetensors file.

    Raises:
        ProblemError: the file does not exist, is not a weight file, is damaged or quantised, contains code,
            or belongs to a timm network while timm is not installed.
    """
    found = _unwrapped(_content(path), path)
    named = named_backbone(path) if _is_safetensors(_start(path)) else ""
    return replace(_under_known_names(found, path), named=named)


def _under_known_names(found: dict[str, Tensor], path: Path) -> WeightsContent:
    if not found:
        raise ProblemError(Problem(str(path), "there are no weights in this file", _NEWER_FILE))
    names, taken = _without_prefixes(found)
    of_timm = timms_card(shapes_of(names))
    if of_timm is not None:
        if not is_installed():
            raise ProblemError(missing(str(path), of_timm.title))
        return _as_float32(names, path, taken)
    renamed = with_torchvisions_names(modern_names(names))
    notes = taken if renamed.note is None else [*taken, renamed.note]
    return _as_float32(renamed.tensors, path, notes)


def _content(path: Path) -> object:
    must_be_file(path)
    if path.stat().st_size == 0:
        raise ProblemError(Problem(str(path), "the file is empty", _NEWER_FILE))
    start, size = _start(path), path.stat().st_size
    if _is_web_page(start):
        what = "this is a web page, not a weight file; the download needed a login or did not work"
        raise ProblemError(Problem(str(path), what, _NEWER_FILE))
    if _is_cut_off(path, start, size):
        raise ProblemError(Problem(str(path), "the file is cut off: its end is missing", _NEWER_FILE))
    return _safetensors_content(path) if _is_safetensors(start) else _torch_content(path)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _is_web_page(start: bytes) -> bool:
    return start.lstrip().lower().startswith((b"<!doctype", b"<html"))


def _is_safetensors(start: bytes) -> bool:
    """Recognise safetensors by content: eight bytes with the length of a JSON header, then the header."""
    return start[8:9] == b"{"


def _is_cut_off(path: Path, start: bytes, size: int) -> bool:
    """Detect a zip archive without its directory (at its end), or a file shorter than its header says."""
    if start.startswith(b"PK\x03\x04"):
        return not zipfile.is_zipfile(path)
    return _is_safetensors(start) and size < _promised_size(path, start, size)


def _promised_size(path: Path, start: bytes, size: int) -> int:
    length = int.from_bytes(start[:8], "little")
    if 8 + length > size:
        return 8 + length
    try:
        with path.open("rb") as file:
            file.seek(8)
            header = json.loads(file.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
        return 8 + length + max(ends, default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return 0  # damaged in another way; reading the file reports it


def _safetensors_content(path: Path) -> object:
    try:
        return read_tensors(path)
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise _damaged(path, error) from error


def _torch_content(path: Path) -> object:
    try:
        with path.open("rb") as file:  # torch chooses the format of a path by its suffix
            return torch.load(file, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # damaged pickles and archives raise all kinds of exceptions
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> ProblemError:
    text = str(error)
    if "TorchScript" in text:
        what = "this is a TorchScript program, not a file of weights"
    elif "Unsupported global" in text:
        what = "the file holds program code beside the weights, which is never run here"
    else:
        return _damaged(path, error)
    fix = "Ask its maker for the weights alone (in PyTorch: torch.save(model.state_dict(), file))"
    return ProblemError(Problem(str(path), what, fix))


def _damaged(path: Path, error: Exception) -> ProblemError:
    # The library's message ("invalid load key", "(105)") only helps developers, so it goes to the log.
    log.info("%s cannot be read", path, exc_info=error)
    return ProblemError(Problem(str(path), "the file is damaged or is not a weight file", _NEWER_FILE))


def _unwrapped(content: object, path: Path, depth: int = 4) -> dict[str, Tensor]:
    """Return the innermost mapping from names to tensors."""
    if not isinstance(content, Mapping):
        kind = "one tensor" if isinstance(content, Tensor) else f"a {type(content).__name__}"
        raise ProblemError(Problem(str(path), f"the file holds {kind} instead of named weights", _NEWER_FILE))
    if depth:
        for name in _WRAPPERS:
            if isinstance(content.get(name), Mapping):
                return _unwrapped(content[name], path, depth - 1)
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def _without_prefixes(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Remove each prefix that more than half of the names have; tensors without it are dropped."""
    taken: list[str] = []
    while prefix := _common_prefix(tensors):
        tensors = {
            name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)
        }
        taken.append(prefix)
    return tensors, [f'The names began with "{"".join(taken)}", which was taken off'] if taken else []


def _common_prefix(tensors: Mapping[str, Tensor]) -> str | None:
    for prefix in _PREFIXES:
        if sum(name.startswith(prefix) for name in tensors) * 2 > len(tensors):
            return prefix
    return None


def _as_float32(tensors: Mapping[str, Tensor], path: Path, notes: list[str]) -> WeightsContent:
    """Convert floating-point tensors to float32; refuse quantised weights."""
    quantised = any(_is_quantised(tensor) for tensor in tensors.values())
    if quantised or any("_packed_params" in name for name in tensors):
        what = "these weights are quantised (whole numbers of 8 bits); they cannot be trained further"
        raise ProblemError(Problem(str(path), what, "Import the original weights in floating point"))
    other = sorted({_type_name(tensor) for tensor in tensors.values() if _to_convert(tensor)})
    if other:
        notes = [*notes, f"Converted from {' and '.join(other)} to float32"]
    converted = {name: tensor.float() if _to_convert(tensor) else tensor for name, tensor in tensors.items()}
    _refuse_broken_numbers(converted, path)
    return WeightsContent({name: _alone(tensor) for name, tensor in converted.items()}, tuple(notes))


def _alone(tensor: Tensor) -> Tensor:
    """Return a contiguous tensor with its own storage, as safetensors requires; views are copied."""
    tensor = tensor.contiguous()
    return tensor if tensor.untyped_storage().nbytes() == tensor.nbytes else tensor.clone()


def _is_quantised(tensor: Tensor) -> bool:
    """Return whether a tensor is quantised: counters and Swin's indices are integers, but not of 8 bits."""
    return tensor.is_quantized or tensor.dtype in _OF_EIGHT_BITS


def _to_convert(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and tensor.dtype != torch.float32


def _type_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _refuse_broken_numbers(tensors: Mapping[str, Tensor], path: Path) -> None:
    broken = [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
    if broken:
        what = f"{plural(len(broken), 'tensor')} hold numbers that are not finite ({broken[0]} is the first)"
        raise ProblemError(Problem(str(path), what, _NEWER_FILE))
