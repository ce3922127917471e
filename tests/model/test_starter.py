"""The starter: a backbone whose weights come with the program, and whose tensors are ResNet-18's too."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors
import torch
from card_checks import check_the_stages_are_the_network
from safetensors.torch import load_file, save_file
from torch import Tensor
from torchvision import models

from tldesk.base import ProblemError, user_weights_dir
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.model.bundle import bundling
from tldesk.model.cards import STARTER
from tldesk.model.import_files import ImportResult, files_in, taking_in
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import HeadSpec

ROOT = Path(__file__).resolve().parents[2]
OURS = {"tldesk.backbone": STARTER.name}


@pytest.fixture(autouse=True)
def torch_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))


@pytest.fixture
def state() -> dict[str, Tensor]:
    """torchvision's own ResNet-18 with random numbers that seem trained, without its classifier."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        drawn = models.resnet18(weights=None).state_dict()
    kept = {name: tensor for name, tensor in drawn.items() if not name.startswith("fc.")}
    return {name: tensor + 0.01 if name.endswith("bias") else tensor for name, tensor in kept.items()}


def _ended(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _take_in(*paths: Path) -> tuple[ImportResult, ...]:
    return _ended(taking_in(WeightsLibrary(), files_in(paths)))


def test_the_card_is_resnet18_seen_smaller_and_says_what_it_is() -> None:
    published = card("resnet18")
    assert (STARTER.name, STARTER.title) == ("starter_resnet18", "Starter (ResNet-18)")
    assert STARTER.stage_names == published.stage_names
    assert [one.parameters for one in STARTER.stages] == [one.parameters for one in published.stages]
    assert STARTER.parameters == 11_689_512 - 513_000  # no classifier comes with it
    assert STARTER.input_size % 32 == 0  # what it costs is worked out by that
    assert STARTER.imagenet_accuracy is None
    assert STARTER.licence.startswith("BSD-3-Clause")
    assert "no photo" in STARTER.trained_on
    for words in ("starter", "usually better for photos", "imported or downloaded"):
        assert words in STARTER.caution
    assert not published.caution
    assert not published.ships


def test_its_stages_are_torchvisions_network() -> None:
    check_the_stages_are_the_network(STARTER)


def test_the_file_is_small_half_precision_and_whole(starter: Path) -> None:
    assert starter.stat().st_size <= 25_000_000
    record = json.loads(starter.with_suffix(".json").read_text(encoding="utf-8"))
    sha256 = hashlib.sha256(starter.read_bytes()).hexdigest()
    assert (record["backbone"], record["sha256"], record["stored_sha256"]) == (STARTER.name, sha256, sha256)
    with safetensors.safe_open(starter, framework="pt") as file:
        assert file.metadata()["tldesk.backbone"] == STARTER.name
    kept = load_file(starter)
    assert {kept[name].dtype for name in kept if kept[name].dim() == 4} == {torch.float16}
    assert not [name for name in kept if name.startswith("fc.")]


def test_it_is_there_without_anything_being_brought_and_is_loaded_in_float32(starter: Path) -> None:
    library = WeightsLibrary()
    assert library.present() == (STARTER.name,)
    entry = library.entry(STARTER.name)
    assert (entry.path, entry.place, entry.imported) == (starter, "program", None)
    assert entry.sha256 == hashlib.sha256(starter.read_bytes()).hexdigest()
    loaded, kept = library.load(STARTER.name), load_file(starter)
    assert set(loaded) == set(kept)
    for name, tensor in loaded.items():
        assert tensor.dtype == (torch.float32 if kept[name].is_floating_point() else torch.int64)
        assert torch.equal(tensor, kept[name].to(tensor.dtype))
    theirs = models.resnet18(weights=None).eval()
    theirs.load_state_dict(loaded, strict=False)
    theirs.fc = torch.nn.Identity()
    network = build_network(STARTER, 3, HeadSpec(), weights=loaded, seed=0)
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(network.trunk("all")(pictures).mean((2, 3)), theirs(pictures))
    assert not library.entry("resnet18").present
    (checked,) = library.verify()
    assert (checked.ok, checked.what) == (True, "as it came with the program")


def test_a_file_of_resnet18_is_never_taken_for_the_starter(state: dict[str, Tensor], tmp_path: Path) -> None:
    theirs = tmp_path / "starter_resnet18.safetensors"
    save_file(state, theirs)
    entry = WeightsLibrary().import_file(theirs)
    assert entry.name == "resnet18"
    with pytest.raises(
        ProblemError,
        match=r"has the name of the weights of Starter .* but is not the file that comes with tldesk",
    ):
        WeightsLibrary([tmp_path]).load(STARTER.name)


def test_a_folder_with_files_called_alike_has_no_starter(state: dict[str, Tensor], tmp_path: Path) -> None:
    for name in ("starter_resnet18-other.safetensors", "starter_resnet18.copy.safetensors"):
        save_file(state, tmp_path / name, OURS)
    torch.save(state, tmp_path / "starter_resnet18.pth")
    assert WeightsLibrary([tmp_path]).present() == ()
    save_file(state, tmp_path / "resnet18.safetensors", OURS)
    assert WeightsLibrary([tmp_path]).present() == ("resnet18",)


def test_a_file_that_says_it_is_the_starter_is_believed_if_its_tensors_are(
    state: dict[str, Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "anything.safetensors"
    save_file({name: tensor.half() for name, tensor in state.items()}, path, OURS)
    entry = WeightsLibrary().import_file(path)
    assert (entry.name, entry.place) == (STARTER.name, "user")
    assert all(
        torch.equal(tensor, state[name].half().to(tensor.dtype))
        for name, tensor in WeightsLibrary().load(STARTER.name).items()
    )
    other = models.squeezenet1_1(weights=None).state_dict()
    trained = {name: tensor + 0.01 if name.endswith("bias") else tensor for name, tensor in other.items()}
    save_file(trained, path, OURS)
    assert WeightsLibrary().import_file(path).name == "squeezenet1_1"


def test_what_comes_with_the_program_is_packed_when_named_and_not_taken_in_twice(
    starter: Path, state: dict[str, Tensor], tmp_path: Path
) -> None:
    library = WeightsLibrary()
    with pytest.raises(ProblemError, match="no weights to pack, except those that come with tldesk"):
        _ended(bundling(library, (), tmp_path / "packed"))
    (packed,) = _ended(bundling(library, [STARTER.name], tmp_path / "packed"))
    assert packed.read_bytes() == starter.read_bytes()
    (one,) = _take_in(tmp_path / "packed")
    assert (one.state, one.why) == ("left", "These very weights come with the program")
    assert not user_weights_dir().exists()
    (tmp_path / "resnet18").mkdir()
    save_file(state, tmp_path / "resnet18" / "some.safetensors")
    _take_in(tmp_path / "resnet18")
    files = _ended(bundling(library, (), tmp_path / "all"))
    assert [path.name for path in files] == ["resnet18.safetensors"]


@pytest.mark.usefixtures("no_starter")
def test_a_packed_starter_mends_a_damaged_program(starter: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ProblemError, match=r"not on this computer, though they come with tldesk\. Install tldesk"
    ):
        WeightsLibrary().load(STARTER.name)
    for file in (starter, starter.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    (one,) = _take_in(tmp_path)
    assert (one.state, one.entry.name, one.entry.place) == ("taken", STARTER.name, "user")
    assert WeightsLibrary().sha256(STARTER.name) == hashlib.sha256(starter.read_bytes()).hexdigest()
    (again,) = _take_in(tmp_path)
    assert (again.state, again.why) == ("left", "These very weights are here already")
    kept = load_file(starter)
    assert all(
        torch.equal(tensor, kept[name].to(tensor.dtype))
        for name, tensor in WeightsLibrary().load(STARTER.name).items()
    )


def test_a_damaged_file_of_the_program_is_told(
    starter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(starter.parent, tmp_path / "weights")
    monkeypatch.setattr("tldesk.model.weights_folders.resource", tmp_path.joinpath)
    file = tmp_path / "weights" / starter.name
    file.write_bytes(file.read_bytes()[:-1] + b"\x07")
    (checked,) = WeightsLibrary().verify()
    assert (checked.ok, checked.what) == (False, "changed or damaged since it came with the program")
    assert checked.fix == "Install tldesk again"


@pytest.mark.parametrize("damaged", [False, True])
def test_there_is_nothing_to_fetch(request: pytest.FixtureRequest, damaged: bool) -> None:
    request.getfixturevalue("no_starter" if damaged else "starter")
    with pytest.raises(ProblemError, match="come with tldesk and are published nowhere else") as caught:
        WeightsLibrary().fetch(STARTER.name)
    assert ("Install tldesk again" in str(caught.value)) == damaged


def test_an_installed_program_finds_it(starter: Path, tmp_path: Path) -> None:
    """As an installed program finds it: ``tldesk/resources`` beside the modules."""
    shutil.copytree(ROOT / "tldesk", tmp_path / "tldesk", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources", tmp_path / "tldesk" / "resources")
    code = "from tldesk.model.library import WeightsLibrary as L; print(L().entry('starter_resnet18').path)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(tmp_path / "tldesk" / "resources" / "weights" / starter.name)
