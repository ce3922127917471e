"""User folders (``TLDESK_HOME``) with weights but no caches, so that each first run starts cold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.places import ROOT, WEIGHTS


def fresh_home(scratch: Path, name: str, weights: Path = WEIGHTS) -> dict[str, str]:
    """Return the environment of a new user with imported weights; an existing folder ``name`` is deleted."""
    home = scratch / "homes" / name
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(_with_weights(scratch, weights), home)
    return {"TLDESK_HOME": str(home)}


def same_home(scratch: Path, name: str) -> dict[str, str]:
    """Return the environment of the user created by ``fresh_home``."""
    return {"TLDESK_HOME": str(scratch / "homes" / name)}


def project_place(scratch: Path, name: str, *, keep: bool = False) -> Path:
    """Return the path of a measured project; an earlier one is deleted unless ``keep`` is set."""
    place = scratch / "projects" / f"{name}.tldesk"
    if not keep:
        shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _with_weights(scratch: Path, weights: Path) -> Path:
    home = scratch / "homes" / f"of-{weights.stem}"
    if not home.exists():
        unfinished = home.with_name(home.name + ".part")
        command = [sys.executable, "-m", "tldesk", "weights", "import", str(weights), "--json"]
        environment = {**os.environ, "TLDESK_HOME": str(unfinished)}
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
        unfinished.rename(home)
    return home
