"""What the tests of the command line share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What stdout holds, which must be one JSON document."""
        assert self.code == 0, self.err
        return json.loads(self.out)


Call = Callable[..., Ended]

QUICK = [
    *("--preset", "from_scratch", "--backbone", "squeezenet1_1", "--set", "input_size=64"),
    *("--set", "phases.0.warmup_epochs=0"),
]
"""A training from nothing that takes a second an epoch."""


def one_line(ended: Ended) -> str:
    """The only line of a command that refused: on stderr, from tldesk, no traceback."""
    assert ended.code == 2, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("tldesk: ")
    return lines[0]
