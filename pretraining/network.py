"""The network, and what is put on it while it learns and thrown away afterwards."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from pretraining.targets import WIDTHS
from tldesk.engine import device_named
from tldesk.engine.trunk import autocast

FEATURES = 512
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_EMBEDDING = 128


class Learner(nn.Module):
    """A backbone, a linear head for the descriptors, a projection in which drawings of a programme meet."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = resnet18(weights=None)
        self.backbone.fc = nn.Identity()
        self.backbone.to(memory_format=torch.channels_last)
        self.head = nn.Sequential(
            nn.BatchNorm1d(FEATURES, affine=False), nn.Linear(FEATURES, sum(WIDTHS.values()))
        )
        self.projection = nn.Sequential(
            nn.Linear(FEATURES, FEATURES),
            nn.BatchNorm1d(FEATURES),
            nn.ReLU(),
            nn.Linear(FEATURES, _EMBEDDING),
        )

    def forward(self, pictures: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Predicted targets by group, and embeddings of length 1.

        Args:
            pictures: (count, 3, side, side) from 0 to 1.
        """
        mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _DEVIATION))
        prepared = ((pictures - mean) / deviation).contiguous(memory_format=torch.channels_last)
        with autocast(device_named("cpu")):  # bfloat16 where the processor has it: emulated, it is slow
            features = self.backbone(prepared)
        features = features.float()
        predicted = self.head(features).split(list(WIDTHS.values()), dim=1)
        embedded = nn.functional.normalize(self.projection(features), dim=1)
        return dict(zip(WIDTHS, predicted, strict=True)), embedded
