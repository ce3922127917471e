"""Small drawn projects and small random weights, for tests that train."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save
from torch import nn

from tldesk.dataset import Project
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import Augmentation, HeadSpec, Phase, Recipe

BACKBONE = "mobilenet_v3_small"
LATE_LINE = "stage5"
COLOURS = {"blau": (40, 60, 200), "grün": (40, 190, 60), "rot": (200, 50, 40)}


def draw_pictures(folder: Path, counts: tuple[int, int, int] = (8, 4, 4), side: int = 72) -> Path:
    """Noisy plain colours: train/, val/ and test/ with a folder a class."""
    for name, picture in _pictures(counts, side).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(picture)
    return folder


@functools.cache
def _pictures(counts: tuple[int, int, int], side: int) -> dict[str, bytes]:
    """The files by their names; many tests draw the same ones."""
    drawn = {}
    for split, count in zip(("train", "val", "test"), counts, strict=True):
        for label, (name, colour) in enumerate(COLOURS.items()):
            for index in range(count):
                noise = np.random.default_rng((label, index, len(split))).integers(
                    -40, 41, (side, side + 8, 3)
                )
                pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
                file = io.BytesIO()
                Image.fromarray(pixels).save(file, format="PNG", compress_level=1)  # noise stays as large
                drawn[f"{split}/{name}/bild {index}.png"] = file.getvalue()
    return drawn


def make_project(folder: Path, counts: tuple[int, int, int] = (8, 4, 4)) -> Project:
    """A project of drawn pictures with their own splits."""
    project = Project.create(folder / "bunte blätter.tldesk", draw_pictures(folder / "bilder", counts))
    project.split()
    return project


def random_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = BACKBONE, side: int = 64, count: int = 32
) -> WeightsLibrary:
    """A library with random weights of one backbone alone: "pretrained" works without a download."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(_weight_file(name, side, count))
    monkeypatch.setenv("TLDESK_WEIGHTS", str(folder))
    monkeypatch.setattr("tldesk.model.weights_folders.resource", folder.joinpath)  # without the starter
    return WeightsLibrary()


@functools.cache
def _weight_file(name: str, side: int, count: int) -> bytes:
    """The file of a backbone that nobody trained; many tests take the same one."""
    network = build_network(card(name), 2, HeadSpec(), weights=None, seed=7)
    settle(network, side, count)
    return save({name: tensor.clone().contiguous() for name, tensor in network.backbone_state().items()})


def settle(network: nn.Module, side: int, count: int) -> None:
    """Give batch norm the statistics of some pictures; without them random stages let hardly anything by."""
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0
        network.train()(torch.randn(count, 3, 1, 1) + 0.3 * torch.randn(count, 3, side, side))
    network.eval()


def small_recipe(*freezes: str, epochs: int = 2, rate: float = 0.003, **changes: object) -> Recipe:
    """A phase a freeze line ("all" if none), 64 px, small batches."""
    phases = tuple(
        Phase(freeze=freeze, epochs=epochs, learning_rate=rate, warmup_epochs=0.5)
        for freeze in freezes or ("all",)
    )
    values = {"batch_size": 8, "input_size": 64, "early_stopping": 0, "seed": 3} | changes
    return Recipe(backbone=BACKBONE, phases=phases, **values)


MODERATE = Augmentation(
    flip_horizontal=True, rotation=20, shift=0.1, zoom=0.2, brightness=0.2, saturation=0.2
)
