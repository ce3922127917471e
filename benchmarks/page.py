"""docs/benchmarks.md, from kept results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks import machine
from benchmarks.kept import Kept, Record
from benchmarks.rows import ROWS
from tldesk.base import write_atomic


def page(kept: Kept, facts: Mapping[str, str] | None = None) -> str:
    """The whole page.

    Args:
        kept: the results.
        facts: of the machine; asked now if None.
    """
    facts = machine.facts() if facts is None else facts
    every = kept.all()
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: ratios of one machine, each program alone, one after the other. Seconds "
        "are a hint, above all on a shared machine; rows with several rounds show the median. Results come "
        "from the images, weights and splits that all programs share. A row whose programs were measured "
        "hours apart tells so: the machine may have been quicker at one time than at the other.",
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
    """Whole or not at all."""
    write_atomic(path, page(kept))


def _when(every: Iterable[Record]) -> str:
    times = sorted(record["measured"] for record in every)
    if not times:
        return "nothing"
    first, last = times[0][:10], times[-1][:10]
    return first if first == last else f"{first} to {last}"


def _hours(measured: Iterable[Record]) -> str:
    """Between when a row's programs were measured; empty where nothing was."""
    times = sorted(one["measured"] for one in measured)
    if not times:
        return ""
    first, last = (f"{time[:10]} {time[11:16]}" for time in (times[0], times[-1]))
    return f", {first} UTC" if first == last else f", {first} to {last} UTC"


def _distinct(every: Iterable[Record], name: str) -> str:
    """In the order in which they were measured."""
    ordered = sorted(every, key=lambda record: record["measured"])
    return ", ".join(f"`{one}`" for one in dict.fromkeys(record.get(name, "") for record in ordered) if one)


def _failures(every: Iterable[Record]) -> list[str]:
    failed = [record for record in every if "failed" in record]
    if not failed:
        return []
    told = [f"- {one['row']}, {one['case']}, {one['program']}: {one['failed']}" for one in failed]
    return ["These programs failed:", "", *told, ""]
