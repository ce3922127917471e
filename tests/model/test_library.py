"""The weights library: bringing files in, finding them, refusing what is wrong, in plain words."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import safetensors.torch
import torch
from thorough import each_card
from torch import Tensor, nn
from torchvision import models

from tldesk.base import ProblemError, user_weights_dir
from tldesk.model import CARDS, card
from tldesk.model.build import build_network
from tldesk.model.library import WeightsLibrary
from tldesk.model.recognise import classifier_note, recognise
from tldesk.model.tensor_names import empty_network
from tldesk.recipe import HeadSpec

# What is asked is what a library holds that began empty.
pytestmark = pytest.mark.usefixtures("no_starter")

State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def torch_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("torch")
    monkeypatch.setenv("TORCH_HOME", str(folder))
    return folder


def _saved(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


@pytest.fixture(scope="module")
def state() -> State:
    """torchvision's own SqueezeNet 1.1, the smallest of the table, with random weights and biases."""
    drawn = models.squeezenet1_1(weights=None).state_dict()
    return {name: tensor + 0.01 if name.endswith("bias") else tensor for name, tensor in drawn.items()}


def _same(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> bool:
    return set(found) == set(expected) and all(torch.equal(found[name], expected[name]) for name in expected)


def test_the_real_files_are_recognised_by_their_tensors(weights_source: Path, tmp_path: Path) -> None:
    library = WeightsLibrary()
    assert library.present() == ()
    for name in ("mobilenet_v2", "squeezenet1_1"):
        original = weights_source / f"{name}-imagenet.pth"
        anonymous = tmp_path / "Gewichte für später.pth"
        shutil.copy(original, anonymous)
        entry = library.import_file(anonymous)
        assert (entry.name, entry.source, entry.notes) == (name, anonymous.name, ())
        assert entry.sha256 == hashlib.sha256(original.read_bytes()).hexdigest()
        assert entry.path == user_weights_dir() / f"{name}.safetensors"
        assert _same(library.load(name), torch.load(original, weights_only=True))
        network = build_network(card(name), 3, HeadSpec(), weights=library.load(name), seed=0)
        assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 3)
    assert library.present() == ("mobilenet_v2", "squeezenet1_1")
    assert len(library.entries()) == len(CARDS)


