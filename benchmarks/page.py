"""Writes docs/benchmarks.md from the stored results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks import machine
from benchmarks.kept import Kept, Record
from benchmarks.rows import ROWS
from tldesk.base import write_atomic


def page(kept: Kept, facts: Mapping[str, str] | None = None) -> str:
    """Return the whole page.

    Args:
        kept: the stored results.
        facts: of the machine; collected now if None.
    """
    facts = machine.facts() if facts is None else facts
    every = kept.all()
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: ratios on one machine, each program alone, one after the other. Seconds "
        "are only a guide, especially on a shared machine; rows with several rounds show the median. All "
        "programs use the same images, weights and splits. The times of measurement are given for each row: "
        "if its programs were measured hours apart, the machine may have been faster at one of these times.",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        f"- measured: {_when(every)}",
        f"- by: {_distinct(every, 'asked')}",
        f"- tldesk at: {_distinct(every, 'revision')}",
        "",
        *_failures(every),
    ]
    for name, row in ROWS.items():
        hours = _hours(one for one in every if one["row"] == name)
        lines += [f"## {row.TITLE}", "", f"`python -m benchmarks --only {name}`{hours}", "", *row.lines(kept)]
    return "\n".join(lines).rstrip() + "\n"


def write_page(path: Path, kept: Kept) -> None:
    """Write the page atomically."""
    write_atomic(path, page(kept))


def _when(every: Iterable[Record]) -> str:
    times = sorted(record["measured"] for record in every)
    if not times:
        return "nothing"
    first, last = times[0][:10], times[-1][:10]
    return first if first == last else f"{first} to {last}"


def _hours(measured: Iterable[Record]) -> str:
    """Return the period in which a row's programs were measured; empty if none was."""
    times = sorted(one["measured"] for one in measured)
    if not times:
        return ""
    first, last = (f"{time[:10]} {time[11:16]}" for time in (times[0], times[-1]))
    return f", {first} UTC" if first == last else f", {first} to {last} UTC"


def _distinct(every: Iterable[Record], name: str) -> str:
    """Return the distinct values in the order of measurement."""
    ordered = sorted(every, key=lambda record: record["measured"])
    return ", ".join(f"`{one}`" for one in dict.fromkeys(record.get(name, "") for record in ordered) if one)


def _failures(every: Iterable[Record]) -> list[str]:
    failed = [record for record in every if "failed" in record]
    if not failed:
        return []
    failures = [f"- {one['row']}, {one['case']}, {one['program']}: {one['failed']}" for one in failed]
    return ["These programs failed:", "", *failures, ""]
