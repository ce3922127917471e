"""The plain script: torchvision features in eager fp32 once, then scikit-learn's logistic regression.

Usage: python -m benchmarks.peers.plain_features FOLDER WEIGHTS TRAIN_SPLIT TEST_SPLIT
Prints one JSON document. Two loader threads, and OMP_WAIT_POLICY=passive as tldesk itself sets it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
import torchvision
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

_TRANSFORM = torchvision.models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms()


def _load(path: Path) -> torch.Tensor:
    with Image.open(path) as picture:
        return _TRANSFORM(picture.convert("RGB"))


@torch.inference_mode()
def _features(network: torch.nn.Module, paths: list[Path]) -> np.ndarray:
    rows = []
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(paths), 32):
            batch = torch.stack(list(pool.map(_load, paths[start : start + 32])))
            rows.append(network.features(batch).mean(dim=(2, 3)).numpy())
    return np.concatenate(rows)


def _images(folder: Path) -> tuple[list[Path], list[str]]:
    paths = sorted(path for path in folder.glob("*/*") if path.is_file())
    return paths, [path.parent.name for path in paths]


def main(folder: str, weights: str, train: str, test: str) -> dict[str, Any]:
    """Seconds and accuracy of the whole way, imports left out in this program's favour."""
    start = time.perf_counter()
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    train_paths, train_labels = _images(Path(folder) / train)
    test_paths, test_labels = _images(Path(folder) / test)
    head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, C=0.01))
    head.fit(_features(network, train_paths), train_labels)
    accuracy = float(head.score(_features(network, test_paths), test_labels))
    return {"seconds": time.perf_counter() - start, "accuracy": accuracy}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:5])))
