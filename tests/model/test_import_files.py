"""Real weight files as people bring them: recognised without being told, or refused in plain words."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor
from torchvision import models

from tldesk.base import ProblemError, machine_weights_dir, user_weights_dir
from tldesk.model import CARDS, card
from tldesk.model.bundle import bundling
from tldesk.model.import_files import ImportResult, files_in, taking_in
from tldesk.model.library import WeightsLibrary
from tldesk.model.missing_weights import published_url, steps_for
from tldesk.model.weights_folders import is_for_the_library
from tldesk.model.weights_sanity import drawn_pictures, feature_spread

# What is asked is what a library holds that began empty.
pytestmark = pytest.mark.usefixtures("no_starter")

State = dict[str, Tensor]
REAL = ("squeezenet1_1", "mobilenet_v2")
SMALL = "squeezenet1_1"


@pytest.fixture(autouse=True)
def torch_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))


def real(source: Path, name: str) -> Path:
    return source / f"{name}-imagenet.pth"


def state_of(source: Path, name: str = SMALL) -> State:
    return torch.load(real(source, name), weights_only=True)


def ended(steps):
    """What a generator gives at its end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def take_in(*paths: Path, library: WeightsLibrary | None = None) -> tuple[ImportResult, ...]:
    return ended(taking_in(library or WeightsLibrary(), files_in(paths)))


def _saved(content: object, path: Path) -> None:
    torch.save(content, path)


