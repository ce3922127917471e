"""tldesk: teach a picture classifier on your own computer by transfer learning.

The names of the pipeline are importable from here; each is loaded on first use, so that ``import tldesk``
stays quick and torch is only imported by what needs it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# torch's OpenMP threads otherwise spin while they wait and starve the threads that read pictures (three to
# four times slower on two cores). It must be set before torch is imported, hence here; a user's value wins.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# A training step fetches gigabytes from the system and gives them back. In pages of 2 MB, where Linux has
# them, that is a tenth of the calls: a step of mobilenet_v2 takes two thirds of the time.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

__version__ = "0.1.0"

_HOMES = {
    "FilenamePattern": "tldesk.dataset",
    "FolderGroups": "tldesk.dataset",
    "ColumnGroups": "tldesk.dataset",
    "Predictor": "tldesk.prediction.predictor",
    "Project": "tldesk.dataset",
    "Recipe": "tldesk.recipe",
    "Run": "tldesk.run.run",
    "WeightsLibrary": "tldesk.model.library",
    "available_backbones": "tldesk.model.available_backbones",
    "best_device": "tldesk.engine.device",
    "make_plan": "tldesk.trainer.plan",
    "recommend": "tldesk.recipe",
}

__all__ = [
    "ColumnGroups",
    "FilenamePattern",
    "FolderGroups",
    "Predictor",
    "Project",
    "Recipe",
    "Run",
    "WeightsLibrary",
    "__version__",
    "available_backbones",
    "best_device",
    "make_plan",
    "recommend",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the names have nothing in common but this door
    if name not in _HOMES:
        raise AttributeError(f"module 'tldesk' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
