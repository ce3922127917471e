"""The fold of a cross-validation that a run belongs to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fold:
    """The position of a run in a cross-validation.

    Attributes:
        number: number of the fold, from 1.
        count: number of folds.
        seed: random seed used to assign images to folds.
        series: identifier shared by all runs of one cross-validation, and by no others.
    """

    number: int
    count: int
    seed: int
    series: str

    @property
    def words(self) -> str:
        """``2 of 5``."""
        return f"{self.number} of {self.count}"

    def to_json(self) -> str:
        """Return the text for the file in the run's folder."""
        return json.dumps(asdict(self)) + "\n"


def read_fold(path: Path) -> Fold | None:
    """Return the fold in a run's folder; None if the run is not a fold or the file is damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Fold(int(values["number"]), int(values["count"]), int(values["seed"]), str(values["series"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
