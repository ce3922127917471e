"""Batch prediction on the 12-megapixel JPEGs."""

from __future__ import annotations

from pathlib import Path

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import same_home
from benchmarks.kept import Kept
from benchmarks.places import WEIGHTS
from benchmarks.rows import frozen
from benchmarks.rows.tuning import best_way
from benchmarks.splits import case_of, images_of, warm

TITLE = "Batch prediction, 12-megapixel JPEGs"
REPEATS = True
_ROW = "predict"
_BATCH = 64
_READY = 512
_WANTED = {"fastai": 4.0, "openvino": 0.9}
_PROGRAMS = {
    "tldesk": "tldesk `predict_many`",
    "fastai": "fastai `get_preds`",
    "openvino": "raw OpenVINO, ready tensors",
    "decoding": "decoding alone",
}


def measure(bench: Bench) -> None:
    """Measure with the model that the frozen row trained on the larger set, or train one now."""
    case, images = case_of(bench, "large"), images_of(bench, "large")
    warm(images)
    model, home = trained_model(bench, "big")
    if model is None:
        return
    bench.run(_ROW, case, "tldesk", "ours.predict", model, images, environment=home)
    way, folder = best_way(bench.kept, "fastai"), images_of(bench, "big")
    state = frozen.state_place(bench, case_of(bench, "big"))
    arguments = (folder, images, WEIGHTS, _BATCH, way.workers, state)
    bench.run(_ROW, case, "fastai", "peers.fastai_predict", *arguments, environment=way.environment)
    bench.run(_ROW, case, "openvino", "peers.raw_openvino", WEIGHTS, _READY)
    bench.run(_ROW, case, "decoding", "ours.decode", images)


def trained_model(bench: Bench, name: str) -> tuple[Path | None, dict[str, str]]:
    """Return a model file of tldesk's frozen row on a set, and the home folder of its training."""
    case = case_of(bench, name)
    record = bench.kept.median(frozen.ROW, case, "tldesk")
    if record is None or not Path(record["model"]).exists():
        record = frozen.first(bench, frozen.ROW, name)
    return (Path(record["model"]) if ok(record) else None), same_home(bench.scratch, f"{frozen.ROW}-{case}")


def lines(kept: Kept) -> list[str]:
    """Return one line per program."""
    found = []
    for case in kept.cases(_ROW):
        ours = kept.median(_ROW, case, "tldesk", "rate")
        for program, name in _PROGRAMS.items():
            record = kept.median(_ROW, case, program, "rate")
            if record is None:
                continue
            part = words.divided(ours["rate"], record["rate"]) if ours and program != "tldesk" else None
            wanted = _WANTED.get(program)
            found.append(
                (
                    case,
                    name,
                    str(record["images"]),
                    words.rate(record["rate"]),
                    words.seconds(record["seconds"]),
                    words.share(record.get("accuracy")),
                    words.NONE if part is None else f"{part:.2f}",
                    f"{wanted:g}" if wanted else "",
                    words.at_least(part, wanted) if wanted else "",
                )
            )
    heads = (
        "images",
        "program",
        "pictures",
        "rate",
        "whole program",
        "accuracy",
        "speed-up of tldesk",
        "target",
        "",
    )
    return [
        "The rate is that of the predictions only, with the network already loaded; training images are "
        "among the pictures. No program can be faster here than decoding alone on all cores; the target of "
        "0.9 of raw OpenVINO applies only if decoding keeps up.",
        "",
        *words.table(heads, found),
    ]
