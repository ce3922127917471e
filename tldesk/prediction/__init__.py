"""Prediction with a model file: predictions, tables and saliency maps.

``Predictor`` and the saliency functions need torch; they are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tldesk.prediction.answer_table import table_text, write_table
from tldesk.prediction.answers import Answer, Failure, Neighbour
from tldesk.prediction.overlay import overlay

if TYPE_CHECKING:
    from tldesk.prediction.predictor import Predictor
    from tldesk.prediction.saliency import Saliency
    from tldesk.prediction.saliency_check import SaliencyCheck

__all__ = [
    "Answer",
    "Failure",
    "Neighbour",
    "Predictor",
    "Saliency",
    "SaliencyCheck",
    "overlay",
    "table_text",
    "write_table",
]

_LATER = {
    "Predictor": "tldesk.prediction.predictor",
    "Saliency": "tldesk.prediction.saliency",
    "SaliencyCheck": "tldesk.prediction.saliency_check",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the names have different types
    if name not in _LATER:
        raise AttributeError(f"module 'tldesk.prediction' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
