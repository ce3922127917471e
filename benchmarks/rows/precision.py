"""The cost in accuracy of cached features in reduced precision: the same head on them and on fp32."""

from __future__ import annotations

import statistics

from benchmarks import words
from benchmarks.bench import Bench
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept
from benchmarks.places import WEIGHTS
from benchmarks.splits import REAL, checked_split, images_of

TITLE = "Cached features against torch's eager fp32 features"
REPEATS = False
_ROW = "features_precision"


def measure(bench: Bench) -> None:
    """Measure the requested real sets (all if none was requested)."""
    for name in [name for name in REAL if name in bench.sets] or REAL:
        images = images_of(bench, name)
        place, home = project_place(bench.scratch, f"{_ROW}-{name}"), fresh_home(bench.scratch, _ROW)
        arguments = (images, place, checked_split(images), WEIGHTS)
        bench.run(_ROW, name, "tldesk", "ours.precision", *arguments, environment=home)


def lines(kept: Kept) -> list[str]:
    """Return one line per set and kind of features."""
    found = []
    for case in kept.cases(_ROW):
        record = kept.median(_ROW, case, "tldesk")
        if record is None:
            continue
        reference = record["heads"]["fp32, same pixels"]["shuffles"]
        for name, scores in record["heads"].items():
            differences = [one - two for one, two in zip(scores["shuffles"], reference, strict=True)]
            title = f"cached ({record['dtype']})" if name == "kept" else name
            paired = words.spread(differences) if name != "fp32, same pixels" else ""
            own, mean = words.share(scores["own"]), words.share(statistics.fmean(scores["shuffles"]))
            cosine = f"{record['cosine']:.6f}" if name == "kept" else ""
            found.append((case, title, own, mean, paired, cosine))
    heads = (
        "images", "features", "accuracy, own split", "five-fold, mean of 10 shuffles", "paired difference "
        "to fp32",
        "lowest cosine to fp32",
    )  # fmt: skip
    note = (
        "The same head (standardised, logistic regression, C 0.01) on each. fp32 on the same pixels shows "
        "the cost of the precision; torchvision's transforms on fully decoded pictures show the cost of "
        "precision and decoding together."
    )
    return [note, "", *words.table(heads, found)]
