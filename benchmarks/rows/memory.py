"""Peak memory of a frozen training of 10,000 images."""

from __future__ import annotations

from benchmarks import sets, words
from benchmarks.bench import Bench
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept

TITLE = "Peak memory of a frozen training"
REPEATS = False
_ROW = "memory"
_IMAGES = 10_000
_WANTED_GIB = 2.5


def measure(bench: Bench) -> None:
    """Measure one training; a trial with fewer pictures uses a smaller set."""
    count = _IMAGES if bench.photos >= 2500 else 4 * bench.photos
    images = sets.many_small(bench.scratch, count)
    place, home = project_place(bench.scratch, _ROW), fresh_home(bench.scratch, _ROW)
    bench.run(_ROW, f"{count} images", "tldesk", "ours.frozen", images, place, "test", environment=home)


def lines(kept: Kept) -> list[str]:
    """Return one line."""
    found = []
    for case in kept.cases(_ROW):
        record = kept.median(_ROW, case, "tldesk")
        if record is None:
            continue
        peak = record["peak_gib"]
        verdict = "reached" if peak <= _WANTED_GIB else f"missed by {peak - _WANTED_GIB:.2f} GiB"
        took = words.seconds(record["seconds"])
        found.append(
            (case, f"{peak:.2f} GiB", f"{_WANTED_GIB} GiB", verdict, took, words.share(record["accuracy"]))
        )
    heads = ("work", "peak of the process", "target", "", "time", "accuracy")
    note = "Small JPEGs (96 px), all different; from scan to evaluation in one process, including torch."
    return [note, "", *words.table(heads, found)]
