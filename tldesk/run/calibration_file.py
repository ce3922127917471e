"""The calibration of a run: temperature and unsure threshold.

It is in a small file of its own, so that evaluation need not load the model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tldesk.base import write_atomic


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities, and which predictions are unsure.

    Attributes:
        temperature: logits are divided by it, > 0.
        unsure_below: predictions with a lower probability are unsure; in 0..1.
    """

    temperature: float
    unsure_below: float


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write the calibration file.

    Raises:
        ProblemError: the file cannot be written.
    """
    write_atomic(path, json.dumps(asdict(calibration)) + "\n")


def read_calibration(path: Path) -> Calibration | None:
    """Return the content of the file; None if it is missing or damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(float(values["temperature"]), float(values["unsure_below"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
