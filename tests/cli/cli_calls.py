"""Helpers of the command-line tests."""

from __future__ import annotations

import io
import json
import re
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from tldesk.cli.main import main


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


class _Printed(io.StringIO):
    """What a command prints on one stream; ``told`` is called after everything that it prints."""

    def __init__(self, told: Callable[[str], object]) -> None:
        super().__init__()
        self._told = told

    def write(self, words: str) -> int:
        count = super().write(words)
        self._told(self.getvalue())
        return count


def call_and(then: Callable[[], object], pattern: str, *arguments: object) -> Ended:
    """Run a command in this process; ``then`` happens once, when what it has printed matches ``pattern``."""
    happened: list[str] = []

    def told(printed: str) -> None:
        if not happened and re.search(pattern, printed, re.DOTALL):
            happened.append(printed)
            then()

    with redirect_stdout(_Printed(told)) as out, redirect_stderr(_Printed(told)) as err:
        code = main([str(argument) for argument in arguments])
    assert happened, out.getvalue() + err.getvalue()
    return Ended(code, out.getvalue(), err.getvalue())


def press_ctrl_c() -> None:
    """What the terminal does at Ctrl-C: the handler that the command has set runs before its next line."""
    assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler, "the command does not listen"
    signal.raise_signal(signal.SIGINT)


_PROGRESS = re.compile(r": [\d,]+( of [\d,]+)?(, [^,]* left)?$")


def one_line(ended: Ended) -> str:
    """Return the single line on stderr of a command that failed: from tldesk, without a traceback."""
    assert ended.code == 2, ended
    assert ended.out == ""
    # On a slow machine a line of progress, every ten seconds, may come before it.
    lines = [line for line in ended.err.splitlines() if not _PROGRESS.search(line)]
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("tldesk: ")
    return lines[0]
