"""Nothing leaves the machine: the way from pictures to an answer opens no socket, asks no name server."""

from __future__ import annotations

import subprocess
import sys
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
from tldesk.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def _run(*arguments: str) -> str:
    """Run a command that must end well; what it remarked."""
    done = subprocess.run(
        [sys.executable, "-c", GUARD, *arguments], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_guard_sees_a_socket() -> None:
    code = GUARD.replace(
        "from tldesk.cli.main import main", "import socket; socket.create_connection(('127.0.0.1', 9))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert done.returncode == 97


@pytest.mark.slow
def test_no_command_opens_a_socket(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    list(write_sample(photos, count=24, side=64))
    project = str(tmp_path / "leaves.tldesk")
    _run("new", project, "--images", str(photos))
    _run("check", project)
    _run(
        "train", project, "--preset", "from_scratch", "--backbone", "squeezenet1_1",
        "--set", "input_size=64", "--set", "phases.0.epochs=1", "--set", "phases.0.warmup_epochs=0",
    )  # fmt: skip
    _run("evaluate", project)
    _run("predict", project, str(photos), "--out", str(tmp_path / "table.csv"))
    _run("weights", "list")
    _run("doctor")


@pytest.mark.slow
@pytest.mark.usefixtures("starter")
def test_a_fresh_machine_learns_from_the_starter_without_a_socket(tmp_path: Path) -> None:
    """A folder of pictures, the recommended recipe, an answer: pretrained features, and nothing fetched."""
    photos = tmp_path / "photos"
    list(write_sample(photos, count=24, side=64))
    project = str(tmp_path / "leaves.tldesk")
    _run("new", project, "--images", str(photos))
    told = _run("train", project)
    assert "Recommended: feature extraction with Starter (ResNet-18)" in told
    _run("evaluate", project)
    _run("predict", project, str(photos), "--out", str(tmp_path / "table.csv"))


@pytest.mark.slow
def test_timms_networks_are_built_without_a_socket(tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    photos = tmp_path / "photos"
    list(write_sample(photos, count=24, side=64))
    project = str(tmp_path / "leaves.tldesk")
    _run("new", project, "--images", str(photos))
    _run(
        "train", project, "--preset", "from_scratch", "--backbone", "lcnet_050",
        "--set", "input_size=64", "--set", "phases.0.epochs=1", "--set", "phases.0.warmup_epochs=0",
    )  # fmt: skip
    _run(
        "predict",
        project,
        str(photos),
        "--out",
        str(tmp_path / "table.csv"),
        "--saliency",
        str(tmp_path / "seen"),
    )
