"""Nothing leaves the machine: the way from pictures to an answer opens no socket, asks no name server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tldesk.dataset.sample.write_sample import write_sample

# An audit hook sees every socket of the process, whoever opens it and through whichever library.
GUARD = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        print("SOCKET", event, arguments, file=sys.stderr, flush=True)
        import os; os._exit(97)
sys.addaudithook(watch)
"""
# All in one process: torch is imported once.
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
def photos(tmp_path: Path) -> Path:
    list(write_sample(tmp_path / "photos", count=24, side=64))
    return tmp_path / "photos"


def test_the_guard_sees_a_socket() -> None:
    code = GUARD + "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert done.returncode == 97


@pytest.mark.slow
def test_no_command_opens_a_socket(photos: Path, tmp_path: Path) -> None:
    project = tmp_path / "leaves.tldesk"
    _run(
        ("new", project, "--images", photos),
        ("check", project),
        ("train", project, "--preset", "from_scratch", "--backbone", "squeezenet1_1", *SHORT),
        ("evaluate", project),
        ("predict", project, photos, "--out", tmp_path / "table.csv"),
        ("weights", "list"),
        ("doctor",),
    )
    assert (tmp_path / "table.csv").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("starter")
def test_a_fresh_machine_learns_from_the_starter_without_a_socket(photos: Path, tmp_path: Path) -> None:
    """A folder of pictures, the recommended recipe, an answer: pretrained features, and nothing fetched."""
    project = tmp_path / "leaves.tldesk"
    told = _run(
        ("new", project, "--images", photos),
        ("train", project),
        ("evaluate", project),
        ("predict", project, photos, "--out", tmp_path / "table.csv"),
    )
    assert "Recommended: feature extraction with Starter (ResNet-18)" in told
    assert (tmp_path / "table.csv").is_file()


@pytest.mark.slow
def test_timms_networks_are_built_without_a_socket(photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    project = tmp_path / "leaves.tldesk"
    seen = ("--saliency", tmp_path / "seen")
    _run(
        ("new", project, "--images", photos),
        ("train", project, "--preset", "from_scratch", "--backbone", "lcnet_050", *SHORT),
        ("predict", project, photos, "--out", tmp_path / "table.csv", *seen),
    )
    assert any((tmp_path / "seen").iterdir())
