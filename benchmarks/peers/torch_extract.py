"""Features of the training and validation images by a plain torch loop. Usage: IMAGES BACKBONE BATCH WORKERS

A DataLoader with worker processes, the network in evaluation mode with random weights; on a GPU
with mixed precision and channels last.
"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import sys
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from benchmarks.busy import BusyCard

_CHECK = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ]
)
_DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@torch.inference_mode()
def main(images: str, backbone: str, batch: str, workers: str) -> None:
    """Measure images per second, from the start of the first worker to the last row in memory."""
    every = ConcatDataset([ImageFolder(Path(images) / split, _CHECK) for split in ("train", "val")])
    loader = DataLoader(every, int(batch), num_workers=int(workers), pin_memory=_DEVICE == "cuda")
    whole = torchvision.models.get_model(backbone)
    network = (
        nn.Sequential(*list(whole.children())[:-1]).eval().to(_DEVICE, memory_format=torch.channels_last)
    )
    took: dict[str, float] = {}
    rows = []
    with BusyCard() as card, timed(took, "extract"):
        for pictures, _ in loader:
            placed = pictures.to(_DEVICE, non_blocking=True, memory_format=torch.channels_last)
            with torch.autocast(_DEVICE, dtype=torch.bfloat16, enabled=_DEVICE == "cuda"):
                rows.append(network(placed).flatten(1).float().cpu())
    emit(images=len(every), rate=len(every) / took["extract"], busy=card.share, width=rows[0].shape[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
