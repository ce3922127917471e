"""Fine-tuning epochs as torchvision's reference does. Usage: IMAGES WEIGHTS last|none BATCH WORKERS EPOCHS

ImageFolder, RandomResizedCrop and a flip, a DataLoader with worker processes, SGD with momentum, then a pass
over the validation images. WEIGHTS may also be the name of a network, which then has random weights. On a GPU
with mixed precision, like the reference's --amp.
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
import time
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from benchmarks.busy import BusyCard

_NORMALISE = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_TRAIN = transforms.Compose(
    [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), _NORMALISE]
)
_CHECK = transforms.Compose(
    [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), _NORMALISE]
)
_LAST_STAGE = 17
_DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def main(images: str, weights: str, line: str, batch: str, workers: str, epochs: str) -> None:
    """Measure the seconds of each epoch, including validation."""
    parts = Parts()
    torch.manual_seed(0)
    train, check = (_loader(Path(images) / name, name, int(batch), int(workers)) for name in ("train", "val"))
    network = _network(weights, len(train.dataset.classes), line).to(_DEVICE)
    trained = [one for one in network.parameters() if one.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=1e-3, momentum=0.9, weight_decay=1e-4)
    parts.mark("set-up")
    seconds, scored, card = [], 0.0, BusyCard()
    for number in range(int(epochs)):
        if number == 1:
            card.start()
        began = time.perf_counter()
        _epoch(network, train, optimizer)
        scored = _accuracy(network, check)
        seconds.append(time.perf_counter() - began)
    card.stop()
    parts.mark("epochs")
    count = len(train.dataset) + len(check.dataset)
    rate = count / min(seconds[1:] or seconds)
    emit(parts=parts.seconds, epochs=seconds, accuracy=scored, rate=rate, busy=card.share)


def _loader(folder: Path, name: str, batch: int, workers: int) -> DataLoader:
    training = name == "train"
    images = ImageFolder(folder, _TRAIN if training else _CHECK)
    return DataLoader(images, batch, shuffle=training, num_workers=workers, pin_memory=_DEVICE == "cuda")


def _network(weights: str, classes: int, line: str) -> nn.Module:
    if weights in torchvision.models.list_models():
        return torchvision.models.get_model(weights, num_classes=classes)
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    if line == "last":
        network.features[:_LAST_STAGE].requires_grad_(False)
    network.classifier[1] = nn.Linear(network.last_channel, classes)
    return network


def _epoch(network: nn.Module, images: DataLoader, optimizer: torch.optim.Optimizer) -> None:
    network.train()
    for pictures, labels in images:
        with torch.autocast(_DEVICE, dtype=torch.bfloat16, enabled=_DEVICE == "cuda"):
            answers = network(pictures.to(_DEVICE, non_blocking=True))
            loss = nn.functional.cross_entropy(answers, labels.to(_DEVICE, non_blocking=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@torch.inference_mode()
def _accuracy(network: nn.Module, images: DataLoader) -> float:
    network.eval()
    right = 0
    for pictures, labels in images:
        with torch.autocast(_DEVICE, dtype=torch.bfloat16, enabled=_DEVICE == "cuda"):
            answers = network(pictures.to(_DEVICE, non_blocking=True))
        right += int((answers.argmax(dim=1).cpu() == labels).sum())
    return right / len(images.dataset)


if __name__ == "__main__":
    main(*sys.argv[1:])
