"""Errors in the user's words: where, what is wrong, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that the user can fix.

    The window and the shell show ``where``, ``what`` and ``fix``, so these name neither commands nor parts of
    the window. Only the shell prints ``command``.

    Attributes:
        where: a file, a field (``phases.0.freeze``), a command's argument; "" if there is no such place.
        what: what is wrong, one sentence without a closing stop.
        fix: what to do next, one sentence without a closing stop.
        command: the command that does it, to be typed in a shell (``tldesk weights import FILE``); "" if
            there is none. It does not count when problems are compared.
    """

    where: str
    what: str
    fix: str
    command: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return the text for window and shell, without the command."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}. {self.fix}."


class ProblemError(Exception):
    """An error that the user can fix. The command line prints it in one line; the window shows it next to
    the field concerned.
    """

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a ProblemError needs at least one Problem")
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)


class ClosedProjectError(ProblemError):
    """A project was asked for something after it was closed: the answer concerns nobody any more."""
