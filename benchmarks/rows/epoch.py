"""One epoch of fine-tuning: of the last stage, and of the whole network."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import LARGE_PAGES, Bench
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record
from benchmarks.places import WEIGHTS
from benchmarks.rows.tuning import best_way
from benchmarks.splits import case_of, images_of, warm

TITLE = "One fine-tuning epoch"
REPEATS = True
BATCH = 32
EPOCHS = 3
_ROW = "epoch"
_LINES = {"last": "the last stage", "none": "everything"}
_WANTED = {"last": 1 / 4, "none": 1 / 2}
_PROGRAMS = {
    "tldesk": "tldesk",
    "fastai": "fastai",
    "fastai_bn_frozen": "fastai, train_bn=False",
    "fastai_large_pages": "fastai, large pages",
    "torch": "plain torch loop",
}


def measure(bench: Bench) -> None:
    """Measure every program on every set and freeze line."""
    for name in bench.sets:
        warm(images_of(bench, name))
        for line in _LINES:
            _measure(bench, name, line)


def lines(kept: Kept) -> list[str]:
    """Return one line per set, freeze line and program."""
    found = []
    for case in kept.cases(_ROW):
        ours = kept.median(_ROW, case, "tldesk", "without_imports")
        for program in _PROGRAMS:
            record = kept.median(_ROW, case, program, "without_imports")
            if record is not None:
                found.append(_line(case, program, record, ours))
    heads = (
        "images",
        "trained",
        "program",
        "epoch",
        "validation accuracy",
        "before the first epoch",
        "tldesk / other",
        "target",
        "",
    )
    return [
        f"The median of {EPOCHS} epochs without the first, including the pass over the validation images; "
        f"batch {BATCH}; each program's default augmentation and memory format. Also the time before the "
        "first epoch (tldesk prepares images and features then, and caches them for the next run). By "
        "default, fastai also trains the batch norms of frozen layers; the line with train_bn=False does "
        "not, like tldesk. The line with large pages has THP_MEM_ALLOC_ENABLE=1 in its environment, which "
        "tldesk sets automatically. fastai skips the last images of an epoch that do not fill a batch.",
        "",
        *words.table(heads, found),
    ]


def _measure(bench: Bench, name: str, line: str) -> None:
    images, case = images_of(bench, name), f"{case_of(bench, name)}.{line}"
    place, home = project_place(bench.scratch, f"{_ROW}-{case}"), fresh_home(bench.scratch, f"{_ROW}-{case}")
    bench.run(_ROW, case, "tldesk", "ours.epoch", images, place, line, BATCH, EPOCHS, environment=home)
    fastai, torch = best_way(bench.kept, "fastai"), best_way(bench.kept, "torch")
    common = (images, WEIGHTS, line, BATCH)
    large = {**fastai.environment, **LARGE_PAGES}
    ways = {"fastai": ("yes", fastai.environment), "fastai_large_pages": ("yes", large)}
    if line == "last":
        ways["fastai_bn_frozen"] = ("no", fastai.environment)
    for program, (train_bn, environment) in ways.items():
        numbers = (fastai.workers, EPOCHS, train_bn)
        bench.run(_ROW, case, program, "peers.fastai_epoch", *common, *numbers, environment=environment)
    numbers = (torch.workers, EPOCHS)
    bench.run(_ROW, case, "torch", "peers.torch_epoch", *common, *numbers, environment=torch.environment)


def _line(case: str, program: str, record: Record, ours: Record | None) -> tuple[str, ...]:
    name, line = case.rsplit(".", 1)
    took = _epoch(record)
    before = record["without_imports"] - sum(record["epochs"])
    own = ours is not None and program != "tldesk"
    part = words.divided(_epoch(ours), took) if own else None
    compared = own and program == "fastai"
    return (
        name,
        _LINES[line],
        _PROGRAMS[program],
        words.seconds(took),
        words.share(record["accuracy"]),
        words.seconds(before),
        words.NONE if part is None else f"{part:.3f}",
        f"{_WANTED[line]:.2f}" if compared else "",
        words.reached(part, _WANTED[line]) if compared else "",
    )


def _epoch(record: Record | None) -> float | None:
    if record is None:
        return None
    later = sorted(record["epochs"][1:] or record["epochs"])
    return later[(len(later) - 1) // 2]
