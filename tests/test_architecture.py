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


def test_the_page_names_every_room_in_the_order_that_the_contract_keeps() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    on_page = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    contract = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = re.search(r"layers =\n((?:    tldesk\.\w+\n)+)", contract)
    assert layers is not None
    assert on_page == [line.strip().removeprefix("tldesk.") for line in layers[1].splitlines()][::-1]
