"""Reads the measured values of the backbones from ``resources/cards``: one JSON object per network name.

``packaging/measure_backbones.py`` writes ``torchvision.json`` and ``packaging/measure_timm.py``
``timm.json``; the keys are the attributes of ``Measured`` and ``Published``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from tldesk.base import Problem, ProblemError, resource
from tldesk.model.card_types import Interpolation, Triple
from tldesk.model.cards.outline import Measured, Published


def measured_file(library: Literal["torchvision", "timm"]) -> Path:
    """Return the path of the file with the measured values of one library's networks."""
    return resource("cards", f"{library}.json")


def read_measured(file: Path) -> Mapping[str, Measured]:
    """Return the measured values of all networks in a file, by network name.

    Raises:
        ProblemError: the file is missing or damaged.
    """
    try:
        networks = json.loads(file.read_text(encoding="utf-8"))
        return {name: _measured(values) for name, values in networks.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"the numbers of the backbones cannot be read ({type(error).__name__}: {error})"
        raise ProblemError(Problem(str(file), what, "Install tldesk again")) from error


def _measured(values: Mapping[str, Any]) -> Measured:
    accuracy, published = values["imagenet_accuracy"], values.get("published")
    return Measured(
        features=_whole(values["features"]),
        parameters=_whole(values["parameters"]),
        gmacs=float(values["gmacs"]),
        imagenet_accuracy=None if accuracy is None else float(accuracy),
        input_size=_whole(values["input_size"]),
        minimum_size=_whole(values["minimum_size"]),
        crop_ratio=float(values["crop_ratio"]),
        interpolation=_interpolation(values["interpolation"]),
        weight_files=tuple(map(_text, values["weight_files"])),
        stages=tuple((_whole(parameters), float(gmacs)) for parameters, gmacs in values["stages"]),
        published=None if published is None else _published(published),
    )


def _published(values: Mapping[str, Any]) -> Published:
    fixed = values["fixed_size"]
    if not isinstance(fixed, bool):
        raise TypeError(f"fixed_size is {fixed!r}")
    return Published(
        mean=_triple(values["mean"]),
        std=_triple(values["std"]),
        licence=_text(values["licence"]),
        fixed_size=fixed,
        address=_text(values["address"]),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise TypeError(f"{value!r} is not a positive whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _triple(values: Iterable[float]) -> Triple:
    red, green, blue = map(float, values)
    return red, green, blue


def _interpolation(value: object) -> Interpolation:
    for known in get_args(Interpolation):
        if value == known:
            found: Interpolation = known
            return found
    raise ValueError(f"{value!r} is not an interpolation")
