"""Grad-CAM for one picture against captum on the whole network."""

from __future__ import annotations

from benchmarks import words
from benchmarks.bench import Bench
from benchmarks.kept import Kept
from benchmarks.places import DATA
from benchmarks.rows.predict import trained_model

TITLE = "Grad-CAM for one picture"
REPEATS = True
_ROW = "gradcam"
_SET = "coffee_leaf"
_WANTED = 1 / 2


def measure(bench: Bench) -> None:
    """Measure both alternately in one process, on the same prepared image."""
    model, home = trained_model(bench, _SET)
    if model is not None:
        picture = min((DATA / _SET / "test").glob("*/*"))
        bench.run(_ROW, _SET, "both", "ours.gradcam", model, picture, environment=home)


def lines(kept: Kept) -> list[str]:
    """Return one line."""
    record = kept.median(_ROW, _SET, "both")
    if record is None:
        return ["Not measured.", ""]
    took = record["took"]
    best = min(took["captum"], took["captum, channels last"])
    part = took["tldesk"] / best
    row = (*(f"{1000 * one:.1f} ms" for one in took.values()), f"{part:.2f}", words.reached(part, _WANTED))
    heads = (*took, "tldesk / captum", "target 0.5", "largest difference", "explain() with its check")
    rest = (f"{record['difference']:.1e}", f"{1000 * record['explain']:.0f} ms")
    note = (
        "Medians, alternating in one process; captum gets the normalised image. The maps are compared after "
        "division by their largest value. tldesk computes the first pictures with torch; after about twenty, "
        "converting the network for its faster engine pays off."
    )
    return [note, "", *words.table(heads, [(*row, *rest)])]
