"""A folder of photos to an evaluated model, everything frozen."""

from __future__ import annotations

from pathlib import Path

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record
from benchmarks.places import WEIGHTS
from benchmarks.rows.tuning import best_way
from benchmarks.splits import case_of, checked_split, images_of, warm

TITLE = "A folder of photos to an evaluated model, everything frozen"
REPEATS = True
ROW = "frozen"
_CYCLE = 4
_EPOCHS = 40
_MANY = 256
_WANTED = {"plain": 1 / 5, "fastai": 1 / 30}


def measure(bench: Bench) -> None:
    """Measure tldesk, the plain script, and fastai until its validation accuracy is as good."""
    for name in bench.sets:
        images, case = images_of(bench, name), case_of(bench, name)
        warm(images)
        ours = first(bench, ROW, name)
        way = best_way(bench.kept, "plain")
        split = checked_split(images)
        bench.run(
            ROW,
            case,
            "plain",
            "peers.plain_features",
            images,
            WEIGHTS,
            split,
            way.workers,
            environment=way.environment,
        )
        if ok(ours):
            _fastai(bench, case, images, ours)


def first(bench: Bench, row: str, name: str) -> Record:
    """Run tldesk's first training on a set, as a new user."""
    images, case = images_of(bench, name), case_of(bench, name)
    place, home = project_place(bench.scratch, f"{row}-{case}"), fresh_home(bench.scratch, f"{row}-{case}")
    return bench.run(
        row, case, "tldesk", "ours.frozen", images, place, checked_split(images), environment=home
    )


def state_place(bench: Bench, case: str) -> Path:
    """Return the file of fastai's trained network, for the prediction row."""
    return bench.scratch / f"fastai-{case}.pth"


def batch_for(images: Path) -> int:
    """Return fastai's batch size: small for small sets, because it skips images that do not fill a batch."""
    return 64 if sum(1 for _ in (images / "train").glob("*/*")) >= _MANY else 16


def lines(kept: Kept) -> list[str]:
    """Return one line per set and program."""
    return [
        f"fastai: `vision_learner`, frozen, cycles of {_CYCLE} one-cycle epochs at 2e-3 without "
        "augmentation, until an epoch reaches tldesk's validation accuracy; then the split is evaluated. "
        "The plain script: torchvision's features, computed once in eager fp32, and scikit-learn's logistic "
        "regression. Times include the program's start and imports; the next column is without them. tldesk "
        "exits like its command, without cleaning up memory. Accuracy is on the test images (ants_bees has "
        "none: on the validation images).",
        "",
        *words.table(
            (
                "images",
                "program",
                "time",
                "without imports",
                "accuracy",
                "validation",
                "tldesk / other",
                "target",
                "",
            ),
            [line for case in kept.cases(ROW) for line in _lines_of(kept, case)],
        ),
    ]


def _fastai(bench: Bench, case: str, images: Path, ours: Record) -> None:
    way = best_way(bench.kept, "fastai")
    numbers = (batch_for(images), way.workers, _CYCLE, _EPOCHS, bench.cap_seconds, state_place(bench, case))
    arguments = (images, WEIGHTS, checked_split(images), ours["validation"], *numbers)
    bench.run(ROW, case, "fastai", "peers.fastai_frozen", *arguments, environment=way.environment)


def _lines_of(kept: Kept, case: str) -> list[tuple[str, ...]]:
    ours = kept.median(ROW, case, "tldesk")
    found = []
    for program in ("tldesk", "plain", "fastai"):
        record = kept.median(ROW, case, program)
        if record is not None:
            found.append(_line(case, program, record, ours))
    return found


def _line(case: str, program: str, record: Record, ours: Record | None) -> tuple[str, ...]:
    took, without = words.seconds(record["seconds"]), words.seconds(record["without_imports"])
    scores = words.share(record["accuracy"]), words.share(record["validation"])
    if program == "tldesk" or ours is None:
        return case, program, took, without, *scores, "", "", ""
    part = words.divided(ours["seconds"], record["seconds"])
    remark = words.reached(part, _WANTED[program])
    name = program
    if program == "fastai":
        name = f"fastai, {len(record['epochs'])} epochs"
        if not record["reached"]:
            remark += (
                f" (accuracy not reached after {len(record['epochs'])} epochs, best {record['best']:.3f})"
            )
    wanted = f"{_WANTED[program]:.3f}"
    return case, name, took, without, *scores, words.ratio(ours["seconds"], record["seconds"]), wanted, remark
