from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_project import BACKBONE, LATE_LINE, make_project

from tldesk.base import Progress
from tldesk.dataset import Project, Split
from tldesk.engine import device_named, normalise, read_input
from tldesk.engine.feature_bank import FeatureBank
from tldesk.engine.picture_batches import PreprocessedPictures, UnusableImage
from tldesk.engine.trunk import TorchTrunk
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.recipe import HeadSpec

PREPROCESSING = card(BACKBONE).preprocessing(64)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def network() -> Network:
    return build_network(card(BACKBONE), 3, HeadSpec(), weights=None, seed=1)


def bank_of(project: Project, network: Network, line: str, **more: object) -> FeatureBank:
    pictures = PreprocessedPictures(project.cache_dir, PREPROCESSING)
    return FeatureBank(network, line, pictures, device_named("cpu"), cache_dir=project.cache_dir, **more)


@pytest.mark.parametrize(("line", "tolerance"), [("all", 2e-3), (LATE_LINE, 2e-3)])
def test_features_are_what_the_stages_give(
    project: Project, network: Network, line: str, tolerance: float
) -> None:
    items = project.snapshot().of(Split.VALIDATION)
    bank = bank_of(project, network, line)
    list(bank.fill(items))
    rows = torch.from_numpy(bank.rows([item.content for item in items])).float()
    inputs = torch.stack([torch.from_numpy(read_input(item.path, PREPROCESSING)) for item in items])
    with torch.no_grad():
        expected = network.trunk(line)(normalise(inputs, PREPROCESSING))
        expected = network.head.pool(expected) if line == "all" else expected
    assert rows.shape == expected.shape
    assert torch.allclose(rows, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.usefixtures("in_float32")
def test_kept_features_need_neither_pictures_nor_computing(project: Project, network: Network) -> None:
    items = project.snapshot().items
    list(bank_of(project, network, "all").fill(items))
    for item in items:
        item.path.unlink()

    class Refuses:
        precision = "float32"
        batch = 8

        def __call__(self, pixels: np.ndarray) -> np.ndarray:
            raise AssertionError("nothing is left to compute")

        stream = __call__

    again = bank_of(project, network, "all", evaluator=Refuses())
    assert list(again.fill(items)) == []
    assert len(again.rows([item.content for item in items])) == len(items)


def test_a_change_of_the_trunk_changes_the_key(project: Project, network: Network) -> None:
    items = project.snapshot().of(Split.TEST)
    list(bank_of(project, network, "all").fill(items))
    with torch.no_grad():
        next(network.stages.parameters()).add_(0.5)
    steps = list(bank_of(project, network, "all").fill(items))
    assert any(
        isinstance(step, Progress) and step.what == "Letting the network see the pictures" for step in steps
    )


def test_files_that_vanished_or_changed_are_left_out_with_their_reason(project: Project) -> None:
    items = project.snapshot().of(Split.TEST)
    items[0].path.unlink()
    items[1].path.write_bytes(items[2].path.read_bytes())
    pictures = PreprocessedPictures(project.cache_dir, PREPROCESSING)
    left_out = [step for step in pictures.fill(items) if isinstance(step, UnusableImage)]
    assert [one.path for one in left_out] == [items[0].path, items[1].path]
    assert "changed since it was last scanned" in left_out[1].reason
    assert pictures.usable(items) == list(items[2:])
    assert pictures.read([items[2].content])[0].tolist() == read_input(items[2].path, PREPROCESSING).tolist()


def test_stop_keeps_what_is_done(project: Project) -> None:
    items = project.snapshot().items
    pictures, stop = PreprocessedPictures(project.cache_dir, PREPROCESSING), threading.Event()
    stop.set()
    assert list(pictures.fill(items, stop)) == []
    stop.clear()
    steps = [step for step in pictures.fill(items, stop) if isinstance(step, Progress)]
    assert (steps[-1].done, steps[-1].total) == (len(items), len(items))


def test_out_of_memory_makes_the_batches_smaller() -> None:
    sizes: list[int] = []

    class Small(torch.nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            sizes.append(len(pictures))
            if len(pictures) > 3:
                raise RuntimeError(
                    "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
                )
            return pictures.mean(dim=(2, 3))

    trunk = TorchTrunk(Small().eval(), PREPROCESSING, device_named("cpu"))
    pixels = np.random.default_rng(0).integers(0, 256, (8, 3, 64, 64), dtype=np.uint8)
    rows = trunk(pixels)
    assert sizes == [8, 4, 2, 2, 2, 2]
    expected = normalise(torch.from_numpy(pixels), PREPROCESSING).mean(dim=(2, 3))
    assert np.allclose(rows, expected.numpy(), atol=1e-5)
