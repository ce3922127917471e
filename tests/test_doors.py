"""The contracts of .importlinter fail on what they forbid: each breach is planted in a copy of the code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
QT = "Only ui reaches Qt"
ROOMS = "Each room imports only the rooms below it"
WINDOW = "Inside the window"
CIRCLES = "No circles of imports"
TORCH = "The lower floors never reach torch"

# What is planted: a module's path, the lines added to it, and the contracts that have to break.
BREACHES = {
    "a new room that imports Qt and the window": (
        "report/__init__.py",
        "import PySide6.QtCore\nimport torch\nimport tldesk.ui.theme\n",
        (ROOMS, QT),
    ),
    "a new folder in the window": ("ui/report/__init__.py", '"""A new page."""\n', (WINDOW,)),
    "a shared widget that imports a page": (
        "ui/widgets/banner.py",
        "from tldesk.ui.images.page import ImagesPage\n",
        (WINDOW,),
    ),
    "a page that imports another": (
        "ui/train/words.py",
        "from tldesk.ui.model.words import what_happens\n",
        (WINDOW,),
    ),
    "an annotation that imports upwards": (
        "dataset/snapshot.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tldesk.run import Run\n",
        (ROOMS,),
    ),
    "an annotation that closes a circle": (
        "base/problem.py",
        "import typing\nif typing.TYPE_CHECKING:\n    from tldesk.base.files import write_atomic\n",
        (CIRCLES,),
    ),
    "torch on a lower floor, inside a function": (
        "evaluation/metrics.py",
        "def late() -> None:\n    import torch\n",
        (TORCH,),
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_breaks_its_contract(tmp_path: Path, breach: str) -> None:
    module, lines, contracts = BREACHES[breach]
    plant(tmp_path, module, lines)
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    for contract in contracts:
        assert broken(done.stdout, contract), done.stdout


def test_the_code_as_it_stands_keeps_all_contracts() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def plant(folder: Path, module: str, lines: str) -> None:
    """Copy the code into ``folder`` and add ``lines`` to one of its modules."""
    for name in ("tldesk", "pretraining", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    path = folder / "tldesk" / module
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{lines}", encoding="utf-8")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the code below ``folder``."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "300"}
    return subprocess.run(
        [*command, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def broken(output: str, contract: str) -> bool:
    """Whether import-linter says that the contract whose name begins so is broken."""
    return any(line.startswith(contract) and "BROKEN" in line for line in output.splitlines())
