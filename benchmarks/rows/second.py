"""Another head, or another recipe, on images that were trained on before."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import project_place, same_home
from benchmarks.kept import Kept
from benchmarks.rows.frozen import first
from benchmarks.splits import case_of, checked_split, images_of, warm

TITLE = "Another head or recipe on the same images"
REPEATS = True
_ROW = "second"
_WANTED = 1 / 10
_WORDS = {"head": "dense head", "recipe": "smoothing, class weights, another seed"}


def measure(bench: Bench) -> None:
    """A first time, then a second process with another head and a third with another recipe."""
    for name in bench.sets:
        images, case = images_of(bench, name), case_of(bench, name)
        warm(images)
        if not ok(first(bench, _ROW, name)):
            continue
        place = project_place(bench.scratch, f"{_ROW}-{case}", keep=True)
        home = same_home(bench.scratch, f"{_ROW}-{case}")
        for what in _WORDS:
            bench.run(_ROW, case, what, "ours.second", place, checked_split(images), what, environment=home)


def lines(kept: Kept) -> list[str]:
    """A line a set and change."""
    found = []
    for case in kept.cases(_ROW):
        before = kept.median(_ROW, case, "tldesk")
        for what, name in _WORDS.items():
            record = kept.median(_ROW, case, what)
            if before is None or record is None:
                continue
            part = words.divided(record["seconds"], before["seconds"])
            bare = words.ratio(record["without_imports"], before["without_imports"])
            times = words.seconds(before["seconds"]), words.seconds(record["seconds"])
            scores = words.share(before["accuracy"]), words.share(record["accuracy"])
            verdict = words.reached(part, _WANTED)
            found.append(
                (
                    case,
                    name,
                    times[0],
                    scores[0],
                    times[1],
                    scores[1],
                    words.ratio(record["seconds"], before["seconds"]),
                    bare,
                    verdict,
                )
            )
    heads = (
        "images",
        "second time",
        "first",
        "accuracy",
        "second",
        "accuracy",
        "ratio",
        "ratio without imports",
        "wanted 0.1",
    )
    return [
        "A process of its own each, program start and imports in both times.",
        "",
        *words.table(heads, found),
    ]
