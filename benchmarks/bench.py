"""Runs the measured programs one after the other, each alone, and stores their results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.kept import Kept, Record
from benchmarks.machine import revision
from benchmarks.measuring import STARTED
from benchmarks.places import ROOT

PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}
LARGE_PAGES = {"THP_MEM_ALLOC_ENABLE": "1"}
"""tldesk sets both variables automatically; other programs do not. Without PASSIVE, torch's busy-waiting
threads slow down the loaders; the tuning row shows the effect."""
CPU_ONLY = {"CUDA_VISIBLE_DEVICES": ""}


@dataclass
class Bench:
    """The requested measurements; runs the measured programs.

    Attributes:
        scratch: the folder for generated sets, projects and results.
        sets: names of the image sets.
        photos, large: size of the generated set, in pictures.
        seeds: number of seeds of the accuracy row.
        cap_seconds: time limit for another program to reach our accuracy.
        resume: skip existing results.
        asked: the command line, stored with every result.
        round: the current round of the repeated rows, from 0.
    """

    scratch: Path
    sets: tuple[str, ...]
    photos: int = 2500
    large: int = 300
    seeds: int = 5
    cap_seconds: float = 1800.0
    resume: bool = False
    asked: str = ""
    round: int = 0
    kept: Kept = field(init=False)
    revision: str = field(init=False)

    def __post_init__(self) -> None:
        self.kept = Kept(self.scratch / "results")
        self.revision = revision()

    def run(
        self,
        row: str,
        case: str,
        program: str,
        module: str,
        *args: object,
        environment: Mapping[str, str] | None = None,
        gpu: bool = False,
    ) -> Record:
        """Run ``python -m benchmarks.MODULE ARGS``; return its JSON line with ``seconds`` (start to end).

        ``processor_seconds`` is the CPU time over all cores, which other work on the machine hardly changes.

        A failure is printed and stored; the other rows continue.
        """
        found = self.kept.read(row, case, program, self.round) if self.resume else None
        if found is not None and "failed" not in found:
            return found
        told = {**({} if gpu else CPU_ONLY), **(environment or {})}
        command = ["-m", f"benchmarks.{module}", *map(str, args)]
        print(f"{row}, {case}, {program}: ", end="", flush=True)
        record = {**_ran(command, told), "row": row, "case": case, "program": program, "round": self.round}
        record |= {"asked": self.asked, "revision": self.revision}
        self.kept.write(record)
        print(record.get("failed") or f"{record['seconds']:.1f} s", flush=True)
        return record


def ok(record: Record | None) -> bool:
    """Return whether a program was measured and did not fail."""
    return record is not None and "failed" not in record


def _ran(command: list[str], environment: Mapping[str, str]) -> Record:
    facts: Record = {
        "command": " ".join(["python", *command]),
        "environment": dict(environment),
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # Environment variables set by this program's own imports must not affect the others.
    ours = PASSIVE | LARGE_PAGES
    own = {name: value for name, value in os.environ.items() if name not in ours}
    told = {**own, **environment, STARTED: repr(time.time())}
    began, worked = time.perf_counter(), children_seconds()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=told, capture_output=True, text=True, check=False
    )
    seconds, worked = time.perf_counter() - began, children_seconds() - worked
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {**facts, "failed": f"code {done.returncode}: {_last_line(done.stderr) or 'no answer'}"}
    answer = json.loads(lines[-1])
    without = seconds - answer["start_up"] - answer["imports"]
    return {
        **facts,
        **answer,
        "seconds": seconds,
        "without_imports": without,
        "processor_seconds": worked,
    }


def children_seconds() -> float:
    """Return the CPU seconds used so far by all ended child processes and their children."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
