"""The calibration of a run (temperature, unsure threshold), in a small file so that evaluation need not load
the model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tldesk.base import write_atomic


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities and answers.

    Attributes:
        temperature: logits are divided by it, > 0.
        unsure_below: answers with a lower probability are unsure, in 0..1.
    """

    temperature: float
    unsure_below: float


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write the file.

    Raises:
        ProblemError: it cannot be written.
    """
    write_atomic(path, json.dumps(asdict(calibration)) + "\n")


def read_calibration(path: Path) -> Calibration | None:
    """The file's content; None where there is none yet or it is damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(float(values["temperature"]), float(values["unsure_below"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
