"""A folder of photos to an evaluated model with everything frozen: tldesk against the plain script.

Both start as programs of their own and both times hold the start of Python and torch's import.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WEIGHTS = ROOT.parent / "shared" / "weights" / "mobilenet_v2-imagenet.pth"


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds and accuracy of either program."""

    work: str
    tldesk_seconds: float
    tldesk_accuracy: float
    peer_seconds: float
    peer_accuracy: float

    @property
    def ratio(self) -> float:
        """tldesk's time as a share of the other program's; below 1 is faster."""
        return self.tldesk_seconds / self.peer_seconds


def measure() -> list[Row]:
    """One row a data set whose split is its own. Empty where the pictures are absent."""
    if not WEIGHTS.exists():
        return []
    return [_compare("coffee_leaf", "test"), _compare("ants_bees", "val")]


def _compare(name: str, split: str) -> Row:
    ours = _tldesk(DATA / name, split)
    start = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "benchmarks.peers.plain_features",
        str(DATA / name),
        str(WEIGHTS),
        "train",
        split,
    ]
    theirs = _json(command, {})
    return Row(
        f"{name}, frozen mobilenet_v2",
        ours["seconds"],
        ours["accuracy"],
        time.perf_counter() - start,
        theirs["accuracy"],
    )


def _tldesk(folder: Path, split: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"TLDESK_HOME": f"{scratch}/home"}
        project = f"{scratch}/bench.tldesk"
        tldesk = [sys.executable, "-m", "tldesk"]
        _json([*tldesk, "weights", "import", str(WEIGHTS), "--json"], environment)
        start = time.perf_counter()
        _json([*tldesk, "new", project, "--images", str(folder), "--json"], environment)
        _json(
            [*tldesk, "train", project, "--backbone", "mobilenet_v2", "--freeze", "all", "--json"],
            environment,
        )
        report = _json(
            [*tldesk, "evaluate", project, "--split", "validation" if split == "val" else split, "--json"],
            environment,
        )
        return {"seconds": time.perf_counter() - start, "accuracy": report["accuracy"]["value"]}


def _json(command: list[str], environment: dict[str, str]) -> Any:  # noqa: ANN401 - whatever the document holds
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)
