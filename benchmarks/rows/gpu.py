"""A GPU: frozen extraction and fine-tuning of resnet50 against a plain torch loop."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place
from benchmarks.kept import Kept, Record
from benchmarks.splits import case_of, images_of, warm

TITLE = "On a GPU"
REPEATS = True
_ROW = "gpu"
_SET = "small"
_BACKBONE = "resnet50"
_BATCH = 64
_EPOCHS = 3


def measure(bench: Bench) -> None:
    """Measure on the GPU; without one, only print a line."""
    case = case_of(bench, _SET)
    asked = bench.run(_ROW, case, "card", "ours.card", gpu=True)
    if not ok(asked) or "skipped" in asked:
        print(f"{_ROW}: {asked.get('skipped', 'the GPU cannot be queried')}", flush=True)
        return
    images = images_of(bench, _SET)
    warm(images)
    weights = bench.scratch / f"{_BACKBONE}-random.pth"
    bench.run(_ROW, case, "weights", "ours.random_weights", _BACKBONE, weights)
    home = fresh_home(bench.scratch, _ROW, Path(weights))
    place, workers = project_place(bench.scratch, f"{_ROW}-{case}"), os.cpu_count() or 2
    numbers = (_BACKBONE, _BATCH, _EPOCHS)
    bench.run(_ROW, case, "tldesk", "ours.gpu", images, place, *numbers, environment=home, gpu=True)
    bench.run(_ROW, case, "extract", "peers.torch_extract", images, _BACKBONE, 128, workers, gpu=True)
    tuning = (images, _BACKBONE, "none", _BATCH, workers, _EPOCHS)
    bench.run(_ROW, case, "tune", "peers.torch_epoch", *tuning, gpu=True)


def lines(kept: Kept) -> list[str]:
    """Return two lines and the agreement of the devices; one line if there is no GPU."""
    for case in kept.cases(_ROW):
        ours = kept.median(_ROW, case, "tldesk")
        if ours is not None:
            return _measured(kept, case, ours)
        if kept.median(_ROW, case, "card") is not None:
            return ["Not measured: the machine has no usable GPU.", ""]
    return ["Not measured.", ""]


def _measured(kept: Kept, case: str, ours: Record) -> list[str]:
    found = []
    for work, program, mine in (
        ("frozen extraction", "extract", "extraction"),
        ("fine-tuning", "tune", "tuning"),
    ):
        theirs = kept.median(_ROW, case, program)
        if theirs is not None:
            rates = (
                words.rate(ours[mine]["rate"]),
                _busy(ours[mine]),
                words.rate(theirs["rate"]),
                _busy(theirs),
            )
            found.append((f"{_BACKBONE}, {work}", *rates, f"{ours[mine]['rate'] / theirs['rate']:.2f}"))
    agreed = ours["agreement"]
    heads = ("work", "tldesk", "GPU busy", "plain torch loop", "GPU busy", "speed-up")
    return [
        f"{ours['device']}, {case}, batch {_BATCH} for fine-tuning. The plain loop: as many worker "
        "processes as cores, bf16 autocast, channels last for extraction.",
        "",
        *words.table(heads, found),
        f"The same model file on the GPU and on the CPU: {100 * agreed['same']:.1f} % of "
        f"{agreed['images']} predictions are the same, probabilities differ by at most "
        f"{agreed['largest_difference']:.4f}.",
        "",
    ]


def _busy(record: Record) -> str:
    return words.NONE if record.get("busy") is None else f"{100 * record['busy']:.0f} %"
