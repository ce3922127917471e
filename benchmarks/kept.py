"""Stored results, one JSON file per program, so that a page can be written from several measurements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tldesk.base import write_atomic

Record = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """The results under one folder: ``ROW/CASE/PROGRAM.ROUND.json``."""

    folder: Path

    def path(self, row: str, case: str, program: str, number: int) -> Path:
        """Return the file of one result."""
        return self.folder / row / case / f"{program}.{number}.json"

    def read(self, row: str, case: str, program: str, number: int) -> Record | None:
        """Return one result, or None."""
        path = self.path(row, case, program, number)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def write(self, record: Record) -> None:
        """Store a result; a first round replaces all earlier rounds."""
        place = self.path(record["row"], record["case"], record["program"], record["round"])
        place.parent.mkdir(parents=True, exist_ok=True)
        if record["round"] == 0:
            for old in place.parent.glob(f"{record['program']}.*.json"):
                old.unlink()
        write_atomic(place, json.dumps(record, indent=1) + "\n")

    def cases(self, row: str) -> list[str]:
        """Return the cases of a row with results."""
        folder = self.folder / row
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def programs(self, row: str, case: str) -> list[str]:
        """Return the programs that were measured for a case."""
        names = {path.name.rsplit(".", 2)[0] for path in (self.folder / row / case).glob("*.*.json")}
        return sorted(names)

    def rounds(self, row: str, case: str, program: str) -> list[Record]:
        """Return all results of one program, without failures."""
        paths = sorted((self.folder / row / case).glob(f"{program}.*.json"))
        records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        return [record for record in records if "failed" not in record]

    def median(self, row: str, case: str, program: str, by: str = "seconds") -> Record | None:
        """Return the round with the median of ``by`` (the lower of two); None if nothing was measured."""
        found = sorted(self.rounds(row, case, program), key=lambda record: record[by])
        return found[(len(found) - 1) // 2] if found else None

    def best(self, row: str, case: str, programs: Sequence[str], by: str = "seconds") -> Record | None:
        """Return the setting of a program with the lowest median."""
        found = [self.median(row, case, program, by) for program in programs]
        return min((one for one in found if one is not None), key=lambda one: one[by], default=None)

    def all(self) -> list[Record]:
        """Return all results, including failures."""
        return [
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob("*/*/*.json"))
        ]
