"""Nothing leaves the machine: the way from pictures to an answer opens no socket, asks no name server.

The other commands are watched where they run without window and timm (``test_without_window_and_timm``).
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from made_once import made_once
from socket_guard import GUARD

from tldesk.dataset.sample.write_sample import write_sample

# All in one process: torch is imported once. The commands are told, so that it is seen which of them failed.
COMMANDS = """
import json
from tldesk.cli.main import main
for command in json.loads(sys.argv[1]):
    print(*command, file=sys.stderr, flush=True)
    code = main(command)
    if code:
        sys.exit(code)
"""
SHORT = ("--set", "input_size=64", "--set", "phases.0.epochs=1", "--set", "phases.0.warmup_epochs=0")
TIMM = importlib.util.find_spec("timm") is not None
STARTER = Path(__file__).resolve().parents[1] / "resources" / "weights" / "starter_resnet18.safetensors"


def _run(*commands: Sequence[object]) -> str:
    """Run commands that must end well, one after the other; what they remarked."""
    words = json.dumps([[str(word) for word in one] for one in commands])
    done = subprocess.run(
        [sys.executable, "-c", GUARD + COMMANDS, words],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``_work`` leaves behind; only to be read."""
    return made_once(tmp_path_factory, "offline", _work)


def _work(folder: Path) -> None:
    """The way from pictures to an answer with the starter, and with one of timm's networks from scratch."""
    photos = folder / "photos"
    list(write_sample(photos, count=24, side=64))
    commands = _from_the_starter(folder, photos) if STARTER.is_file() else []
    commands += _with_timm(folder, photos) if TIMM else []
    (folder / "told.txt").write_text(_run(*commands), encoding="utf-8")


def _from_the_starter(folder: Path, photos: Path) -> list[Sequence[object]]:
    project = folder / "starter.tldesk"
    return [
        ("new", project, "--images", photos),
        ("train", project),
        ("evaluate", project),
        ("predict", project, photos, "--out", folder / "starter.csv"),
    ]


def _with_timm(folder: Path, photos: Path) -> list[Sequence[object]]:
    project = folder / "timm.tldesk"
    seen = ("--saliency", folder / "seen")
    return [
        ("new", project, "--images", photos),
        ("train", project, "--preset", "from_scratch", "--backbone", "lcnet_050", *SHORT),
        ("predict", project, photos / "healthy", "--out", folder / "timm.csv", *seen),
    ]


def test_the_guard_sees_a_socket() -> None:
    code = GUARD + "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert done.returncode == 97


@pytest.mark.slow
@pytest.mark.usefixtures("starter")
def test_a_fresh_machine_learns_from_the_starter_without_a_socket(offline: Path) -> None:
    """A folder of pictures, the recommended recipe, an answer: pretrained features, and nothing fetched."""
    told = (offline / "told.txt").read_text(encoding="utf-8")
    assert "Recommended: feature extraction with Starter (ResNet-18)" in told
    assert (offline / "starter.csv").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not TIMM, reason="the extra tldesk[timm] is not installed")
def test_timms_networks_are_built_without_a_socket(offline: Path) -> None:
    assert (offline / "timm.csv").is_file()
    assert any((offline / "seen").iterdir())
