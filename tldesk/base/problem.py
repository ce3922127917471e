"""Errors described for the user: where, what, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, described so that the user can fix it.

    Attributes:
        where: a file, a field (``phases.0.freeze``) or a command's argument.
        what: what is wrong, one sentence without a full stop.
        fix: what to do next, one sentence without a full stop.
    """

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}."


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
