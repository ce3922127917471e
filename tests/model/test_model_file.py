"""The model file: exact round trip, and refusals in plain words."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tldesk.base import ProblemError
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.model.model_file import FORMAT_VERSION, ModelFile, weights_of
from tldesk.model.table_code import NO_TABLE, TableCode
from tldesk.recipe import HeadSpec

NAME = "mobilenet_v3_small"
HEAD = HeadSpec(kind="dense", hidden=8, dropout=0.3)
MEMBERS = ["model.json", "weights.safetensors", "training.safetensors"]


@pytest.fixture(scope="module")
def network() -> Network:
    network = build_network(card(NAME), 3, HEAD, weights=None, seed=4)
    network.train()
    with torch.no_grad():
        features = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        network.head.set_statistics(network.trunk("all")(features))  # moves the running statistics too
    return network.eval()


@pytest.fixture
def model(network: Network) -> ModelFile:
    return ModelFile(
        backbone=NAME,
        head=HEAD,
        classes=("gesund", "Rost / Mehltau", "../mildew"),
        preprocessing=card(NAME).preprocessing(160, "letterbox"),
        weights=weights_of(network),
        embeddings=np.array([[0.1, 70000.0], [-2.0, 3.0]]),
        labels=np.array([2, 0]),
        contents=("aa", "bb"),
        temperature=1.0 / 3.0,
        unsure_below=0.7,
        novelty=(0.1, 0.30000000000000004),
        recipe={"name": "two phase", "phases": [{"freeze": "all"}]},
        run="run 3",
        created="2026-01-02T03:04:05+00:00",
        summary={"accuracy": 0.94},
    )


def test_the_round_trip_is_exact(model: ModelFile, network: Network, tmp_path: Path) -> None:
    path = tmp_path / "Blätter 1.tlmodel"
    model.save(path)
    again = ModelFile.load(path)
    for name in ("backbone", "head", "classes", "preprocessing", "temperature", "unsure_below", "novelty"):
        assert getattr(again, name) == getattr(model, name)
    for name in ("contents", "recipe", "run", "created", "summary"):
        assert getattr(again, name) == getattr(model, name)
    assert again.labels.tolist() == [2, 0]
    assert again.embeddings.dtype == np.float16
    assert again.embeddings.tolist() == np.float16([[0.1, 65504.0], [-2.0, 3.0]]).tolist()
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(again.network()(pictures), network(pictures))
    assert not again.network().training


def test_the_file_is_a_plain_zip_without_pickles(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == MEMBERS
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        document = json.loads(archive.read("model.json"))
        assert b"features.0.0.weight" in archive.read("weights.safetensors")[:20_000]
    assert (document["format"], document["version"]) == ("tldesk model", 1)
    assert list(tmp_path.iterdir()) == [path]


def test_columns_travel_with_the_model(model: ModelFile, tmp_path: Path) -> None:
    code = TableCode.learn(["Alter", "Ort"], [["20", "Süd"], ["60", "Nord"], ["", "Süd"]])
    network = build_network(card(NAME), 3, HEAD, weights=None, seed=1, table=code)
    torch.nn.init.normal_(network.head.beside.weight, generator=torch.Generator().manual_seed(2))
    path = tmp_path / "leaf.tlmodel"
    replace(model, table=code, weights=weights_of(network)).save(path)
    again = ModelFile.load(path)
    assert again.table == code
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    rows = torch.from_numpy(again.table.encode([["30", "Nord"], ["", "West"]]))
    with torch.no_grad():
        assert torch.equal(again.network()(pictures, rows), network(pictures, rows))
        assert not torch.equal(network(pictures, rows), network(pictures, 0 * rows))
    assert json.loads(_document(path))["version"] == 4
    first = {**json.loads(_document(path))["table"]["columns"][0], "kind": "picture"}
    _rewritten(path, "model.json", _document(path, table={"columns": [first]}))
    with pytest.raises(ProblemError, match=r"damaged \(table\.columns"):
        ModelFile.load(path)


def test_a_model_from_before_there_were_columns(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    document = json.loads(_document(path))
    del document["table"]
    _rewritten(path, "model.json", json.dumps(document).encode())
    assert ModelFile.load(path).table == NO_TABLE


def test_the_weights_are_copies(network: Network) -> None:
    kept = weights_of(network)
    assert kept["head.layers.0.weight"].data_ptr() != network.head.layers[0].weight.data_ptr()
    assert not any(tensor.requires_grad for tensor in kept.values())


def _rewritten(path: Path, member: str, content: bytes | None, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            if name != member:
                archive.writestr(name, data)
            elif content is not None:
                archive.writestr(name, content, compression)


def _document(path: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return json.dumps({**json.loads(archive.read("model.json")), **changes}).encode()


def test_a_newer_format_is_refused_in_plain_words(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    _rewritten(path, "model.json", _document(path, version=FORMAT_VERSION + 1, head="something new"))
    with pytest.raises(ProblemError, match=r"newer version of tldesk \(format 5, while 4 is known here\)"):
        ModelFile.load(path)


@pytest.mark.parametrize(
    ("member", "changes", "words"),
    [
        ("model.json", {"temperature": 0}, "temperature"),
        ("model.json", {"format": "something else"}, "format"),
        ("model.json", {"classes": []}, "classes"),
        ("model.json", {"contents": ["aa"]}, "differ in number"),
        ("model.json", None, "no item named 'model.json'"),
        ("weights.safetensors", None, "no item named 'weights.safetensors'"),
    ],
)
def test_an_incomplete_file_is_refused(model: ModelFile, tmp_path: Path, member, changes, words) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    _rewritten(path, member, None if changes is None else _document(path, **changes))
    with pytest.raises(ProblemError) as caught:
        ModelFile.load(path)
    (problem,) = caught.value.problems
    assert problem.what.startswith("this is not a model file, or it is damaged")
    assert words in problem.what


def test_compressed_members_are_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    _rewritten(path, "weights.safetensors", b"\0" * 1_000_000, zipfile.ZIP_DEFLATED)
    with pytest.raises(ProblemError, match=r"weights.safetensors is compressed"):
        ModelFile.load(path)


def test_damage_anywhere_is_noticed(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "leaf.tlmodel"
    model.save(path)
    whole = path.read_bytes()
    for place in (len(whole) // 3, len(whole) // 2, len(whole) - 2000):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        with pytest.raises(ProblemError, match="damaged"):
            ModelFile.load(path)
    for content in (whole[: len(whole) // 2], b"", b"something else"):
        path.write_bytes(content)
        with pytest.raises(ProblemError, match="damaged"):
            ModelFile.load(path)
    with pytest.raises(ProblemError, match="there is no such file"):
        ModelFile.load(tmp_path / "nowhere.tlmodel")


def test_weights_of_another_network_are_refused(model: ModelFile) -> None:
    other = ModelFile(
        backbone="resnet18",
        head=HEAD,
        classes=model.classes,
        preprocessing=model.preprocessing,
        weights=model.weights,
    )
    with pytest.raises(ProblemError, match="do not fit ResNet-18"):
        other.network()
    wrong_head = ModelFile(
        backbone=NAME,
        head=HeadSpec(kind="linear"),
        classes=model.classes,
        preprocessing=model.preprocessing,
        weights=model.weights,
    )
    with pytest.raises(ProblemError, match="the head's weights do not fit it"):
        wrong_head.network()
