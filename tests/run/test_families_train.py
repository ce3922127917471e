"""One epoch on tiny pictures with a small network of each kind: train, finish, explain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from backbones import backbones
from tiny_project import make_project, random_weights, small_recipe

from tldesk import Predictor, Run, make_plan
from tldesk.model import card
from tldesk.trainer import EpochFinished


@pytest.mark.slow
@pytest.mark.parametrize("name", backbones())
def test_a_network_of_each_kind_trains_and_explains_itself(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = card(name)
    side = known.input_size if known.fixed_size else max(known.minimum_size, 96)
    line = known.stage_names[-1]
    random_weights(tmp_path / "weights", monkeypatch, name, side, 4)
    project = make_project(tmp_path, counts=(2, 1, 1))
    changes = {"backbone": name, "input_size": side}
    recipe = small_recipe(line, epochs=1).model_copy(update=changes)
    run = Run.create(project, make_plan(project, recipe, device="cpu"))
    epochs = [event for event in run.train() if isinstance(event, EpochFinished)]
    assert len(epochs) == 1
    assert np.isfinite(epochs[0].train_loss)
    predictor = Predictor.open(run.finish())
    picture = next((tmp_path / "bilder" / "test").rglob("*.png"))
    answer = predictor.predict(picture)
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-4)
    marks = predictor.explain(picture).marks
    assert marks.shape == (72, 80)
    assert np.isfinite(marks).all()
