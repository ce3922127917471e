"""Without timm its networks are not listed, and an error explains how to install it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from cli_calls import Ended, one_line
from made_once import made_once
from missing_packages import run_without
from PIL import Image

from tldesk.cli.main import main
from tldesk.recipe import preset

_COMMANDS = """
import io, json
from contextlib import redirect_stderr, redirect_stdout
from tldesk.cli.main import main
ended = {}
for name, command in json.loads(sys.argv[1]).items():
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(command)
    ended[name] = {"code": code, "out": out.getvalue(), "err": err.getvalue()}
print(json.dumps(ended))
"""
_INSTALL = 'Install it (python -m pip install "tldesk[timm]"), or choose another network.'
_WHAT = "LCNet 0.5 is a network of the library timm, which is not installed here. "
_TIMM = importlib.util.find_spec("timm") is not None
_needs_timm = pytest.mark.skipif(not _TIMM, reason="the extra tldesk[timm] is not installed")
_SHORT = [f"--set={one}" for one in ("phases.0.epochs=1", "phases.0.warmup_epochs=0", "input_size=64")]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``_fill`` leaves; only to be read."""
    return made_once(tmp_path_factory, "without_timm", _fill)


@pytest.fixture
def ended(folder: Path) -> dict[str, Ended]:
    """How the commands ended, by their names in ``_commands``."""
    told = json.loads((folder / "ended.json").read_text(encoding="utf-8"))
    return {name: Ended(**one) for name, one in told.items()}


def _fill(folder: Path) -> None:
    """A project, with timm also a model and a weight file of one of its networks; then all without timm."""
    for name, colour in (("blau", 40), ("rot", 200)):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(8):
            pixels = np.full((48, 48, 3), colour + number, np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / name / f"{number}.png")
    preset("from_scratch", "lcnet_050", stages=("stem", "stage1")).save(folder / "recipe.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDESK_HOME", str(folder / "home"))
        assert (
            main(["new", str(folder / "leaves.tldesk"), "--images", str(folder / "photos"), "--quiet"]) == 0
        )
        if _TIMM:
            _use_timm(folder)
        done = run_without(("timm",), _COMMANDS, json.dumps(_commands(folder)))
    assert done.returncode == 0, done.stderr
    (folder / "ended.json").write_text(done.stdout, encoding="utf-8")


def _use_timm(folder: Path) -> None:
    from timm import create_model

    project = str(folder / "leaves.tldesk")
    scratch = ["--preset", "from_scratch", "--backbone", "lcnet_050", *_SHORT]
    assert main(["train", project, *scratch, "--quiet"]) == 0
    table = str(folder / "with.csv")
    assert main(["predict", project, str(folder / "photos"), "--out", table, "--quiet"]) == 0
    torch.save(create_model("lcnet_050", pretrained=False).state_dict(), folder / "model.pth")


def _commands(folder: Path) -> dict[str, list[str]]:
    project = str(folder / "leaves.tldesk")
    table = str(folder / "without.csv")
    return {
        "list": ["weights", "list", "--json"],
        "train": ["train", project, "--backbone", "lcnet_050"],
        "recipe": ["train", project, "--recipe", str(folder / "recipe.toml")],
        "fetch": ["weights", "fetch", "lcnet_050"],
        "show": ["weights", "show", "lcnet_050"],
        "predict": ["predict", project, str(folder / "photos"), "--out", table],
        "import": ["weights", "import", str(folder / "model.pth")],
    }


def test_the_library_lists_torchvisions_networks_only(ended: dict[str, Ended]) -> None:
    names = [one["name"] for one in ended["list"].document["weights"]]
    assert len(names) == 81  # torchvision's, and the starter's
    assert "resnet18" in names
    assert "lcnet_050" not in names


def test_a_recipe_that_names_one_is_refused(ended: dict[str, Ended]) -> None:
    assert one_line(ended["train"]).endswith(_WHAT + _INSTALL)
    assert one_line(ended["recipe"]) == f"tldesk: backbone: {_WHAT}{_INSTALL}"


@pytest.mark.parametrize("command", ["fetch", "show"])
def test_its_weights_are_neither_fetched_nor_shown(command: str, ended: dict[str, Ended]) -> None:
    assert one_line(ended[command]) == f"tldesk: lcnet_050: {_WHAT}{_INSTALL}"


@_needs_timm
@pytest.mark.slow
def test_a_model_that_was_trained_with_it_says_what_it_needs(folder: Path, ended: dict[str, Ended]) -> None:
    assert len((folder / "with.csv").read_text(encoding="utf-8").splitlines()) == 1 + 16
    assert one_line(ended["predict"]).endswith(_WHAT + _INSTALL)
    assert not (folder / "without.csv").exists()


@_needs_timm
def test_its_weight_file_is_known_all_the_same(folder: Path, ended: dict[str, Ended]) -> None:
    path = folder / "model.pth"
    assert one_line(ended["import"]) == f"tldesk: {path}: {_WHAT}{_INSTALL}"
