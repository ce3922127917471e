"""docs/ARCHITECTURE.md carries the whole program in one screen; here that script runs as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    from tldesk.dataset.sample.write_sample import write_sample

    list(write_sample(tmp_path / "photos", count=48, side=96))
    shutil.copy(next((tmp_path / "photos").rglob("*.jpg")), tmp_path / "new_leaf.jpg")
    return tmp_path


@pytest.fixture
def weights_in_library(tmp_path: Path) -> None:
    """Random numbers in torchvision's layout: the way through the library is the same as for real weights."""
    import torch
    import torchvision

    from tldesk.model.library import WeightsLibrary

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = torchvision.models.mobilenet_v3_small()
    torch.save(network.state_dict(), tmp_path / "downloaded.pth")
    WeightsLibrary().import_file(tmp_path / "downloaded.pth")


@pytest.mark.usefixtures("weights_in_library")
def test_the_pipeline_script_runs_as_it_stands(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    script = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert script is not None
    monkeypatch.chdir(photos)
    names: dict[str, object] = {}
    exec(compile(script[1], "ARCHITECTURE.md", "exec"), names)  # the page is ours
    answer = names["answer"]
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
    assert answer.predicted in {"blight", "healthy", "mildew", "rust"}
    names["project"].close()


def test_the_page_draws_every_folder_of_the_house() -> None:
    drawn = [path for path, _ in house() if not path.suffix and path.parts[0] != "resources"]
    packages = {path.parent.relative_to(ROOT) for path in (ROOT / "tldesk").rglob("__init__.py")}
    assert sorted(drawn) == sorted(packages)


def test_every_folder_on_the_page_has_a_line_that_says_what_is_in_it() -> None:
    assert all(words for path, words in house() if path != Path("tldesk"))


def test_rooms_stand_on_the_page_in_the_order_that_the_contract_keeps() -> None:
    contract = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = re.search(r"containers = tldesk\nexhaustive = True\nlayers =\n((?:    \w+\n)+)", contract)
    assert layers is not None
    rooms = [line.strip() for line in layers[1].splitlines() if line.strip() != "__main__"]
    assert [path.name for path, _ in house() if len(path.parts) == 2] == rooms[::-1]


def test_files_that_the_page_sends_readers_to_are_there() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tldesk/)?[a-z_]+/[a-z_/]*(?:\.py)?)`", page)
    assert len(named) > 10
    places = (ROOT / "tldesk", ROOT)
    missing = [name for name in named if not any((place / name).exists() for place in places)]
    assert set(missing) <= {"photos/", "report/", "service/"}  # the user's, and rooms to come


def house() -> list[tuple[Path, str]]:
    """The tree of ARCHITECTURE.md: each path from the project's root, and what is said of it."""
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = re.search(r"```\n(tldesk/\n.*?)```", page, re.DOTALL)
    assert tree is not None
    found: list[tuple[Path, str]] = []
    open_folders: list[str] = []
    for line in tree[1].splitlines():
        name, _, words = line.strip().partition(" ")
        depth = (len(line) - len(line.lstrip())) // 2
        open_folders[depth:] = [name.rstrip("/")]
        found.append((Path(*open_folders), words.strip()))
    return found
