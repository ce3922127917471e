"""``tldesk estimate``: one row per freeze line, and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_calls import Call, one_line

from tldesk.engine import best_device
from tldesk.model import card
from tldesk.recipe import preset
from tldesk.trainer.costs.cost_book import BackboneCosts, CostBook, StageCost, costs_key

CARD = card("mobilenet_v2")


@pytest.fixture
def measured(weights_source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixed costs in place of a measurement, which has its own tests."""
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    recipe = preset("two_phase", CARD.name, stages=CARD.stage_names)
    stages = (StageCost(0.01, 0.02, 0.005, 10**6, 1000),) * len(CARD.stages)
    CostBook().put(costs_key(CARD, recipe, best_device()), BackboneCosts(stages, 0.001, 0.0))


def test_every_line_is_told_and_more_of_the_network_takes_longer(
    made: Path, measured: None, call: Call
) -> None:
    found = call("estimate", made, "--backbone", CARD.name, "--preset", "two_phase", "--json", "--quiet")
    lines = found.document["lines"]
    assert [one["freeze"] for one in lines] == [*reversed(CARD.lines)]
    assert [one["freeze"] for one in lines if one["recipe"]] == ["stage5"]
    epochs = [one["epoch_seconds"] for one in lines]
    assert epochs == sorted(epochs)
    trained = [one["trained"] for one in lines]
    assert trained == sorted(trained)
    table = call("estimate", made, "--backbone", CARD.name, "--preset", "two_phase").out.splitlines()
    assert len(table) == len(CARD.lines) + 2, "a heading, and a remark that no run has been timed yet"
    assert "your recipe" in next(line for line in table if line.startswith("stage5"))
    assert table[-1].startswith("No run has been timed on this computer yet")


def test_a_line_behind_the_head_is_refused(made: Path, measured: None, call: Call) -> None:
    assert "stage9" in one_line(call("estimate", made, "--backbone", CARD.name, "--freeze", "stage9"))