def test_a_folder_of_an_administrator_is_found_by_names(
    weights_source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    library = WeightsLibrary()
    entry = library.entry("squeezenet1_1")
    assert entry.present
    assert (entry.path, entry.sha256) == (weights_source / "squeezenet1_1-imagenet.pth", None)
    assert library.sha256("squeezenet1_1") == hashlib.sha256(entry.path.read_bytes()).hexdigest()
    assert len(library.load("squeezenet1_1")) == 52


def test_torchs_download_folder_is_read_by_torchvisions_names_only(state: State, torch_home: Path) -> None:
    folder = torch_home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    _saved(state, folder / "squeezenet1_1-other.pth")
    assert WeightsLibrary().present() == ()
    _saved(state, folder / "squeezenet1_1-b8a52dc0.pth")
    assert WeightsLibrary().present() == ("squeezenet1_1",)
    (checked,) = WeightsLibrary().verify()
    assert checked.ok is False  # the hash in the name is not that of these random weights
    assert "not the published file" in checked.what


@pytest.mark.parametrize(
    ("wrap", "note"),
    [
        (lambda s: {"epoch": 3, "optimizer": {"lr": 0.1}, "state_dict": s}, ""),
        (lambda s: {"model": {f"module.{name}": t for name, t in s.items()}}, '"module."'),
        (lambda s: {f"_orig_mod.model.{name}": t for name, t in s.items()}, '"_orig_mod.model."'),
        (
            lambda s: {"state_dict": {**{f"net.{n}": t for n, t in s.items()}, "loss.scale": torch.ones(2)}},
            '"net."',
        ),
    ],
)
def test_wrappers_and_prefixes_are_taken_off(state: State, tmp_path: Path, wrap, note: str) -> None:
    entry = WeightsLibrary().import_file(_saved(wrap(state), tmp_path / "checkpoint.pt"))
    assert entry.name == "squeezenet1_1"
    assert note in " ".join(entry.notes)
    assert bool(note) == bool(entry.notes)
    assert _same(WeightsLibrary().load("squeezenet1_1"), state)


def test_the_older_format_of_torch_and_safetensors_are_read_too(state: State, tmp_path: Path) -> None:
    old = tmp_path / "old.pth"
    torch.save(state, old, _use_new_zipfile_serialization=False)
    new = tmp_path / "new.safetensors"
    safetensors.torch.save_file(state, new)
    for path in (old, new):
        assert WeightsLibrary().import_file(path).source == path.name
        assert _same(WeightsLibrary().load("squeezenet1_1"), state)


def test_half_precision_becomes_float32_with_a_note(state: State, tmp_path: Path) -> None:
    half = {name: tensor.half() for name, tensor in state.items()}
    entry = WeightsLibrary().import_file(_saved(half, tmp_path / "half.pth"))
    assert entry.notes == ("Converted from float16 to float32",)
    found = WeightsLibrary().load("squeezenet1_1")
    assert _same(found, {name: tensor.float() for name, tensor in half.items()})


def test_another_classifier_or_none_is_no_obstacle(state: State, tmp_path: Path) -> None:
    other = {**state, "classifier.1.weight": torch.zeros(7, 512, 1, 1), "classifier.1.bias": torch.zeros(7)}
    entry = WeightsLibrary().import_file(_saved(other, tmp_path / "seven.pth"))
    assert entry.notes == ("Its classifier for 7 classes is not used",)
    bare = {name: tensor for name, tensor in state.items() if not name.startswith("classifier")}
    entry = WeightsLibrary().import_file(_saved(bare, tmp_path / "bare.pth"))
    assert entry.notes == ("The file has no classifier; none is needed",)


def _quantised(state: State) -> State:
    return {name: torch.quantize_per_tensor(tensor, 0.01, 0, torch.qint8) for name, tensor in state.items()}


@pytest.mark.filterwarnings("ignore:.*quantiz.*", "ignore:.*TypedStorage.*", "ignore:.*[Qq]uantized.*")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: {**s, "features.0.weight": torch.zeros(64, 3, 5, 5)},
         "nearest to SqueezeNet 1.1 but do not fit it: features.0.weight is 64 x 3 x 5 x 5 instead of 64"),
        (lambda s: {n: t for n, t in s.items() if n != "features.12.expand3x3.bias"},
         "features.12.expand3x3.bias is missing"),
        (lambda s: {**s, "extra.weight": torch.zeros(1)}, "extra.weight does not belong to it"),
        (lambda s: {f"somewhere.{n}": t for n, t in s.items()}, "of no backbone known here (the first are"),
        (lambda s: {n: t * torch.nan for n, t in s.items()}, "52 tensors hold numbers that are not finite"),
        (lambda s: {n: (t * 100).to(torch.int8) for n, t in s.items()}, "quantised"),
        (_quantised, "quantised"),
        (lambda s: torch.zeros(3), "holds one tensor instead of named weights"),
        (lambda s: [1, 2], "holds a list instead of named weights"),
        (lambda s: {"epoch": 3}, "there are no weights in this file"),
        (lambda s: nn.Linear(2, 2), "program code beside the weights, which is never run here"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(state: State, tmp_path: Path, change, words: str) -> None:
    path = _saved(change(state), tmp_path / "file.pth")
    with pytest.raises(ProblemError) as caught:
        WeightsLibrary().import_file(path)
    (problem,) = caught.value.problems
    assert problem.where == str(path)
    assert words in problem.what
    assert problem.fix
    assert not user_weights_dir().exists()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("file.pth", _cut, "the file is cut off"),
        ("file.safetensors", _cut, "the file is cut off"),
        ("file.pth", lambda data: b"", "the file is empty"),
        ("file.pth", lambda data: b"not weights at all", "damaged or is not a weight file"),
        ("file.safetensors", lambda data: b"\xff" * 100, "damaged or is not a weight file"),
        ("file.pth", lambda data: b"\n<!DOCTYPE html><title>Sign in</title>", "this is a web page"),
    ],
)
def test_damaged_files_are_refused(state: State, tmp_path: Path, name: str, damage, words: str) -> None:
    path = tmp_path / name
    if path.suffix == ".pth":
        torch.save(state, path)
    else:
        safetensors.torch.save_file(state, path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ProblemError, match=words):
        WeightsLibrary().import_file(path)


