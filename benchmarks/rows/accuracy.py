"""The recommended recipe against fastai's ``fine_tune``: all images, and ten a class, several seeds.

And tldesk's fine-tuning against its frozen head.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks import words
from benchmarks.bench import LARGE_PAGES, Bench
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record
from benchmarks.places import WEIGHTS
from benchmarks.rows.frozen import batch_for
from benchmarks.rows.tuning import best_way
from benchmarks.splits import FEW, REAL, few, fixed

TITLE = "Accuracy: the recommended recipe against fastai's fine_tune"
REPEATS = False
_ROW = "accuracy"
_EPOCHS = {"full": 10, "few": 20}
_TUNED_SET, _FROZEN = "coffee_leaf", "feature_extraction"
_EQUAL = 1e-6  # fastai tells single precision


def measure(bench: Bench) -> None:
    """Every real set that was asked for (all of them unless one was), by seed and program."""
    sets = [name for name in REAL if name in bench.sets] or list(REAL)
    for kind in _EPOCHS:
        for name in sets:
            for seed in range(bench.seeds):
                images = fixed(bench, name) if kind == "full" else few(bench, name, seed)
                _measure(bench, f"{name}.{kind}", images, seed)
    if _TUNED_SET in sets:
        for seed in range(bench.seeds):
            _ours(bench, f"{_TUNED_SET}.full", fixed(bench, _TUNED_SET), seed, _FROZEN)


def lines(kept: Kept) -> list[str]:
    """A line a set and amount."""
    heads = (
        "images",
        "to train on",
        "seeds",
        "tldesk",
        "fastai",
        "difference",
        "core time tldesk",
        "core time fastai",
        "recipe",
        "",
    )
    return [
        "Test accuracy, mean and standard deviation over the seeds, on one fixed split (coffee_leaf's own; "
        "of ants_bees the images in val test and a quarter of train validates; brain_mri/original divided "
        f"once, near duplicates on one side). With {FEW} a class the seed chooses them, {FEW} others a "
        f"class validate, and the test images are the same. fastai: `fine_tune({_EPOCHS['full']})` on all "
        f"images, `fine_tune({_EPOCHS['few']})` on few, its own rates and augmentation; batch 64, on small "
        "sets 16, and with the large pages that tldesk asks for by itself. Core time is what the program "
        "used of all cores together; this row takes hours, and other work beside it does not change "
        "that number much.",
        "",
        *words.table(heads, [line for case in kept.cases(_ROW) for line in _line(kept, case)]),
        *_tuned_lines(kept),
    ]


def _measure(bench: Bench, case: str, images: Path, seed: int) -> None:
    _ours(bench, case, images, seed)
    way = best_way(bench.kept, "fastai")
    numbers = (seed, batch_for(images), way.workers, _EPOCHS[case.rsplit(".", 1)[1]])
    bench.run(
        _ROW,
        case,
        f"fastai-{seed}",
        "peers.fastai_fine_tune",
        images,
        WEIGHTS,
        *numbers,
        environment={**way.environment, **LARGE_PAGES},
    )


def _ours(bench: Bench, case: str, images: Path, seed: int, preset: str = "") -> None:
    # Like every result of this row these are kept by seed, and a long row goes on where it was stopped.
    program = f"{preset or 'tldesk'}-{seed}"
    place = project_place(bench.scratch, f"{_ROW}-{case}-{program}")
    home = fresh_home(bench.scratch, _ROW)
    bench.run(_ROW, case, program, "ours.accuracy", images, place, seed, preset, environment=home)


def _tuned_lines(kept: Kept) -> list[str]:
    """The frozen head and fine-tuning beside each other."""
    case = f"{_TUNED_SET}.full"
    frozen, tuned = _by_seed(kept, case, _FROZEN), _by_seed(kept, case, "tldesk")
    seeds = sorted(frozen.keys() & tuned.keys())
    if not seeds:
        return []
    before, after = ([some[seed]["accuracy"] for seed in seeds] for some in (frozen, tuned))
    differences = [two - one for one, two in zip(before, after, strict=True)]
    times = [statistics.fmean(some[seed]["processor_seconds"] for seed in seeds) for some in (frozen, tuned)]
    row = (
        _TUNED_SET,
        str(len(seeds)),
        *map(words.spread, (before, after, differences)),
        *map(words.seconds, times),
        _verdict(statistics.fmean(differences)),
    )
    columns = ("frozen head", "fine-tuned", "difference", "core time frozen", "core time fine-tuned")
    heads = ("images", "seeds", *columns, "")
    note = "Fine-tuning, which is recommended there, against the frozen head; all images, the same seeds."
    return [note, "", *words.table(heads, [row])]


def _line(kept: Kept, case: str) -> Iterator[tuple[str, ...]]:
    ours, theirs = _by_seed(kept, case, "tldesk"), _by_seed(kept, case, "fastai")
    seeds = sorted(ours.keys() & theirs.keys())
    if not seeds:
        return
    name, kind = case.rsplit(".", 1)
    mine, other = ([some[seed]["accuracy"] for seed in seeds] for some in (ours, theirs))
    differences = [one - two for one, two in zip(mine, other, strict=True)]
    times = [statistics.fmean(some[seed]["processor_seconds"] for seed in seeds) for some in (ours, theirs)]
    yield (
        name,
        "all" if kind == "full" else f"{FEW} a class",
        str(len(seeds)),
        words.spread(mine),
        words.spread(other),
        words.spread(differences),
        *map(words.seconds, times),
        ", ".join(sorted({ours[seed]["recipe"] for seed in seeds})),
        _verdict(statistics.fmean(differences)),
    )


def _verdict(difference: float) -> str:
    if abs(difference) < _EQUAL:
        return "equal"
    return "above" if difference > 0 else "below"


def _by_seed(kept: Kept, case: str, program: str) -> dict[int, Record]:
    found = {}
    for name in kept.programs(_ROW, case):
        if name.startswith(f"{program}-"):
            record = kept.median(_ROW, case, name)
            if record is not None:
                found[int(name.rsplit("-", 1)[1])] = record
    return found
