"""Helpers of the command-line tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout, which must contain nothing else."""
        assert self.code == 0, self.err
        return json.loads(self.out)


Call = Callable[..., Ended]

QUICK = [
    *("--preset", "from_scratch", "--backbone", "squeezenet1_1", "--set", "input_size=64"),
    *("--set", "phases.0.warmup_epochs=0"),
]
"""A training from scratch that takes a second per epoch."""


def one_line(ended: Ended) -> str:
    """Return the single line on stderr of a command that failed: from tldesk, without a traceback."""
    assert ended.code == 2, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("tldesk: ")
    return lines[0]
