"""Computing in bfloat16, on processors that have the instructions: rounding only, and kept apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tldesk.engine import device_named, read_input
from tldesk.engine.openvino_trunk import OpenVinoTrunk
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator, _cpu_has_bfloat16, precision
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import HeadSpec

CPU = device_named("cpu")
NAME = "mobilenet_v2"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _cpu_has_bfloat16(), reason="this processor has no bfloat16"),
]


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of each picture's features as the head gets them: the mean of their maps."""
    one, other = (maps.astype(np.float64).mean(axis=(2, 3)) for maps in (one, other))
    return (one * other).sum(axis=1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))


def test_real_pictures_look_the_same_as_in_float32(
    data_dir: Path, trained_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    preprocessing = card(NAME).preprocessing()
    weights = WeightsLibrary().load(NAME)
    trunk = build_network(card(NAME), 2, HeadSpec(), weights=weights, seed=0).eval().trunk("all")
    pictures = sorted((data_dir / "ants_bees").rglob("*.jpg"))[:12]
    pixels = np.stack([read_input(path, preprocessing) for path in pictures])

    def seen(evaluator: TrunkEvaluator) -> np.ndarray:
        return next(iter(evaluator.stream([pixels])))

    halves = [TorchTrunk(trunk, preprocessing, CPU), OpenVinoTrunk(trunk, "a", preprocessing, "bfloat16")]
    assert [one.precision for one in halves] == ["bfloat16", "bfloat16"]
    with monkeypatch.context() as patched:
        patched.setattr("tldesk.engine.trunk._cpu_has_bfloat16", lambda: False)
        assert precision(CPU) == "float32"
        exact = seen(TorchTrunk(trunk, preprocessing, CPU))
    for one in halves:
        assert cosines(seen(one), exact).min() > 0.999
        assert not np.array_equal(seen(one), exact), "it was not computed in bfloat16 at all"
