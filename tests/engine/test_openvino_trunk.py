from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from backbones import backbones
from torch import nn

from tldesk.engine import Device, device_named, normalise
from tldesk.engine import openvino_trunk as module
from tldesk.engine.choose_engine import engine_for, evaluator_for
from tldesk.engine.openvino_trunk import OpenVinoTrunk, UnconvertedError, is_converted
from tldesk.engine.trunk import TorchTrunk
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.recipe import HeadSpec

pytestmark = pytest.mark.usefixtures("in_float32")
CPU = device_named("cpu")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TLDESK_HOME", str(tmp_path))
    return tmp_path


def settled(name: str, line: str = "all") -> nn.Module:
    """A trunk with random weights whose batch norms have the statistics of pictures like those that follow.

    With others' statistics a random network blows up whatever differs, rounding too.
    """
    network = build_network(card(name), 3, HeadSpec(), weights=None, seed=2).eval()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 1.0
            norm.train()
    side = max(card(name).minimum_size, 96)
    with torch.no_grad():
        network(normalise(torch.from_numpy(pictures(16, side, seed=0)), card(name).preprocessing(side)))
    return network.eval().trunk(line)


def pictures(count: int, side: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 3, side, side), dtype=np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("name", backbones())
def test_openvino_gives_what_torch_gives(name: str) -> None:
    known = card(name)
    side = max(known.minimum_size, 96)
    preprocessing, trunk = known.preprocessing(side), settled(name)
    pixels = pictures(5, side)
    found = OpenVinoTrunk(trunk, name, preprocessing, "float32")(pixels)
    folded = TorchTrunk(trunk, preprocessing, CPU)(pixels)
    with torch.no_grad():
        inputs = normalise(torch.from_numpy(pixels), preprocessing)
        plain = trunk(inputs).numpy()
        exact = trunk.double()(inputs.double()).numpy()
    assert found.dtype == np.float32
    # Random networks blow rounding up, some more than others: torch's own rounding is the measure.
    rounding = max(np.abs(plain - exact).max(), np.abs(folded - exact).max())
    assert np.abs(found - exact).max() < 5 * rounding


def test_a_stream_keeps_the_order_and_any_batch_size_will_do() -> None:
    preprocessing, trunk = card("resnet18").preprocessing(64), settled("resnet18", "layer3")
    evaluator = OpenVinoTrunk(trunk, "order", preprocessing, "float32")
    batches = [pictures(count, 64, seed) for seed, count in enumerate([8] * 12 + [3, 1])]
    rows = list(evaluator.stream(batches))
    assert [len(one) for one in rows] == [len(one) for one in batches]
    plain = TorchTrunk(trunk, preprocessing, CPU)
    for one, batch in zip(rows, batches, strict=True):
        assert np.allclose(one, plain(batch), rtol=1e-3, atol=1e-3)


def test_streams_may_run_side_by_side() -> None:
    preprocessing, trunk = card("resnet18").preprocessing(64), settled("resnet18", "layer2")
    evaluator = OpenVinoTrunk(trunk, "beside", preprocessing, "float32")
    batches = [pictures(2, 64, seed) for seed in range(20)]
    pairs = list(zip(evaluator.stream(batches), evaluator.stream(batches[::-1]), strict=True))
    alone = list(evaluator.stream(batches))
    assert all(np.array_equal(one, expected) for (one, _), expected in zip(pairs, alone, strict=True))
    assert all(np.array_equal(one, expected) for (_, one), expected in zip(pairs, alone[::-1], strict=True))


@pytest.mark.slow
def test_the_last_one_is_used_again_as_long_as_its_file_is_there(home: Path) -> None:
    preprocessing, trunk = card("mobilenet_v3_small").preprocessing(64), settled("mobilenet_v3_small")
    first = evaluator_for(trunk, "again", preprocessing, CPU, "openvino")
    assert evaluator_for(trunk, "again", preprocessing, CPU, "openvino") is first
    other = evaluator_for(trunk, "again", card("mobilenet_v3_small").preprocessing(96), CPU, "openvino")
    assert other is not first
    shutil.rmtree(home / "engines")
    assert evaluator_for(trunk, "again", preprocessing, CPU, "openvino") is not first
    assert is_converted("again", preprocessing)


