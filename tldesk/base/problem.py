"""What went wrong, in the user's words: where, what, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps the program from going on, described so that a user can fix it.

    Attributes:
        where: a file, a field (``phases.0.freeze``), a command's argument.
        what: what is wrong, one sentence without a closing stop.
        fix: what to do next, one sentence without a closing stop.
    """

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}."


class ProblemError(Exception):
    """Raised for anything that the user can fix; the command line prints one line, the window shows it by its
    field.
    """

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a ProblemError needs at least one Problem")
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)
