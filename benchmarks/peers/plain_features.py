"""The plain script: torchvision features in eager fp32 once, then scikit-learn's logistic regression.

Usage: IMAGES WEIGHTS SPLIT WORKERS. Trains on train/ and reports the accuracy on SPLIT and on val/.
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

_TRANSFORM = torchvision.models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms()
_BATCH = 32


def main(images: str, weights: str, split: str, workers: str) -> None:
    """Measure everything; loading threads read the next batch while the network computes this one."""
    parts = Parts()
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, C=0.01))
    found = {one: _images(Path(images) / one) for one in dict.fromkeys(("train", "val", split))}
    with ThreadPoolExecutor(int(workers)) as pool:
        rows = {one: _features(network, paths, pool) for one, (paths, _) in found.items()}
    parts.mark("reading pictures and features")
    head.fit(rows["train"], found["train"][1])
    parts.mark("head")
    scores = {one: float(head.score(rows[one], found[one][1])) for one in found}
    parts.mark("evaluation")
    emit(parts=parts.seconds, accuracy=scores[split], validation=scores["val"])


def _images(folder: Path) -> tuple[list[Path], list[str]]:
    paths = sorted(path for path in folder.glob("*/*") if path.is_file())
    return paths, [path.parent.name for path in paths]


def _load(path: Path) -> torch.Tensor:
    with Image.open(path) as picture:
        return _TRANSFORM(picture.convert("RGB"))


@torch.inference_mode()
def _features(network: torch.nn.Module, paths: list[Path], pool: ThreadPoolExecutor) -> NDArray[np.float32]:
    starts = range(0, len(paths), _BATCH)
    ahead = [pool.submit(_load, path) for path in paths[:_BATCH]]
    rows = []
    for start in starts:
        loaded, following = ahead, paths[start + _BATCH : start + 2 * _BATCH]
        ahead = [pool.submit(_load, path) for path in following]
        batch = torch.stack([one.result() for one in loaded])
        rows.append(network.features(batch).mean(dim=(2, 3)).numpy())
    return np.concatenate(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