@pytest.mark.slow
def test_the_converted_model_is_kept_and_a_damaged_one_made_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preprocessing, trunk = card("mobilenet_v3_small").preprocessing(64), settled("mobilenet_v3_small")
    pixels = pictures(2, 64)
    assert not is_converted("kept", preprocessing)
    expected = OpenVinoTrunk(trunk, "kept", preprocessing, "float32")(pixels)
    assert is_converted("kept", preprocessing)
    converted: list[int] = []
    whole = module._converted
    monkeypatch.setattr(module, "_converted", lambda *args: converted.append(1) or whole(*args))
    assert np.array_equal(OpenVinoTrunk(trunk, "kept", preprocessing, "float32")(pixels), expected)
    assert not converted
    (weights,) = (home / "engines").glob("*.bin")
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 4 : len(damaged) // 2] = bytes(len(damaged) // 2 - len(damaged) // 4)
    weights.write_bytes(damaged)
    assert np.array_equal(OpenVinoTrunk(trunk, "kept", preprocessing, "float32")(pixels), expected)
    assert len(converted) == 1
    (description,) = (home / "engines").glob("*.xml")
    description.write_text("<net", encoding="utf-8")
    assert np.array_equal(OpenVinoTrunk(trunk, "kept", preprocessing, "float32")(pixels), expected)
    assert len(converted) == 2
    assert sorted(path.suffix for path in (home / "engines").iterdir()) == [".bin", ".xml"]


def test_another_trunk_under_the_same_name_is_noticed(home: Path) -> None:
    preprocessing = card("resnet18").preprocessing(64)
    one, other = settled("resnet18", "layer2"), settled("resnet18", "layer2")
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(-0.7)
    OpenVinoTrunk(one, "same", preprocessing, "float32")
    pixels = pictures(2, 64)
    found = OpenVinoTrunk(other, "same", preprocessing, "float32")(pixels)
    assert np.allclose(found, TorchTrunk(other, preprocessing, CPU)(pixels), rtol=1e-3, atol=1e-3)


class ByShape(nn.Module):
    """What it does depends on the number of pictures, which tracing freezes."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.mean(dim=(2, 3)) * (1.0 if len(pictures) == 1 else -1.0)


def test_what_cannot_be_converted_is_left_to_torch() -> None:
    preprocessing = card("resnet18").preprocessing(64)
    with pytest.raises(UnconvertedError, match="computes something else"):
        OpenVinoTrunk(ByShape().eval(), "by shape", preprocessing, "float32")
    chosen = evaluator_for(nn.Sequential(ByShape()).eval(), "by shape", preprocessing, CPU, "openvino")
    assert isinstance(chosen, TorchTrunk)


@pytest.mark.parametrize(
    ("pictures", "size", "engine"),
    # 0.057 billion multiply-adds a picture at 224 px, a quarter of that at 112
    [
        (31, 224, "torch"),
        (870, 224, "torch"),
        (880, 224, "openvino"),
        (880, 112, "torch"),
        (3520, 112, "openvino"),
    ],
)
def test_the_work_decides_whatever_was_converted_before(
    pictures: int, size: int, engine: str, home: Path
) -> None:
    small = card("mobilenet_v3_small")
    assert small.gmacs == 0.057
    assert engine_for(small, small.preprocessing(size), CPU, pictures) == engine
    assert engine_for(small, small.preprocessing(size), Device("cuda:0", "cuda", "GPU"), pictures) == "torch"


_CONVERT = """
import sys

def refuse(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        raise AssertionError(event)

sys.addaudithook(refuse)
import torch
from tldesk.engine.openvino_trunk import OpenVinoTrunk
from tldesk.model import card
trunk = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU()).eval()
OpenVinoTrunk(trunk, "quiet", card("resnet18").preprocessing(32), "float32")
loaded = [name for name, module in sys.modules.items() if "telemetry" in name and module is not None]
assert not any(name.startswith("openvino_telemetry") for name in loaded), loaded
assert not any(name.endswith("ovc.convert_impl") for name in loaded), loaded
"""


def test_openvino_reports_nothing_over_the_network(home: Path) -> None:
    """Its own converter counts its users; neither that converter nor the reporting package is loaded."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CONVERT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
