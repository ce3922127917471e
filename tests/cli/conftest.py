"""A small project of coloured pictures, trained once, and a way to call commands as the shell does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from cli_calls import QUICK, Call, Ended
from made_once import made_once
from PIL import Image

from tldesk.cli.main import main

COLOURS = {"blau": (40, 60, 200), "grün": (50, 180, 60), "rot": (200, 50, 40)}
PLANTS = 8


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process; return its output and exit code."""

    def run(*arguments: object) -> Ended:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def leaves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each class, eight plants each with two noisy pictures of one colour; not to be changed."""
    return made_once(tmp_path_factory, "colours", _draw)


def _draw(folder: Path) -> None:
    random = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for number in range(PLANTS * 2):
            noise = random.normal(0, 40, (72, 96, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            plant = f"{name[0]}{number // 2}_{number % 2}"
            Image.fromarray(pixels).save(folder / name / f"plant{plant}.png")


@pytest.fixture(scope="session")
def made(leaves: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the leaves with one finished run of two epochs, to read from only: this process's copy."""
    made = made_once(tmp_path_factory, "made", lambda folder: _train(leaves, folder))
    return Path(shutil.copytree(made / "leaves.tldesk", tmp_path_factory.mktemp("made") / "leaves.tldesk"))


def _train(leaves: Path, folder: Path) -> None:
    project = folder / "leaves.tldesk"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDESK_HOME", str(folder / "home"))
        rule = ["--group-by", r"plant(.\d+)"]
        assert main(["new", str(project), "--images", str(leaves), "--quiet", *rule]) == 0
        assert main(["train", str(project), *QUICK, "--set", "phases.0.epochs=2", "--quiet"]) == 0


@pytest.fixture
def trained(made: Path, tmp_path: Path) -> Path:
    """A copy of the trained project that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "copy.tldesk"))
