"""Weight files of torchvision's networks: the published ones where they are at hand, else drawn numbers."""

from __future__ import annotations

from pathlib import Path

import torch
from tiny_project import settle
from torch import nn
from torchvision import models

NETWORKS = ("mobilenet_v2", "squeezenet1_1")


def draw_weights(folder: Path) -> None:
    """Files named and laid out like the published ones, holding drawn numbers that pass for trained.

    No bias is 0, as all are before training; batch norms know the statistics of some noise, which keeps the
    features alive.
    """
    for name in NETWORKS:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            network = models.get_model(name, weights=None)
            _begin_biases(network)
            settle(network, side=96, count=16)
        torch.save(network.state_dict(), folder / f"{name}-imagenet.pth")


def _begin_biases(network: nn.Module) -> None:
    for name, tensor in network.named_parameters():
        if name.endswith("bias"):
            nn.init.uniform_(tensor, -0.05, 0.05)
