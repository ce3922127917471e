"""What weights are worth on real pictures: ``python -m pretraining.evaluation``; a table in README.md's form.

Each weight file serves as it does in the program: its features with the ready-made head (``frozen``), and as
the beginning of a training of everything (``tuned``), which differs from training from nothing only in where
the weights begin. Two more ways, measured when asked for, are what a recommendation chooses from: that head
learning from changed versions of the pictures too (``views``), and the last stages trained after it
(``adapted``). Five seeds divide each set anew; the seed also draws the random weights.
"""

from __future__ import annotations

import os

# Before torch is imported: its threads are not to wait busily beside those that decode.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import argparse
import hashlib
import json
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from pretraining.network import Learner
from pretraining.packing import NAME, pack
from pretraining.sets import SETS, divided
from tldesk import Recipe, Run, WeightsLibrary, make_plan
from tldesk.dataset import Split
from tldesk.model import card
from tldesk.recipe import augmentation_for, begun_from_weights, preset

IMAGENET = "mobilenet_v2"
RIVALS = {"starter": NAME, "random": NAME, "imagenet": IMAGENET}
"""Whose weights, and the backbone that they are of."""
_PRESETS = {
    "frozen": "feature_extraction",
    "views": "feature_extraction",
    "adapted": "two_phase",
}
WAYS = (*_PRESETS, "tuned")


class Score(NamedTuple):
    """One measurement.

    Attributes:
        set, way, rival, seed: what was measured.
        balanced: balanced accuracy on the test split, 0 to 1.
    """

    set: str
    way: str
    rival: str
    seed: int
    balanced: float


def main() -> None:
    """Measure what is not kept yet, and print the tables."""
    args = _arguments()
    torch.set_num_threads(args.threads)
    results = args.results or _results_of(args.starter)
    kept = _kept(results)
    with results.open("a", encoding="utf-8") as stream:
        for score in _missing_scores(args, {score[:4] for score in kept}):
            print(*score, flush=True)
            stream.write(json.dumps(score._asdict()) + "\n")
            stream.flush()
            kept.append(score)
    for way in args.ways:
        print(f"\n{way}\n\n{table(kept, way)}")


def table(scores: list[Score], way: str) -> str:
    """Mean and standard deviation over seeds in percent, a line a set and their mean, as Markdown."""
    lines = [f"| {way} | {' | '.join(RIVALS)} |", "|---" * (len(RIVALS) + 1) + "|"]
    means: dict[str, list[float]] = {rival: [] for rival in RIVALS}
    for name in SETS:
        cells = []
        for rival in RIVALS:
            found = [s.balanced * 100 for s in scores if s[:3] == (name, way, rival)]
            if not found:
                cells.append("")
                continue
            spread = f" ± {statistics.stdev(found):.1f}" if len(found) > 1 else ""
            cells.append(f"{statistics.mean(found):.1f}{spread}")
            means[rival].append(statistics.mean(found))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    whole = [f"{statistics.mean(found):.1f}" if len(found) == len(SETS) else "" for found in means.values()]
    return "\n".join([*lines, f"| mean | {' | '.join(whole)} |"])


def _missing_scores(args: argparse.Namespace, there: set[tuple[object, ...]]) -> Iterator[Score]:
    for way in args.ways:
        for seed in range(args.seeds):
            for name in args.sets:
                for rival in args.rivals:
                    if (name, way, rival, seed) not in there:
                        yield Score(name, way, rival, seed, _measured(args, name, way, rival, seed))


def _measured(args: argparse.Namespace, name: str, way: str, rival: str, seed: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        library = WeightsLibrary([_weights(args, rival, seed, scratch / "weights")])
        with divided(args.data, name, scratch, seed) as project:
            run = Run.create(project, make_plan(project, _recipe(way, rival, seed), "cpu", library))
            for _ in run.train():
                pass
            run.finish()
            return float(run.evaluate(Split.TEST).balanced_accuracy.value)


def _recipe(way: str, rival: str, seed: int) -> Recipe:
    backbone = RIVALS[rival]
    stages = card(backbone).stage_names
    if way == "tuned":  # no size of its own for anyone: the budget is the same
        ready = begun_from_weights(backbone, stages)
        return ready.model_copy(update={"seed": seed, "input_size": 128})
    changes: dict[str, object] = {"seed": seed}
    if way == "views":
        changes["augmentation"] = augmentation_for("photo")
    return preset(_PRESETS[way], backbone, stages=stages).model_copy(update=changes)


def _weights(args: argparse.Namespace, rival: str, seed: int, folder: Path) -> Path:
    """A folder with the rival's weights alone."""
    if rival == "random":
        torch.manual_seed(seed)
        return pack(Learner(), folder).parent
    source = args.starter if rival == "starter" else args.imagenet
    folder.mkdir(parents=True)
    for path in (source, source.with_suffix(".json")):
        if path.exists():
            shutil.copy(path, folder)
    return folder


def _results_of(starter: Path) -> Path:
    """Scores of other weights must not stand in the table of these."""
    digest = hashlib.sha256(starter.read_bytes()).hexdigest()
    return Path("bench-data/starter") / f"scores-{digest[:8]}.jsonl"


def _kept(results: Path) -> list[Score]:
    results.parent.mkdir(parents=True, exist_ok=True)
    if not results.exists():
        return []
    return [Score(**json.loads(line)) for line in results.read_text(encoding="utf-8").splitlines()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pretraining.evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    parser.add_argument("--starter", type=Path, default=Path(f"resources/weights/{NAME}.safetensors"))
    parser.add_argument("--imagenet", type=Path, default=Path(f"../shared/weights/{IMAGENET}-imagenet.pth"))
    parser.add_argument("--results", type=Path, help="where scores are kept; a file for each starter")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["frozen", "tuned"])
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
