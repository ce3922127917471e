"""Forged model files: of the right format, with values that would give wrong answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tldesk.base import ProblemError
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.model.model_file import ModelFile, weights_of
from tldesk.model.table_code import NumberColumn, TableCode, WordColumn
from tldesk.recipe import HeadSpec
from tldesk.run.checked_model import open_model, wrong_values

NAME = "squeezenet1_1"
NAN, INF = math.nan, math.inf
NUMBERS = NumberColumn("age", 40.0, 10.0, 20.0, 60.0, gaps=False)

Change = Callable[[ModelFile], ModelFile]


@pytest.fixture(scope="module")
def sound() -> ModelFile:
    spec = HeadSpec()
    network = build_network(card(NAME), 2, spec, weights=None, seed=1)
    width = card(NAME).features
    return ModelFile(
        backbone=NAME,
        head=spec,
        classes=("ant", "bee"),
        preprocessing=card(NAME).preprocessing(64, "crop"),
        weights=weights_of(network),
        embeddings=np.ones((2, width), np.float16),
        labels=np.array([0, 1]),
        contents=("aa", "bb"),
        novelty=(0.1, 0.2),
    )


def field(**values: Any) -> Change:
    return lambda model: replace(model, **values)


def pre(**values: Any) -> Change:
    return lambda model: replace(model, preprocessing=replace(model.preprocessing, **values))


def weight(name: str, value: torch.Tensor | float | None) -> Change:
    def change(model: ModelFile) -> ModelFile:
        tensors = dict(model.weights)
        if value is None:
            del tensors[name]
        elif isinstance(value, float):
            tensors[name] = tensors[name].clone()
            tensors[name].view(-1)[-1] = value
        else:
            tensors[name] = value
        return replace(model, weights=tensors)

    return change


FORGED: dict[str, Change] = {
    "no network": field(backbone=""),
    "an endless network": field(backbone="x" * 100_000),
    "one class": field(classes=("ant",)),
    "three classes": field(classes=("ant", "bee", "cat")),
    "ten thousand classes": field(classes=tuple(map(str, range(10_000)))),
    "the same class twice": field(classes=("ant", "ant")),
    "an empty class": field(classes=("ant", "")),
    "a blank class": field(classes=("ant", " \t")),
    "an endless class": field(classes=("ant", "b" * 1_000_000)),
    "size 0": pre(size=0),
    "size below 0": pre(size=-64),
    "a huge size": pre(size=10**9),
    "an unknown fit": pre(fit="rotate"),
    "mean NaN": pre(mean=(NAN, 0.5, 0.5)),
    "mean infinite": pre(mean=(0.5, 0.5, INF)),
    "mean huge": pre(mean=(0.5, 1e30, 0.5)),
    "std 0": pre(std=(0.2, 0.0, 0.2)),
    "std below 0": pre(std=(-0.2, 0.2, 0.2)),
    "std NaN": pre(std=(NAN, 0.2, 0.2)),
    "std infinite": pre(std=(0.2, 0.2, INF)),
    "crop 0": pre(crop_ratio=0.0),
    "crop above 1": pre(crop_ratio=8.0),
    "crop NaN": pre(crop_ratio=NAN),
    "a weight NaN": weight("backbone.features.0.weight", NAN),
    "a weight infinite": weight("backbone.features.0.bias", INF),
    "the head NaN": weight("head.layers.1.weight", NAN),
    "no head": weight("head.layers.1.bias", None),
    "a head of other classes": weight("head.layers.1.bias", torch.zeros(5)),
    "a head without sides": weight("head.layers.1.bias", torch.tensor(0.5)),
    "spread 0": weight("head.standardise.std", 0.0),
    "spread below 0": weight("head.standardise.std", -1.0),
    "no spread": weight("head.standardise.std", None),
    "features of another network": field(embeddings=np.ones((2, 7), np.float16)),
    "features NaN": field(embeddings=np.full((2, 512), NAN, np.float16)),
    "an unknown label": field(labels=np.array([0, 2])),
    "a label below 0": field(labels=np.array([-1, 1])),
    "temperature infinite": field(temperature=INF),
    "temperature tiny": field(temperature=1e-300),
    "novelty NaN": field(novelty=(0.1, NAN)),
    "novelty descending": field(novelty=(0.2, 0.1)),
    "novelty below 0": field(novelty=(-0.2, 0.1)),
    "a column of NaN": field(table=TableCode((replace(NUMBERS, mean=NAN),))),
    "a column of spread 0": field(table=TableCode((replace(NUMBERS, spread=0.0),))),
    "a column upside down": field(table=TableCode((replace(NUMBERS, low=99.0),))),
    "the same column twice": field(table=TableCode((NUMBERS, NUMBERS))),
    "the same word twice": field(table=TableCode((WordColumn("site", ("a", "a"), False, False),))),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_model_is_refused(sound: ModelFile, change: Change) -> None:
    assert 0 < len(next(wrong_values(change(sound)), "")) < 200


def test_files_are_checked_when_they_are_opened(sound: ModelFile, tmp_path: Path) -> None:
    sound.save(tmp_path / "sound.tlmodel")
    assert open_model(tmp_path / "sound.tlmodel").classes == sound.classes
    weight("head.layers.1.weight", NAN)(sound).save(tmp_path / "forged.tlmodel")
    with pytest.raises(ProblemError, match=r"cannot be used: the weights head\.layers\.1\.weight") as caught:
        open_model(tmp_path / "forged.tlmodel")
    assert "\n" not in str(caught.value)
