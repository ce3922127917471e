"""What the shell adds to texts that it shares with the window."""

from __future__ import annotations

from tldesk.base import Problem, ProblemError
from tldesk.cli.commands_to_type import steps_with_commands, with_commands
from tldesk.model import card
from tldesk.model.cards import STARTER
from tldesk.model.missing_weights import steps_for

FETCH, NEW = "tldesk weights fetch resnet18", "tldesk new PROJECT --images DIR"


def test_commands_follow_the_problems_each_once() -> None:
    one = Problem("weights", "there are none", "Import some", command=FETCH)
    other = Problem("project", "there is none", "Create one", command=NEW)
    plain = Problem("seed", "this is not a number", "Write a number")
    assert with_commands(ProblemError(one)) == f"{one} Or type: {FETCH}"
    assert with_commands(ProblemError(one, plain, one)) == f"{one} {plain} {one} Or type: {FETCH}"
    assert with_commands(ProblemError(one, other)) == f"{one} {other} Or type: {FETCH}, or: {NEW}"
    assert with_commands(ProblemError(plain)) == str(plain)


def test_steps_end_with_importing() -> None:
    published = card("resnet18")
    assert steps_with_commands(published)[:-1] == steps_for(published)
    for known in (published, STARTER):
        assert "tldesk weights import" in steps_with_commands(known)[-1]
