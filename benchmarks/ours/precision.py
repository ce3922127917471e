"""Cached features against torch's eager fp32 ones, with the same head. Usage: IMAGES PROJECT SPLIT WEIGHTS

Three sets of features of the same images: tldesk's cached ones; fp32 of the same input pixels (precision
only); fp32 with torchvision's own transforms on the fully decoded picture (precision and decoding).
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.ours.features import kept_rows
from benchmarks.ours.steps import SPLITS, new_project, new_run, ready_made, trained_and_evaluated
from tldesk import Run
from tldesk.dataset import SnapshotItem, Split
from tldesk.engine import normalise, read_input
from tldesk.trainer.plan import plan_for

_STRENGTH = 0.01
_FOLDS = 5
_SHUFFLES = 10

Rows = NDArray[np.float32]


def main(images: str, place: str, split: str, weights: str) -> None:
    """Train once to cache the features, then compare."""
    parts = Parts()
    with new_project(place, images, parts) as project:
        run = new_run(project, ready_made("feature_extraction"), parts)
        answer = trained_and_evaluated(run, split, parts)
        items = list({item.content: item for item in run.snapshot.items}.values())
        kept, about = kept_rows(project, [item.content for item in items])
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    same = _features(network, [_same_pixels(run, item) for item in items])
    whole = _features(network, [_torchvision_pixels(item) for item in items])
    every = {"kept": kept, "fp32, same pixels": same, "fp32, torchvision's transforms": whole}
    labels = np.array([item.label for item in items])
    emit(
        dtype=np.dtype(str(about["dtype"])).name,
        images=len(items),
        cosine=float(_cosine(kept, same).min()),
        heads={name: _accuracies(rows, labels, items, split) for name, rows in every.items()},
        **answer,
    )


def _same_pixels(run: Run, item: SnapshotItem) -> torch.Tensor:
    preprocessing = plan_for(run.snapshot, run.recipe, run.folder).preprocessing
    pixels = torch.from_numpy(read_input(item.path, preprocessing))
    return normalise(pixels[None], preprocessing)[0]


def _torchvision_pixels(item: SnapshotItem) -> torch.Tensor:
    with Image.open(item.path) as picture:
        return torchvision.models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms()(picture.convert("RGB"))


@torch.inference_mode()
def _features(network: torch.nn.Module, inputs: list[torch.Tensor]) -> Rows:
    batches = [torch.stack(inputs[at : at + 16]) for at in range(0, len(inputs), 16)]
    return torch.cat([network.features(batch).mean(dim=(2, 3)) for batch in batches]).numpy()


def _cosine(one: Rows, other: Rows) -> NDArray[np.float32]:
    return (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


def _accuracies(
    rows: Rows, labels: NDArray[np.int64], items: list[SnapshotItem], split: str
) -> dict[str, object]:
    """Score on the set's own split and on ten shuffled five-fold divisions, the same for all features."""
    train = np.array([item.split == Split.TRAIN for item in items])
    test = np.array([item.split == SPLITS[split] for item in items])
    own = _head().fit(rows[train], labels[train]).score(rows[test], labels[test])
    shuffles = [
        cross_val_score(
            _head(), rows, labels, cv=StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
        ).mean()
        for seed in range(_SHUFFLES)
    ]
    return {"own": float(own), "shuffles": [float(one) for one in shuffles]}


def _head() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, C=_STRENGTH))


if __name__ == "__main__":
    main(*sys.argv[1:])
