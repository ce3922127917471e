"""The effect of a leak: copies of training images among the test images."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record
from benchmarks.places import DATA

TITLE = "Copies in different splits"
REPEATS = False
_ROW = "leak"
_SET = "brain_mri"
_SEEDS = 10


def measure(bench: Bench) -> None:
    """Measure on originals and rotated copies in one folder."""
    home = fresh_home(bench.scratch, _ROW)
    place = project_place(bench.scratch, _ROW)
    bench.run(_ROW, _SET, "tldesk", "ours.leak", DATA / _SET, place, _SEEDS, environment=home)


def lines(kept: Kept) -> list[str]:
    """Return the scores of each way of splitting, and how the copies were found."""
    record = kept.median(_ROW, _SET, "tldesk")
    if record is None or not ok(record):
        return words.table((), [])
    return [
        "A folder of originals and of rotated copies that are named after them, for which tldesk suggests its"
        " rule `copies`. Frozen mobilenet_v2, a quarter of the images for testing,"
        f" {_SEEDS} splits each.",
        "",
        *_scores(record),
        "",
        *_finders(record),
    ]


def _scores(record: Record) -> list[str]:
    ways = {
        "no groups": record["alone"],
        "copies grouped with their original": record["together"],
        "and near duplicates kept together (tldesk's default)": record["tied"],
    }
    rows = [
        (
            f"{_SET}, {name}",
            words.spread([one["accuracy"] for one in runs]),
            f"{sum(one['torn'] for one in runs) / len(runs):.1f}",
        )
        for name, runs in ways.items()
    ]
    return words.table(("split", "test accuracy", "test images with a related training image"), rows)


def _finders(record: Record) -> list[str]:
    named = record["pairs_by_name"]
    finders = {"small grey images": record["looks"], "a network (`check --deep`)": record["network"]}
    rows = [
        (
            name,
            f"{found['pairs']}",
            _share(found["right"], found["pairs"]),
            _share(found["right_with_twins"], found["pairs"]),
            f"{_share(found['right'], named)} of {named}",
            f"{found['linked']} of {record['copies']}",
        )
        for name, found in finders.items()
    ]
    heads = (
        "copies found by",
        "pairs with a copy",
        "precision by file names",
        "including originals that exist twice",
        "recall of pairs by file names",
        "copies linked to a related image",
    )
    return words.table(heads, rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else words.NONE
