"""JPEG to features end to end, against raw OpenVINO on ready tensors and against decoding alone."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import Bench, ok
from benchmarks.homes import fresh_home, project_place, same_home
from benchmarks.kept import Kept
from benchmarks.places import WEIGHTS
from benchmarks.splits import case_of, images_of, warm

TITLE = "Features of mobilenet_v2, JPEG to features"
REPEATS = True
_ROW = "extraction"
_READY = 512
_SETS = ("big", "small", "large")
_STATES = {
    "new": "first run, after the scan",
    "again": "caches deleted",
    "prepared": "features deleted, images prepared",
}
_WANTED = 0.9


def measure(bench: Bench) -> None:
    """Measure the larger set, and its small and its large pictures separately."""
    for name in _SETS:
        images, case = images_of(bench, name), case_of(bench, name)
        warm(images)
        label = f"{_ROW}-{case}"
        place, home = project_place(bench.scratch, label), fresh_home(bench.scratch, label)
        for state in _STATES:
            if not ok(
                bench.run(_ROW, case, state, "ours.extraction", images, place, state, environment=home)
            ):
                break
            home = same_home(bench.scratch, label)
        bench.run(_ROW, case, "decoding", "ours.decode", images)
        bench.run(_ROW, case, "openvino", "peers.raw_openvino", WEIGHTS, _READY)


def lines(kept: Kept) -> list[str]:
    """Return one line per set and state of the caches."""
    found = []
    for case in kept.cases(_ROW):
        raw, decoding = (kept.median(_ROW, case, program, "rate") for program in ("openvino", "decoding"))
        for state, name in _STATES.items():
            record = kept.median(_ROW, case, state, "rate")
            if record is None or raw is None or decoding is None:
                continue
            part = record["rate"] / raw["rate"]
            most = 1 / (1 / raw["rate"] + 1 / decoding["rate"])
            share = record["rate"] / decoding["rate"]
            found.append(
                (
                    case,
                    name,
                    words.seconds(record.get("scan")),
                    words.rate(record["rate"]),
                    words.rate(raw["rate"]) + f" ({raw['precision']})",
                    f"{part:.2f}",
                    words.at_least(part, _WANTED),
                    words.rate(decoding["rate"]),
                    "" if state == "prepared" else f"{100 * share:.0f} %",
                    "" if state == "prepared" else f"{record['rate'] / most:.2f}",
                )
            )
    heads = (
        "images", "state", "scan", "end to end", "raw OpenVINO", "ratio", "target 0.9", "decoding alone",
        "time of decoding alone", "share of the maximum on shared cores",
    )  # fmt: skip
    return [
        "The time from the start of a training to the start of its first phase, without imports. A first run "
        "converts the network, but the preceding scan has cached pictures that are slow to decode; with the "
        "caches deleted, everything is decoded in this time. Decoding and network share the cores: decoding "
        "can keep up only if it is so fast that it takes little of the time. The last column compares with "
        "network and decoding one after the other, each at full speed.",
        "",
        *words.table(heads, found),
    ]
