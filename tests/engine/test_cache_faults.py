"""Full disks and damaged caches under real trainings: one clear line, nothing lost, the same numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from tiny_project import BACKBONE, LATE_LINE, draw_pictures, random_weights

from tldesk.base import ProblemError, user_dir
from tldesk.cli.main import main
from tldesk.dataset import Project, SnapshotItem
from tldesk.run import Run
from tldesk.run.checkpoint import read_best, read_last, write_best, write_last

pytestmark = pytest.mark.slow

SETTINGS = [
    *("--backbone", BACKBONE, "--seed", "3", "--device", "cpu", "--quiet", "--set", "input_size=64"),
    *("--set", "batch_size=8", "--set", "phases.0.epochs=2"),
]
LATE = ["--freeze", LATE_LINE, "--set", "phases.1.epochs=1"]
ALL = ["--freeze", "all"]

Numbers = list[tuple[float, ...]]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four pictures, too large to be decoded each time."""
    return draw_pictures(tmp_path_factory.mktemp("faults") / "bilder", (4, 2, 2), side=800)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A home with converted networks, and random weights, for all tests here: each takes a while to make."""
    with pytest.MonkeyPatch.context() as patch:
        random_weights(tmp_path_factory.mktemp("weights"), patch)
        patch.setenv("TLDESK_HOME", str(tmp_path_factory.mktemp("home")))
        yield {name: os.environ[name] for name in ("TLDESK_HOME", "TLDESK_WEIGHTS")}


@pytest.fixture(autouse=True)
def at_home(home: Path, places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in places.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def trained(pictures: Path, places: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two runs, of another trunk each: its caches are full. Not to be changed."""
    path = new_project(tmp_path_factory.mktemp("trained"), pictures)
    assert main(["train", str(path), *SETTINGS, *ALL]) == 0
    assert main(["train", str(path), *SETTINGS, *LATE]) == 0
    return path


def new_project(folder: Path, pictures: Path) -> Path:
    with Project.create(folder / "bunte blätter.tldesk", pictures) as project:
        project.split()
        return project.path


def numbers(path: Path, run: int) -> Numbers:
    """The losses and the accuracy of every epoch."""
    with Project.open(path) as project:
        epochs = Run.open(project, str(run)).history()
    return [(one.train_loss, one.validation_loss, one.validation_accuracy) for one in epochs]


def labelled(path: Path) -> tuple[SnapshotItem, ...]:
    with Project.open(path) as project:
        return project.snapshot().items


# --- damage -----------------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    """Turn over the bits of some bytes in the middle of a file."""
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, min(len(data) // 2 + 9, len(data))):
        data[place] ^= 0xFF
    path.write_bytes(data)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 3 // 5)


def scribble(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 3)


def each(pattern: str, damage: Callable[[Path], None]) -> Callable[[Path], None]:
    """Do it to every such file of a cache folder."""

    def do(folder: Path) -> None:
        found = sorted(folder.glob(pattern))
        assert found, pattern
        for path in found:
            damage(path)

    return do


def without_features(damage: Callable[[Path], None]) -> Callable[[Path], None]:
    """As well take the features away, so that the prepared pictures are needed again."""

    def do(cache_dir: Path) -> None:
        damage(cache_dir)
        shutil.rmtree(cache_dir / "features")

    return do


STORE = "features/*/"
DAMAGES = {
    "flipped rows": each(f"{STORE}rows.bin", flip),
    "short rows": each(f"{STORE}rows.bin", halve),
    "no rows": each(f"{STORE}rows.bin", Path.unlink),
    "garbage as index": each(f"{STORE}index.txt", scribble),
    "flipped index": each(f"{STORE}index.txt", flip),
    "no description": each(f"{STORE}about.json", Path.unlink),
    "flipped pictures": without_features(each("prepared/*/*/*.rgb", flip)),
    "short pictures": without_features(each("prepared/*/*/*.rgb", halve)),
    "no cache at all": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_changes_no_number(damage: str, trained: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(trained, tmp_path / "copy.tldesk"))
    DAMAGES[damage](path / "cache")
    assert main(["train", str(path), *SETTINGS, *ALL]) == 0
    assert main(["train", str(path), *SETTINGS, *LATE]) == 0
    for before, after in ((1, 3), (2, 4)):
        assert numbers(path, after) == numbers(trained, before)


@pytest.mark.parametrize("damage", [flip, halve])
def test_damaged_networks_change_no_number(
    damage: Callable[[Path], None], trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tldesk.engine.choose_engine._last", {})  # as after a start of the program
    files = [path for path in (user_dir() / "engines").glob("*") if path.is_file()]
    for path in files:
        damage(path)
    copy = Path(shutil.copytree(trained, tmp_path / "copy.tldesk"))
    shutil.rmtree(copy / "cache")
    assert main(["train", str(copy), *SETTINGS, *ALL]) == 0
    assert numbers(copy, 3) == numbers(trained, 1)


# --- full disks -------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder)
    ):
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def mount(*arguments: str | Path) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


def leave(disk: Path, room: int) -> None:
    """Fill the disk until only so many bytes are free."""
    with (disk / "filler").open("wb") as file:
        file.write(bytes(shutil.disk_usage(disk).free - room))


@pytest.mark.parametrize("name", ["plain", "Blätter"])
def test_a_checkpoint_that_does_not_fit_leaves_the_old_one(name: str, disk: Path) -> None:
    small, large = {"a": torch.arange(9)}, {"a": torch.zeros(1_000_000)}
    last, best = disk / name / "last.pt", disk / name / "best.safetensors"
    write_last(last, small)
    write_best(best, 1, small)
    with pytest.raises(ProblemError, match=r"last\.pt: .* \(No space left on device\)\. Check that the disk"):
        write_last(last, large)
    with pytest.raises(ProblemError, match=r"best\.safetensors: .*No space left on device"):
        write_best(best, 2, large)
    kept = read_last(last), read_best(best)
    assert all(state is not None and torch.equal(state["a"], small["a"]) for state in kept)
    assert sorted(path.name for path in (disk / name).iterdir()) == ["best.safetensors", "last.pt"]


@pytest.mark.parametrize(
    ("way", "room"),
    [(ALL, 0), (ALL, 60_000), (LATE, 200_000), (LATE, 800_000)],
    ids=["nothing", "no features", "no inputs", "some inputs"],
)
def test_a_full_disk_is_told_in_one_line_and_loses_nothing(
    way: list[str], room: int, disk: Path, pictures: Path, trained: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = new_project(disk, pictures)
    before = labelled(path)
    leave(disk, room)
    capfd.readouterr()
    assert main(["train", str(path), *SETTINGS, *way]) == 2
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1, told
    assert told[0].startswith("tldesk: ")
    assert "disk" in told[0]

    assert mount("-o", "remount,size=3g", disk)
    assert labelled(path) == before
    assert main(["train", str(path), *SETTINGS, *way]) == 0
    with Project.open(path) as project:
        last = Run.runs(project)[-1].number
    expected = numbers(trained, 1 if way is ALL else 2)
    assert numbers(path, last) == expected
