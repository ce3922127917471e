"""The parts of tldesk's time in the frozen row, from the same runs."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import Bench
from benchmarks.kept import Kept, Record
from benchmarks.rows import frozen
from benchmarks.splits import case_of

TITLE = "Parts of tldesk's time in the previous comparison"
REPEATS = False


def measure(bench: Bench) -> None:
    """Measure only if the frozen row has not done so."""
    for name in bench.sets:
        if bench.kept.median(frozen.ROW, case_of(bench, name), "tldesk") is None:
            frozen.first(bench, frozen.ROW, name)


def lines(kept: Kept) -> list[str]:
    """Return one table per set."""
    found: list[str] = []
    for case in kept.cases(frozen.ROW):
        record = kept.median(frozen.ROW, case, "tldesk")
        if record is not None:
            found += _of_case(case, record)
    return found or ["Not measured.", ""]


def _of_case(case: str, record: Record) -> list[str]:
    parts = {"start of Python": record["start_up"], "imports": record["imports"], **record["parts"]}
    parts["end of the process"] = record["seconds"] - sum(parts.values())
    rows = [
        (name, words.seconds(took), f"{100 * took / record['seconds']:.0f} %") for name, took in parts.items()
    ]
    head = f"{case}: {record['images']} images, {words.seconds(record['seconds'])}, {record['epochs']} epochs"
    return [head, "", *words.table(("part", "time", "share"), rows)]
