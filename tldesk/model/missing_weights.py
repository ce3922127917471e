"""Missing weights: where they are published, how to bring them offline, and the problems to report.

Window and shell show these texts; each adds how to import with it (see ``steps_for``).
"""

from __future__ import annotations

from pathlib import Path

from tldesk.base import Problem
from tldesk.model.card_types import Card

_PUBLISHED_AT = "https://download.pytorch.org/models/"
_INSTALL_AGAIN = "Install tldesk again"


def published_url(card: Card) -> str:
    """Return the URL of the first weight file, on torchvision's server or timm's; "" if not published."""
    return "" if card.ships else card.address or _PUBLISHED_AT + card.weight_files[0]


def steps_for(card: Card) -> tuple[str, ...]:
    """How to bring one backbone's weights on a USB stick, one sentence per step, except for the last step.

    The last step, importing from the stick, is different in window and shell: they add it.
    """
    if card.ships:
        return (
            f"{_INSTALL_AGAIN}: these weights come with it",
            "Or, on a computer that has them, pack them into a folder on a USB stick",
        )
    file, address = card.weight_files[0], published_url(card)
    called = "" if address.endswith(f"/{file}") else f" under the name {file}"
    return (
        f"On a computer with internet, open {address} in the browser and save the file{called}",
        f"Copy {file} to a USB stick; do not open or unpack it",
    )


def to_bring(card: Card) -> str:
    """The fix for a backbone's missing weights, in a few words."""
    return f"{_INSTALL_AGAIN} to restore them" if card.ships else f"Import a file of {card.title} weights"


def not_here(card: Card) -> Problem:
    """Return the problem that the weights are not on this computer."""
    what = f"the weights of {card.title} are not on this computer"
    if card.ships:
        return Problem(card.name, f"{what}, though they come with tldesk", to_bring(card))
    file = card.weight_files[0]
    fix = f"Import a file such as {file}, or choose a backbone whose weights are on this computer"
    return Problem(card.name, what, fix)


def not_published(card: Card, *, present: bool) -> Problem:
    """Return the problem that weights shipped with the program cannot be downloaded."""
    what = f"the weights of {card.title} come with tldesk and are published nowhere else"
    others = "They are on this computer. To download others, choose a backbone such as mobilenet_v2"
    return Problem(card.name, what, others if present else to_bring(card))


def not_the_shipped(card: Card, path: Path) -> Problem:
    """The problem of a file that has the name of the program's own weights but other contents."""
    what = (
        f"this file has the name of the weights of {card.title}, but is not the file that comes with tldesk"
    )
    fix = "Remove it from this folder; if it contains your own weights, import it under another name"
    return Problem(str(path), what, fix)


def steps_for_bundle(folder: str, *, command: str) -> tuple[str, ...]:
    """How to import a bundle in the folder ``folder``, one sentence per step, for the bundle's README.

    ``command`` is typed by those who have no window. The README is read in neither, so it names both ways.
    """
    return (
        f"Copy this whole folder ({folder}) to a USB stick",
        "Plug the stick into the computer without a network and start tldesk there",
        f"In the window: open the Weights library, choose Import folder, and choose {folder} on the stick",
        f"Or in a shell, type: {command}",
        "tldesk compares each file with its hash, copies it, and lists those that were imported; the stick "
        "is no longer needed",
    )
