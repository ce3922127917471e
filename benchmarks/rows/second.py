"""Another head or recipe on the same images: in one program, and in separate ones."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place, same_home
from benchmarks.kept import Kept
from benchmarks.rows.frozen import first
from benchmarks.splits import case_of, checked_split, images_of, warm

TITLE = "Another head or recipe on the same images"
REPEATS = True
_ROW = "second"
_SAME = "one program"
_WANTED = 1 / 10
_WORDS = {"head": "dense head", "recipe": "smoothing, class weights, another seed"}


def measure(bench: Bench) -> None:
    """Measure all in one program; then the first run, another head and another recipe in separate ones."""
    for name in bench.sets:
        images, case = images_of(bench, name), case_of(bench, name)
        warm(images)
        _in_one_program(bench, name)
        if not ok(first(bench, _ROW, name)):
            continue
        place = project_place(bench.scratch, f"{_ROW}-{case}", keep=True)
        home = same_home(bench.scratch, f"{_ROW}-{case}")
        for what in _WORDS:
            bench.run(_ROW, case, what, "ours.second", place, checked_split(images), what, environment=home)


def lines(kept: Kept) -> list[str]:
    """Return one line per set and change."""
    heads = ("images", "second run", "first", "accuracy", "second", "accuracy", "ratio")
    return [
        "In one program, as in the window: from the folder to the metrics, and from the changed recipe to "
        "its metrics; both without imports, which the window has done by then.",
        "",
        *words.table((*heads, "target 0.1"), list(_same_program(kept))),
        *_own_lines((*heads, "ratio without imports"), list(_own_programs(kept))),
    ]


def _in_one_program(bench: Bench, name: str) -> None:
    case = case_of(bench, name)
    label = f"{_ROW}-same-{case}"
    place, home = project_place(bench.scratch, label), fresh_home(bench.scratch, label)
    images = images_of(bench, name)
    split = checked_split(images)
    bench.run(_ROW, case, _SAME, "ours.second_same", images, place, split, environment=home)


def _same_program(kept: Kept) -> Iterator[tuple[str, ...]]:
    for case in kept.cases(_ROW):
        record = kept.median(_ROW, case, _SAME)
        if record is None:
            continue
        took, scores = record["took"], record["scores"]
        for what, name in _WORDS.items():
            part = words.divided(took[what], took["first"])
            yield (
                case,
                name,
                words.seconds(took["first"]),
                words.share(scores["first"]),
                words.seconds(took[what]),
                words.share(scores[what]),
                words.ratio(took[what], took["first"]),
                words.reached(part, _WANTED),
            )


def _own_lines(heads: tuple[str, ...], found: list[tuple[str, ...]]) -> list[str]:
    if not found:
        return []
    note = "In separate programs, including start and imports in both times."
    return [note, "", *words.table(heads, found)]


def _own_programs(kept: Kept) -> Iterator[tuple[str, ...]]:
    for case in kept.cases(_ROW):
        before = kept.median(_ROW, case, "tldesk")
        for what, name in _WORDS.items():
            record = kept.median(_ROW, case, what)
            if before is None or record is None:
                continue
            yield (
                case,
                name,
                words.seconds(before["seconds"]),
                words.share(before["accuracy"]),
                words.seconds(record["seconds"]),
                words.share(record["accuracy"]),
                words.ratio(record["seconds"], before["seconds"]),
                words.ratio(record["without_imports"], before["without_imports"]),
            )
