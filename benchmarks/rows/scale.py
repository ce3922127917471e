"""100,000 pictures: scanning, rescanning, opening, scrolling, and memory."""

from __future__ import annotations

import os

from benchmarks import sets, words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record

TITLE = "A hundred thousand pictures"
REPEATS = True
_ROW = "scale"
_IMAGES = 100_000
_SIDE = 64  # px; what is measured is their number
_SECONDS = 30
_WANTED_GIB = 0.6


def measure(bench: Bench) -> None:
    """Measure on small JPEGs, all different; a trial with fewer pictures uses a smaller set."""
    count = _IMAGES if bench.photos >= 2500 else 4 * bench.photos
    images = sets.crowd(bench.scratch, count, _SIDE)
    case, home = f"{count} images", fresh_home(bench.scratch, _ROW)
    window = {**home, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    place = project_place(bench.scratch, _ROW, keep=bench.resume)
    bench.run(_ROW, case, "scandir", "peers.scandir", images)
    bench.run(_ROW, case, "scan", "ours.scan", images, place, environment=home)
    bench.run(_ROW, case, "empty window", "peers.empty_window", environment=window)
    bench.run(_ROW, case, "window", "ours.browse", "-", 0, environment=window)
    bench.run(_ROW, case, "open", "ours.browse", place, 0, environment=window)
    bench.run(_ROW, case, "scroll", "ours.browse", place, _SECONDS, environment=window)


def lines(kept: Kept) -> list[str]:
    """Return one table per question."""
    found: list[str] = []
    for case in kept.cases(_ROW):
        names = ("scandir", "scan", "empty window", "window", "open", "scroll")
        records = {name: kept.median(_ROW, case, name) for name in names}
        if all(ok(record) for record in records.values()):
            found += _tables(case, {name: record for name, record in records.items() if record is not None})
    note = (
        f"JPEGs of {_SIDE} px, read just before (in the system's file cache). The first scan lists all files"
        " with the labels of their folders, then reads and decodes each for its hash, its facts and its"
        " fingerprint; a rescan does the work of `os.scandir` and stat. Frames: the time between two ticks of"
        " a timer that scrolls 60 times per second, with all painting and other work in between, for"
        f" {_SECONDS} s; with the wheel 4,800 px per second, with the bar from the first image to the last."
    )
    return [note, "", *(found or words.table((), []))]


def _tables(case: str, records: dict[str, Record]) -> list[str]:
    listed, parts = records["scandir"]["parts"]["list"], records["scan"]["parts"]
    again = parts["again"] / listed
    first, shown = parts["first"], parts["listed"]
    verdict = words.reached(again, 2)
    rate = f"{records['scan']['images'] / first:.0f} files/s"
    work = [
        ("`os.scandir` + stat", words.seconds(listed), "1.0", ""),
        ("rescan, nothing changed", words.seconds(parts["again"]), f"{again:.1f}", verdict),
        ("first scan, until all are listed and labelled", words.seconds(shown), f"{shown / listed:.1f}", ""),
        ("first scan, every file read", words.seconds(first), f"{first / listed:.0f}", rate),
        ("split", words.seconds(parts["split"]), "", ""),
    ]
    scroll = records["scroll"]
    frames = [
        (
            name,
            f"{scroll[key]['frames']:.0f}",
            f"{scroll[key]['median_ms']:.1f} ms",
            f"{scroll[key]['p99_ms']:.1f} ms",
            f"{scroll[key]['worst_ms']:.1f} ms",
            f"{scroll[key]['over_33']:.0f}",
            "" if key == "still" else "reached" if scroll[key]["over_33"] == 0 else "missed",
            f"{scroll[key]['without_picture']:.0%}",
        )
        for name, key in (
            ("no scrolling (baseline)", "still"),
            ("wheel", "wheel"),
            ("bar, top to bottom", "bar"),
        )
    ]
    peak = scroll["peak_gib"]
    memory = "reached" if peak <= _WANTED_GIB else f"missed by {peak - _WANTED_GIB:.2f} GiB"
    heads = (
        "scrolled by",
        "frames",
        "median",
        "p99",
        "worst",
        "over 33 ms",
        "target: none",
        "not drawn yet",
    )
    room = [("opened and scrolled", f"{peak:.2f} GiB", f"{_WANTED_GIB} GiB", memory)]
    return [
        *words.table((case, "time", "ratio", "target: 2"), work),
        "",
        *_opening(records),
        "",
        *words.table(heads, frames),
        "",
        *words.table(("memory", "peak", "target", ""), room),
        "",
    ]


def _opening(records: dict[str, Record]) -> list[str]:
    empty, bare, opened = (records[name]["seconds"] for name in ("empty window", "window", "open"))
    return words.table(
        ("from start to end of the program", "time", "difference to the line above", ""),
        [
            ("an empty PySide6 window", words.seconds(empty), "", ""),
            ("tldesk, no project, all pages created", words.seconds(bare), words.seconds(bare - empty), ""),
            (
                "tldesk, first screen of the project's images painted",
                words.seconds(opened),
                words.seconds(opened - bare),
                words.reached(opened - bare, 1),
            ),
        ],
    )
