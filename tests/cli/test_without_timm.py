"""Without timm its networks are not listed, and an error explains how to install it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cli_calls import Call, Ended, one_line
from missing_packages import run_without
from PIL import Image

from tldesk.recipe import preset

_PROGRAM = "from tldesk.__main__ import program; program()"
_INSTALL = 'Install it (python -m pip install "tldesk[timm]"), or choose another network.'
_WHAT = "LCNet 0.5 is a network of the library timm, which is not installed here. "


def _without_timm(*arguments: str | Path) -> Ended:
    done = run_without(("timm",), _PROGRAM, *arguments)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def project(call: Call, tmp_path: Path) -> Path:
    for name, colour in (("blau", 40), ("rot", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(8):
            pixels = np.full((48, 48, 3), colour + number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    path = tmp_path / "leaves.tldesk"
    assert call("new", path, "--images", tmp_path / "photos").code == 0
    return path


def test_the_library_lists_torchvisions_networks_only() -> None:
    names = [one["name"] for one in _without_timm("weights", "list", "--json").document["weights"]]
    assert len(names) == 81  # torchvision's, and the starter's
    assert "resnet18" in names
    assert "lcnet_050" not in names


def test_a_recipe_that_names_one_is_refused(project: Path, tmp_path: Path) -> None:
    assert one_line(_without_timm("train", project, "--backbone", "lcnet_050")).endswith(_WHAT + _INSTALL)
    recipe = preset("from_scratch", "lcnet_050", stages=("stem", "stage1"))
    recipe.save(tmp_path / "recipe.toml")
    refused = one_line(_without_timm("train", project, "--recipe", tmp_path / "recipe.toml"))
    assert refused == f"tldesk: backbone: {_WHAT}{_INSTALL}"


@pytest.mark.parametrize("command", ["fetch", "show"])
def test_its_weights_are_neither_fetched_nor_shown(command: str) -> None:
    assert one_line(_without_timm("weights", command, "lcnet_050")) == f"tldesk: lcnet_050: {_WHAT}{_INSTALL}"


@pytest.mark.slow
def test_a_model_that_was_trained_with_it_says_what_it_needs(
    project: Path, call: Call, tmp_path: Path
) -> None:
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    short = ("phases.0.epochs=1", "phases.0.warmup_epochs=0", "input_size=64")
    options = [word for one in short for word in ("--set", one)]
    trained = call("train", project, "--preset", "from_scratch", "--backbone", "lcnet_050", *options)
    assert trained.code == 0, trained.err
    table = tmp_path / "table.csv"
    assert call("predict", project, tmp_path / "photos", "--out", table).code == 0
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1 + 16
    table.unlink()
    refused = one_line(_without_timm("predict", project, tmp_path / "photos", "--out", table))
    assert refused.endswith(_WHAT + _INSTALL)
    assert not table.exists()


def test_its_weight_file_is_known_all_the_same(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    path = tmp_path / "model.pth"
    torch.save(timm.create_model("lcnet_050", pretrained=False).state_dict(), path)
    assert one_line(_without_timm("weights", "import", path)) == f"tldesk: {path}: {_WHAT}{_INSTALL}"