WAYS: dict[str, tuple[str, Callable[[State, Path], None]]] = {
    "wrapped": ("checkpoint.pth", lambda s, p: _saved({"epoch": 9, "state_dict": s}, p)),
    "prefixed": ("parallel.pt", lambda s, p: _saved({f"module.{n}": t for n, t in s.items()}, p)),
    "wrapped and prefixed": (
        "best.pth",
        lambda s, p: _saved({"model": {f"module.backbone.{n}": t for n, t in s.items()}}, p),
    ),
    "renamed to another network": ("resnet18-f37072fd.pth", _saved),
    "safetensors": ("weights.safetensors", safetensors.torch.save_file),
    "safetensors under a wrong ending": ("weights.pth", safetensors.torch.save_file),
    "torch's format under a wrong ending": ("weights.safetensors", _saved),
    "without an ending": ("weights", _saved),
    "in the older format": ("old.pth", lambda s, p: torch.save(s, p, _use_new_zipfile_serialization=False)),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("way", WAYS)
def test_a_real_file_is_recognised_however_it_was_saved(
    weights_source: Path, tmp_path: Path, name: str, way: str
) -> None:
    state = state_of(weights_source, name)
    file, save = WAYS[way]
    path = tmp_path / file
    save(state, path)
    entry = WeightsLibrary().import_file(path)
    assert (entry.name, entry.source, entry.place) == (name, file, "user")
    found = WeightsLibrary().load(name)
    assert set(found) == set(state)
    assert all(torch.equal(found[key], state[key]) for key in state)


class _Code:
    def __reduce__(self):
        return print, ("this must never be printed",)


def _cut(state: State, path: Path, share: float = 0.6) -> None:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def _first(state: State, shape: tuple[int, ...]) -> State:
    first = next(iter(state))
    return {**state, first: torch.ones(shape)}


REFUSED: dict[str, tuple[str, Callable[[State, Path], None], str]] = {
    "truncated": ("weights.pth", _cut, "the file is cut off: its end is missing"),
    "truncated safetensors": ("weights.safetensors", _cut, "the file is cut off: its end is missing"),
    "truncated in the header": (
        "weights.safetensors",
        lambda s, p: _cut(s, p, 0.0001),
        "the file is cut off: its end is missing",
    ),
    "of grey pictures": (
        "weights.pth",
        lambda s, p: _saved(_first(s, (64, 1, 3, 3)), p),
        "nearest to SqueezeNet 1.1 but do not fit it: "
        "features.0.weight is 64 x 1 x 3 x 3 instead of 64 x 3 x 3 x 3",
    ),
    "of another network": (
        "squeezenet1_1-b8a52dc0.pth",
        lambda s, p: _saved({f"encoder.{n}": t for n, t in s.items()}, p),
        "of no backbone known here (the first are encoder.features.0.weight",
    ),
    "pickled with code": (
        "weights.pth",
        lambda s, p: _saved({**s, "hook": _Code()}, p),
        "the file holds program code beside the weights, which is never run here",
    ),
    "all zero": (
        "weights.pth",
        lambda s, p: _saved({n: torch.zeros_like(t) for n, t in s.items()}, p),
        "SqueezeNet 1.1 with these weights says the same of every picture: they are empty or ruined",
    ),
    "too large to compute with": (
        "weights.pth",
        lambda s, p: _saved({n: t * 1e30 for n, t in s.items()}, p),
        "SqueezeNet 1.1 with these weights gives no numbers: they are empty or ruined",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_real_file_that_was_spoilt_is_refused(
    weights_source: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, spoil, words = REFUSED[what]
    path = tmp_path / file
    spoil(state_of(weights_source), path)
    with pytest.raises(ProblemError) as caught:
        WeightsLibrary().import_file(path)
    (problem,) = caught.value.problems
    assert problem.where == str(path)
    assert words in problem.what
    assert problem.fix
    assert "never be printed" not in capsys.readouterr().out
    assert not user_weights_dir().exists()


def test_a_published_name_over_other_contents_is_told(weights_source: Path, tmp_path: Path) -> None:
    path = tmp_path / card(SMALL).weight_files[0]
    torch.save({n: t * 1.01 for n, t in state_of(weights_source).items()}, path)
    (note,) = WeightsLibrary().import_file(path).notes
    assert "Its name is that of a published file, but its contents are not" in note


def test_weights_that_nobody_trained_are_told(weights_source: Path, tmp_path: Path) -> None:
    for name in ("resnet18", "squeezenet1_1", "mobilenet_v3_small"):
        path = tmp_path / f"{name}.pth"
        torch.save(models.get_model(name, weights=None).state_dict(), path)
        (note,) = WeightsLibrary().import_file(path).notes
        assert note.startswith("Nobody seems to have trained these weights")
    for name in REAL:
        assert WeightsLibrary().import_file(real(weights_source, name)).notes == ()


def test_living_features_differ_and_dead_ones_do_not(weights_source: Path) -> None:
    pictures = drawn_pictures(224)
    assert pictures.shape == (4, 3, 224, 224)
    assert len({float(one.abs().mean()) for one in pictures}) == 4
    state = state_of(weights_source)
    assert feature_spread(card(SMALL), state) > 0.1
    still = {n: torch.zeros_like(t) if n.endswith("weight") else t.abs() for n, t in state.items()}
    assert feature_spread(card(SMALL), still) < 1e-6  # biases alone: no picture comes through


# --- a folder -----------------------------------------------------------------------------------------------


@pytest.fixture
def stick(weights_source: Path, tmp_path: Path) -> Path:
    """Both real files, a copy of one, a cut one, a text: as on somebody's USB stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    for name in REAL:
        shutil.copyfile(real(weights_source, name), folder / f"{name}.pth")
    safetensors.torch.save_file(state_of(weights_source), folder / "zz copy.safetensors")
    _cut(state_of(weights_source), folder / "broken.pth")
    (folder / "notes.txt").write_text("no weights", encoding="utf-8")
    (folder / "._broken.pth").write_bytes(b"what macOS leaves on sticks")
    return folder


def test_folders_inside_a_folder_are_searched_but_not_a_whole_disk(stick: Path, tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d" / "e"
    deep.mkdir(parents=True)
    shutil.copyfile(stick / "squeezenet1_1.pth", deep / "too deep.pth")
    shutil.copyfile(stick / "squeezenet1_1.pth", deep.parent / "found.pth")
    (tmp_path / "a" / ".hidden").mkdir()
    shutil.copyfile(stick / "squeezenet1_1.pth", tmp_path / "a" / ".hidden" / "hidden.pth")
    assert [path.name for path in files_in([tmp_path / "a"])] == ["found.pth"]


def test_what_is_dropped_is_for_the_library_or_not(stick: Path, tmp_path: Path) -> None:
    assert is_for_the_library(stick / "broken.pth")
    assert not is_for_the_library(stick / "notes.txt")
    assert is_for_the_library(stick)
    (stick / "leaf.jpg").touch()
    assert not is_for_the_library(stick)  # pictures with a weight file beside them are pictures
    (tmp_path / "empty").mkdir()
    assert not is_for_the_library(tmp_path / "empty")


def test_one_refused_file_of_a_folder_does_not_stop_the_others(stick: Path) -> None:
    outcomes = {one.path.name: one for one in take_in(stick)}
    assert {name: one.state for name, one in outcomes.items()} == {
        "broken.pth": "refused",
        "mobilenet_v2.pth": "taken",
        "squeezenet1_1.pth": "taken",
        "zz copy.safetensors": "left",
    }
    assert "its end is missing" in outcomes["broken.pth"].why
    assert outcomes["zz copy.safetensors"].why == (
        "One file of SqueezeNet 1.1 is enough, and squeezenet1_1.pth came first"
    )
    assert set(WeightsLibrary().present()) == set(REAL)
    again = {one.path.name: one.why for one in take_in(stick)}
    assert again["mobilenet_v2.pth"] == "These very weights are here already"
    assert "came first" in again["zz copy.safetensors"]


def test_a_damaged_file_of_the_library_is_mended_by_bringing_it_again(stick: Path) -> None:
    take_in(stick)
    kept = WeightsLibrary().entry(SMALL).path
    assert kept is not None
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00")
    (one,) = take_in(stick / "squeezenet1_1.pth")
    assert one.state == "taken"
    assert {checked.ok for checked in WeightsLibrary().verify()} == {True}


def test_other_weights_of_a_backbone_tell_what_they_replace(stick: Path) -> None:
    take_in(stick)
    (one,) = take_in(stick / "zz copy.safetensors")
    assert (one.state, one.why) == ("taken", "It replaces squeezenet1_1.pth")


def test_a_folder_without_weights_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"in this folder, nor in those inside it\. Choose the folder"):
        files_in([tmp_path])


def test_a_stop_keeps_what_was_taken(stick: Path) -> None:
    stop = threading.Event()
    steps = taking_in(
        WeightsLibrary(), files_in([stick / "squeezenet1_1.pth", stick / "mobilenet_v2.pth"]), stop
    )
    next(steps)
    next(steps)
    stop.set()
    assert [one.state for one in ended(steps)] == ["taken"]
    assert len(WeightsLibrary().present()) == 1


# --- places -------------------------------------------------------------------------------------------------


def test_weights_can_be_kept_in_a_project(weights_source: Path, tmp_path: Path) -> None:
    project = tmp_path / "leaves.tldesk"
    entry = WeightsLibrary(project=project, into_project=True).import_file(real(weights_source, SMALL))
    assert (entry.place, entry.path) == ("project", project / "weights" / "squeezenet1_1.safetensors")
    assert WeightsLibrary(project=project).present() == (SMALL,)
    assert WeightsLibrary().present() == ()


def test_the_projects_weights_go_before_the_users_and_those_before_everybodys(
    weights_source: Path, tmp_path: Path
) -> None:
    project = tmp_path / "leaves.tldesk"
    for folder in (project / "weights", machine_weights_dir()):
        folder.mkdir(parents=True)
        shutil.copyfile(real(weights_source, SMALL), folder / "squeezenet1_1-imagenet.pth")
    library = WeightsLibrary(project=project)
    assert library.entry(SMALL).place == "project"
    assert library.entry(SMALL).path == project / "weights" / "squeezenet1_1-imagenet.pth"
    assert WeightsLibrary().entry(SMALL).place == "machine"
    taken = library.import_file(real(weights_source, SMALL))
    assert taken.place == "user"
    assert taken.path == user_weights_dir() / "squeezenet1_1.safetensors"
    assert library.entry(SMALL).place == "project"
    assert WeightsLibrary().entry(SMALL).place == "user"
    shutil.rmtree(project / "weights")
    assert library.entry(SMALL).place == "user"
    assert library.entry("resnet18").place is None


# --- a bundle -----------------------------------------------------------------------------------------------


def test_a_bundle_is_imported_under_another_home(
    weights_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = WeightsLibrary()
    library.import_file(real(weights_source, SMALL))
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))  # the other one is only in a given folder
    folder = tmp_path / "USB stick" / "weights"
    packed = ended(bundling(WeightsLibrary(), (), folder))
    assert {path.name for path in packed} == {f"{name}.safetensors" for name in REAL}
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "choose Import folder" in readme
    assert "tldesk weights import PATH/TO/weights" in readme
    assert str(machine_weights_dir()) in readme
    assert "SqueezeNet 1.1" in readme
    assert "BSD-3-Clause" in (folder / "LICENCES.txt").read_text(encoding="utf-8")
    sums = dict(reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert len(sums) == 4
    for name, sha256 in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256

    monkeypatch.delenv("TLDESK_WEIGHTS")
    monkeypatch.setenv("TLDESK_HOME", str(tmp_path / "elsewhere"))
    assert WeightsLibrary().present() == ()
    assert [one.state for one in take_in(folder)] == ["taken", "taken"]
    for name in REAL:
        original = real(weights_source, name)
        entry = WeightsLibrary().entry(name)
        # A run that began with the original file can be gone on with: the hash is the original's.
        assert entry.sha256 == hashlib.sha256(original.read_bytes()).hexdigest()
        assert entry.source == original.name
        state, found = state_of(weights_source, name), WeightsLibrary().load(name)
        assert all(torch.equal(found[key], state[key]) for key in state)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not here")
def test_the_list_of_hashes_is_what_other_programs_read(weights_source: Path, tmp_path: Path) -> None:
    WeightsLibrary().import_file(real(weights_source, SMALL))
    ended(bundling(WeightsLibrary(), [SMALL], tmp_path / "packed"))
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "packed", check=False)
    assert checked.returncode == 0


def test_a_bundle_that_was_damaged_on_its_way_is_refused(weights_source: Path, tmp_path: Path) -> None:
    WeightsLibrary().import_file(real(weights_source, SMALL))
    (packed,) = ended(bundling(WeightsLibrary(), [SMALL], tmp_path / "packed"))
    packed.write_bytes(packed.read_bytes()[:-1] + b"\x07")
    (one,) = take_in(tmp_path / "packed")
    assert one.state == "refused"
    assert "it changed or was damaged on its way. Copy the folder again" in one.why


def test_what_cannot_be_packed_is_said(weights_source: Path, tmp_path: Path) -> None:
    library = WeightsLibrary()
    with pytest.raises(ProblemError, match="there are no weights to pack"):
        ended(bundling(library, (), tmp_path / "packed"))
    entry = library.import_file(real(weights_source, SMALL))
    with pytest.raises(ProblemError, match="the weights of ResNet-18 are not on this computer"):
        ended(bundling(library, [SMALL, "resnet18"], tmp_path / "packed"))
    assert entry.path is not None
    with pytest.raises(ProblemError, match="the folder that the library keeps its files in"):
        ended(bundling(library, [SMALL], entry.path.parent))
    entry.path.write_bytes(entry.path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ProblemError, match="damaged since it was imported"):
        ended(bundling(library, [SMALL], tmp_path / "packed"))
    assert not list((tmp_path / "packed").glob("*.safetensors"))


def test_the_steps_name_torchvisions_own_address() -> None:
    for known in CARDS.values():
        first = steps_for(known)[0]
        assert known.ships or f"open {published_url(known)} in the browser" in first
