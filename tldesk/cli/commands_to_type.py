"""The commands that the shell adds to texts that it shares with the window, which name none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import ProblemError
from tldesk.base.shell_words import typed

if TYPE_CHECKING:
    from tldesk.model import Card

TO_GET_WEIGHTS = (
    "To import weights, type: tldesk weights import FILE. "
    "To download them, type: tldesk weights fetch mobilenet_v2"
)
"""Printed after a card's caution, and where there are no weights."""


_OF_A_PROJECT = re.compile(r"(?<=\btldesk )([a-z-]+) PROJECT\b")


def for_project(text: str, project: Path | None) -> str:
    """Return a text whose commands name the project as it was named, instead of PROJECT; None: unchanged."""
    if project is None:
        return text
    return _OF_A_PROJECT.sub(lambda command: f"{command[1]} {typed(project)}", text)


def with_commands(error: ProblemError) -> str:
    """Return the problems in one paragraph, followed by the commands that fix them, each once."""
    commands = dict.fromkeys(problem.command for problem in error.problems if problem.command)
    return f"{error} Or type: {', or: '.join(commands)}" if commands else str(error)


def steps_with_commands(card: Card) -> tuple[str, ...]:
    """Return the steps that bring a backbone's weights to this computer on a USB stick, with commands."""
    from tldesk.model.missing_weights import steps_for  # "tldesk --help" should not read all cards

    if not card.ships:
        file = card.weight_files[0]
        return (*steps_for(card), f"Plug in the stick here and type: tldesk weights import PATH/TO/{file}")
    again, pack = steps_for(card)
    return (
        again,
        f"{pack}; type there: tldesk weights bundle {card.name} --to FOLDER",
        "Plug in the stick here and type: tldesk weights import FOLDER",
    )
