"""A small training: it learns, goes on where it was cut off, and what it packs is what the program loads."""

from __future__ import annotations

import json
from itertools import islice

import pytest
import torch
from safetensors import safe_open

from pretraining.bank import draw_programme
from pretraining.lessons import Plan
from pretraining.packing import LARGEST, NAME, pack
from pretraining.targets import WIDTHS
from pretraining.training import Training
from tldesk import WeightsLibrary

pytestmark = pytest.mark.timeout(900)  # a processor without fast instructions needs minutes


@pytest.fixture(autouse=True)
def few_typical_pieces(monkeypatch):
    """What the targets are scaled by is measured on 32 pieces instead of 256, which would take seconds."""
    monkeypatch.setattr("pretraining.lessons._TYPICAL", 32)


@pytest.fixture(scope="module")
def bank():
    import numpy as np

    return [np.stack([draw_programme(0, number) for number in range(12)])]


def small(images=8, **changes):
    return Plan(images=images, programmes=4, **changes)


def test_sizes_grow_and_the_rate_rises_and_falls():
    plan = Plan(images=64_000, programmes=32)
    assert plan.steps == 1000
    assert [plan.side(step) for step in (0, 749, 750, 899, 900, 999)] == [64, 64, 96, 96, 128, 128]
    assert plan.rate_at(0) == pytest.approx(plan.rate / 100)
    assert plan.rate_at(99) == pytest.approx(plan.rate)
    assert plan.rate_at(750) == pytest.approx(plan.rate / 2)
    assert plan.rate_at(999) == pytest.approx(plan.rate / 500)


@pytest.mark.thorough
def test_the_loss_falls(bank):
    plan = small(images=224)
    assert plan.steps == 28
    steps = list(islice(Training(plan, bank).steps(), 20))  # until the pieces grow, which takes long
    assert [step.number for step in steps] == list(range(1, 21))
    first = sum(step.loss for step in steps[:5]) / 5
    last = sum(step.loss for step in steps[15:]) / 5
    assert last < 0.8 * first
    assert set(steps[0].parts) == {*WIDTHS, "contrast"}


@pytest.mark.thorough
def test_a_training_that_was_cut_off_goes_on_to_the_same_numbers(bank, tmp_path):
    whole = list(Training(small(32), bank).steps())
    first = Training(small(32), bank, tmp_path / "state.pt")
    steps = first.steps()
    begun = [next(steps), next(steps)]
    first.keep()
    steps.close()
    second = Training(small(32), bank, tmp_path / "state.pt", workers=1)
    assert second.done == 2
    rest = list(second.steps())
    assert [step.loss for step in begun + rest] == [step.loss for step in whole]


def test_a_checkpoint_of_another_plan_is_not_gone_on_from(bank, tmp_path):
    training = Training(small(), bank, tmp_path / "state.pt")
    training.keep()
    with pytest.raises(SystemExit, match="another plan"):
        Training(small(seed=1), bank, tmp_path / "state.pt")


def test_what_is_packed_is_what_the_program_loads(bank, tmp_path):
    training = Training(small(), bank)
    list(training.steps())
    path = pack(training.learner, tmp_path)
    assert path.name == f"{NAME}.safetensors"
    assert path.stat().st_size <= LARGEST
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"tldesk.backbone": NAME}
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["backbone"] == NAME
    library = WeightsLibrary([tmp_path])
    assert [found.ok for found in library.verify()] == [True]
    loaded = library.load(NAME)
    trained = training.learner.backbone.state_dict()
    assert {name for name in trained if not name.endswith("num_batches_tracked")} <= set(loaded)
    for name, tensor in loaded.items():
        if name in trained and tensor.is_floating_point():
            assert torch.allclose(tensor, trained[name], rtol=1e-3, atol=1e-4), name


def test_weights_that_overflow_are_not_packed(bank, tmp_path):
    training = Training(small(), bank)
    with torch.no_grad():
        training.learner.backbone.conv1.weight[0, 0, 0, 0] = 1e6
    with pytest.raises(ValueError, match="not finite"):
        pack(training.learner, tmp_path)
    assert list(tmp_path.iterdir()) == []
