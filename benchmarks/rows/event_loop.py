"""Stalls of the window's event loop during training."""

from __future__ import annotations

import os

from benchmarks import words
from benchmarks.bench import Bench
from benchmarks.homes import fresh_home
from benchmarks.kept import Kept
from benchmarks.places import DATA

TITLE = "The window's event loop while training"
REPEATS = False
_ROW = "event_loop"
_SET = "coffee_leaf"
_PRESETS = ("feature_extraction", "two_phase")


def measure(bench: Bench) -> None:
    """Measure a separate window for each way of training."""
    platform = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    for name in _PRESETS:
        environment = {**platform, **fresh_home(bench.scratch, _ROW)}
        bench.run(_ROW, _SET, name, "ours.event_loop", DATA / _SET, name, environment=environment)


def lines(kept: Kept) -> list[str]:
    """Return one line per way of training."""
    found = []
    for name in _PRESETS:
        record = kept.median(_ROW, _SET, name)
        if record is not None:
            verdict = "reached" if record["p99_ms"] <= 50 and record["worst_ms"] <= 100 else "missed"
            numbers = (
                f"{record['median_ms']:.1f} ms",
                f"{record['p99_ms']:.0f} ms",
                f"{record['worst_ms']:.0f} ms",
            )
            found.append((f"{_SET}, {name.replace('_', ' ')}", str(record["beats"]), *numbers, verdict))
    heads = ("training", "beats", "median gap", "p99 stall", "worst stall", "target: p99 50 ms, worst 100 ms")
    return words.table(heads, found)
