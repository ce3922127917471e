"""The ``tldesk`` command: help, mistakes, a window that cannot open, a closed pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_calls import Call, one_line

from tldesk import __version__
from tldesk.cli.main import COMMANDS

_LEAN = """
import sys
from tldesk.cli.main import main
for arguments in (["--help"], ["train", "--help"], ["--version"]):
    assert main(arguments) == 0
heavy = {"torch", "PySide6", "sklearn", "scipy", "pydicom"} & set(sys.modules)
assert not heavy, heavy
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _LEAN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert re.search(rf"\n    {command}\s", done.stdout)
    assert __version__ in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "Did you mean: tldesk train"),
        (["no-such-project"], "neither a command nor a project"),
        (["train"], "PROJECT"),
        (["train"], "tldesk: train: the following"),
        (["train", "p", "--nonsense"], "--nonsense"),
        (["evaluate", "p", "--split", "all"], "--split"),
        (["weights"], "ACTION"),
    ],
)
def test_mistyped(arguments: list[str], words: str, call: Call) -> None:
    ended = call(*arguments)
    assert ended.code == 2
    assert words in one_line(ended)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
@pytest.mark.parametrize("with_project", [False, True])
def test_window_without_display(
    with_project: bool, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    ended = call(*([tmp_path] if with_project else []))
    assert ended.code == 2
    assert "there is no display" in one_line(ended)


def test_reader_of_stdout_goes_away() -> None:
    command = [sys.executable, "-m", "tldesk", "weights", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
