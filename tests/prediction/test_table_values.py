"""Columns beside new pictures: the table read, what is missing told, and the picture alone explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from column_project import write_rows

from tldesk.engine import device_named
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.model.table_code import NO_TABLE, TableCode
from tldesk.prediction.explainer import Explainer
from tldesk.prediction.table_values import missing_words, values_of_table
from tldesk.recipe import HeadSpec

CODE = TableCode.learn(["age", "site"], [["20", "a"], ["60", "b"], ["40", ""]])


def test_pictures_are_found_by_the_end_of_their_paths(tmp_path: Path) -> None:
    paths = [tmp_path / place for place in ("a/1.png", "b/1.png", "b/2.png", "c/drei.png")]
    rows = [
        {"picture": "a/1.png", "AGE": "1"},
        {"picture": "C:\\photos\\b\\1.png", "AGE": "2"},
        {"picture": "1", "AGE": "9"},  # two pictures
        {"picture": "drei", "AGE": "3"},
    ]
    found = values_of_table(write_rows(tmp_path / "t.csv", rows), paths, ["age"])
    assert found.values == {paths[0]: {"age": "1"}, paths[1]: {"age": "2"}, paths[3]: {"age": "3"}}
    assert found.notes == (
        "1 row of t.csv could mean several files each and was not used, the first: 1;"
        " write the file's whole name, with its folder and its ending.",
        "The file names in t.csv begin with C:/photos/, which the folder of pictures does not have;"
        " it was disregarded.",
    )


def test_what_is_missing_is_one_line() -> None:
    assert missing_words(CODE, [{"age": "3", "site": "a"}]) == ""
    assert missing_words(NO_TABLE, [{}]) == ""
    assert (
        missing_words(CODE, [{}])
        == "Of 1 picture the model does not know: age of 1, site of 1. There it answers without."
    )
    told = missing_words(CODE, [{"age": "3"}, {"age": "old", "site": "b"}, {"age": "4", "site": "z"}])
    assert told == "Of 3 pictures the model does not know: age of 1, site of 2. There it answers without."


def _network() -> Network:
    network = build_network(card("squeezenet1_1"), 3, HeadSpec(), weights=None, seed=3, table=CODE)
    head = network.head
    torch.nn.init.normal_(head.beside.weight, generator=torch.Generator().manual_seed(2))
    return network


def test_a_map_is_of_the_picture_and_the_class_of_both() -> None:
    network = _network()
    explainer = Explainer(network, card("squeezenet1_1").preprocessing(96), device_named("cpu"))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 96, 96)).astype(np.uint8)
    old, young = (torch.from_numpy(CODE.encode([[age, "a"]])) for age in ("60", "20"))
    # the layer is linear in the picture: what stands beside it moves no gradient
    np.testing.assert_allclose(explainer.marks(pixels, 0, old), explainer.marks(pixels, 0, young), rtol=1e-5)
    names = ("rust", "rot", "healthy")
    with torch.no_grad():
        moved = network.head.beside(old - young)[0]
    best, least = int(moved.argmax()), int(moved.argmin())
    assert explainer.explain(pixels, names, row=old)[1] == best
    assert explainer.explain(pixels, names, row=young)[1] == least
    with pytest.raises(ValueError, match="no table was given"):
        explainer.explain(pixels, names)
