"""The recommended recipe against fastai's ``fine_tune``: all images, and ten per class, several seeds.

Also tldesk's fine-tuning against its frozen head.
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
_EQUAL = 1e-6  # fastai reports single precision


def measure(bench: Bench) -> None:
    """Measure the requested real sets (all if none was requested), by seed and program."""
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
    """Return one line per set and amount of training images."""
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
        "Test accuracy, mean and standard deviation over the seeds, on one fixed split (coffee_leaf: its "
        "own; ants_bees: val is used for testing and a quarter of train for validation; brain_mri/original: "
        f"divided once, with near duplicates in one split). With {FEW} per class, the seed chooses them and "
        f"{FEW} others per class for validation; the test images are the same. fastai: "
        f"`fine_tune({_EPOCHS['full']})` on all images, `fine_tune({_EPOCHS['few']})` on few, its own rates "
        "and augmentation; batch 64, on small sets 16; with large memory pages, which tldesk enables "
        "automatically. Core time is the CPU time summed over all cores; this row takes hours, and other "
        "work on the machine hardly changes it.",
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
    # Like every result of this row, these are stored by seed, so that a long row can be resumed.
    program = f"{preset or 'tldesk'}-{seed}"
    place = project_place(bench.scratch, f"{_ROW}-{case}-{program}")
    home = fresh_home(bench.scratch, _ROW)
    bench.run(_ROW, case, program, "ours.accuracy", images, place, seed, preset, environment=home)


def _tuned_lines(kept: Kept) -> list[str]:
    """Return the comparison of the frozen head with fine-tuning."""
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
    note = "Fine-tuning, which is recommended here, against the frozen head; all images, the same seeds."
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
        "all" if kind == "full" else f"{FEW} per class",
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
