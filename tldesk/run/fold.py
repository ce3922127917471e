"""Which fold of a cross-validation a run is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fold:
    """A run's place in a cross-validation.

    Attributes:
        number: from 1.
        count: folds in all.
        seed: with which they were dealt.
        series: the same for all runs of one cross-validation, and for no others.
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
        """As text for the run's folder."""
        return json.dumps(asdict(self)) + "\n"


def read_fold(path: Path) -> Fold | None:
    """The fold in a run's folder; None if the run is no fold, or the file is damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Fold(int(values["number"]), int(values["count"]), int(values["seed"]), str(values["series"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