def test_a_malicious_pickle_is_not_run(tmp_path: Path) -> None:
    proof = tmp_path / "proof"

    class Evil:
        def __reduce__(self):
            return Path.touch, (proof,)

    with pytest.raises(ProblemError, match="never run here"):
        WeightsLibrary().import_file(_saved({"features.0.weight": Evil()}, tmp_path / "evil.pth"))
    assert not proof.exists()


def test_a_missing_file_and_absent_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no such file"):
        WeightsLibrary().import_file(tmp_path / "nowhere.pth")
    with pytest.raises(
        ProblemError, match=r"weights of VGG-16 are not on this computer. Import a file such as vgg16-"
    ):
        WeightsLibrary().load("vgg16")


def test_verify_finds_a_changed_file(state: State, tmp_path: Path) -> None:
    library = WeightsLibrary()
    entry = library.import_file(_saved(state, tmp_path / "file.pth"))
    assert [(checked.name, checked.ok) for checked in library.verify()] == [("squeezenet1_1", True)]
    assert entry.path is not None
    data = bytearray(entry.path.read_bytes())
    data[-1] ^= 1
    entry.path.write_bytes(data)
    (checked,) = library.verify()
    assert checked.ok is False
    assert checked.what == "changed or damaged since it was imported"
    assert checked.fix == "Import or fetch it again"


def test_a_broken_record_is_left_aside(state: State, tmp_path: Path) -> None:
    library = WeightsLibrary()
    entry = library.import_file(_saved(state, tmp_path / "file.pth"))
    assert entry.path is not None
    record = entry.path.with_suffix(".json")
    assert json.loads(record.read_text(encoding="utf-8"))["backbone"] == "squeezenet1_1"
    record.write_text("{", encoding="utf-8")
    again = library.entry("squeezenet1_1")
    assert again.present
    assert again.sha256 is None
    assert [checked.ok for checked in library.verify()] == [None]


def test_a_file_with_anothers_name_is_refused_on_loading(state: State, tmp_path: Path) -> None:
    safetensors.torch.save_file(state, tmp_path / "resnet18.safetensors")
    with pytest.raises(ProblemError, match=r"do not fit ResNet-18: conv1.weight is missing"):
        WeightsLibrary([tmp_path]).load("resnet18")


@pytest.mark.parametrize("name", each_card(known for known in CARDS.values() if not known.ships))
def test_every_backbone_is_told_from_all_others_whatever_the_file_is_called(name: str) -> None:
    """Every tensor of ResNet-18 is in ResNet-34 too, in its shape."""
    state = empty_network(card(name)).state_dict()
    assert recognise(state, Path("resnet18.pth")).name == name
    assert classifier_note(card(name), state) is None


def test_a_relative_that_is_not_in_the_table_is_not_taken_for_one_that_is() -> None:
    with torch.device("meta"):
        state = models.resnet.ResNet(models.resnet.Bottleneck, [3, 4, 7, 3]).state_dict()
    with pytest.raises(
        ProblemError, match=r"nearest to ResNet-50 .*layer3.6.conv1.weight does not belong to it"
    ):
        recognise(state, Path("resnet50.pth"))
