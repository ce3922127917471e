"""The output of a command: results on stdout, progress and remarks on stderr, or one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tldesk.base import Progress, plural
from tldesk.base.file_names import is_text, shown
from tldesk.base.printable import printable, printable_lines
from tldesk.cli.commands_to_type import for_project
from tldesk.cli.progress_bars import Bar, PlainBar, RichBar, SilentBar

T = TypeVar("T")


def _document(value: Mapping[str, object]) -> str:
    """Return the JSON text; bytes of paths that are no UTF-8 read as in all other output."""
    plain = json.dumps(value, default=str, allow_nan=False, ensure_ascii=False)
    readable = value if is_text(plain) else json.loads(shown(plain, in_json=True))
    return json.dumps(readable, indent=2, default=str, allow_nan=False)


class Console:
    """The output streams of one command.

    Args:
        as_json: ``--json``: print one JSON document on stdout and nothing else there.
        quiet: ``--quiet``: print no progress and no remarks.
        project: the project as it was named; commands in texts name it instead of PROJECT, to be copied.

    Attributes:
        stopped_by: the number of the signal that stopped the command (2 for Ctrl-C), else 0.
        documented: whether the JSON document was printed.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False, project: Path | None = None) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self._project = project
        self.stopped_by = 0
        self.documented = False

    def say(self, text: str = "") -> None:
        """Print a line of the result; on stderr if stdout is reserved for the JSON document."""
        self.say_lines(printable(for_project(text, self._project)))

    def say_lines(self, text: str) -> None:
        """Print a part of the result that has several lines; else as ``say``."""
        text = printable_lines(text)
        if not self.as_json:
            sys.stdout.write(text + "\n")
        elif not self.quiet:
            sys.stderr.write(text + "\n")

    def note(self, text: str) -> None:
        """Print a remark on stderr, in one line."""
        if not self.quiet:
            sys.stderr.write(printable(for_project(text, self._project)) + "\n")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table with aligned columns, as a part of the result."""
        for line in table_lines(headers, list(rows)):
            self.say(line)

    def some(self, one: str, many: str, entries: Sequence[str], shown: int = 5) -> None:
        """Print the number of ``entries`` and the first few of them; nothing if there are none."""
        if not entries:
            return
        self.say(plural(len(entries), one, many) + ":")
        for entry in entries[:shown]:
            self.say(f"  {entry}")
        if len(entries) > shown:
            self.say(f"  and {len(entries) - shown:,} more (--json lists them all)")

    def document(self, value: Mapping[str, object]) -> None:
        """Print the JSON document, if ``--json`` was given; in plain ASCII, so that any encoding will do.

        That of a command that a signal stopped says ``"stopped": true``.
        """
        self.documented = True
        if self.as_json:
            stopped = {"stopped": True} if self.stopped_by else {}
            sys.stdout.write(_document({**value, **stopped}) + "\n")
            sys.stdout.flush()

    def bar(self) -> Bar:
        """Return a progress bar for stderr: drawn on a terminal, plain lines in a log, silent if quiet."""
        if self.quiet:
            return SilentBar()
        return RichBar() if sys.stderr.isatty() else PlainBar()

    def follow(self, steps: Iterable[Progress]) -> None:
        """Run a long task to its end and show its progress."""
        with self.bar() as bar:
            for step in steps:
                bar.show(step)

    def result_of(self, steps: Generator[Progress, None, T]) -> T:
        """Run a long task as ``follow`` does and return its result."""
        with self.bar() as bar:
            while True:
                try:
                    bar.show(next(steps))
                except StopIteration as end:
                    result: T = end.value
                    return result


def table_lines(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: columns as wide as their widest cell, numbers aligned right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    columns = list(zip(headers, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    right = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = []
    for cells in (headers, *rows):
        padded = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(cells, widths, right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def _is_number(cell: str) -> bool:
    return not cell or cell[0] in "0123456789-+." or cell == "–"
