"""The environment of a run: everything needed to repeat it, or to see why it cannot be repeated."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

import tldesk
from tldesk.engine.choose_engine import engine_for
from tldesk.engine.trunk import precision

if TYPE_CHECKING:
    from tldesk.trainer.plan import Plan

_PACKAGES = (
    *("torch", "torchvision", "timm", "openvino", "numpy", "scipy", "scikit-learn"),
    *("pillow", "imagecodecs", "pydicom", "tifffile"),
)
_FACTS = ("tldesk", "python", "system", "machine", "processor", "cores", "threads", "engine", "precision")
_CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """A fact about program or computer that differs: what it was, and what it is now ("–": not there)."""

    name: str
    before: str
    now: str


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[EnvironmentChange, ...]:
    """Return what digits depend on and differs between two environments.

    Facts that the former does not have, as it was recorded by an older version, are left out.
    """
    pairs = [(name, before[name], now.get(name)) for name in _FACTS if name in before]
    packages, present = before.get("packages", {}), now["packages"]
    pairs += [(name, found, present.get(name)) for name, found in packages.items()]
    pairs.append(("device", before.get("device", {}).get("title"), now["device"]["title"]))
    return tuple(
        EnvironmentChange(name, _word(one), _word(other)) for name, one, other in pairs if one != other
    )


def environment(plan: Plan) -> dict[str, Any]:
    """Return versions, computer, device, weights and data as JSON values.

    Raises:
        ProblemError: the pretrained weights are not in the library.
    """
    return {
        "tldesk": tldesk.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "engine": engine_for(plan.card, plan.preprocessing, plan.device, len(plan.snapshot.items)),
        "precision": precision(plan.device),
        "packages": {name: _version(name) for name in _PACKAGES},
        "device": {"name": plan.device.name, "title": plan.device.title},
        "backbone": plan.card.name,
        "weights": _weights(plan),
        "recipe": plan.recipe.fingerprint,
        "snapshot": plan.snapshot.fingerprint,
        "rendering": asdict(plan.snapshot.rendering),
    }


def _weights(plan: Plan) -> dict[str, object] | None:
    if plan.recipe.weights == "random":
        return None
    entry = plan.library.entry(plan.card.name)
    return {"source": entry.source, "sha256": plan.library.sha256(plan.card.name)}


def _word(value: object) -> str:
    return "–" if value is None else str(value)


def _processor() -> str:
    """Return the processor's name; on Linux, Python's own answer is often empty."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
