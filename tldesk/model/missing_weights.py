"""Messages for missing weights: where they are published, and how to bring them to an offline computer."""

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
    """Return the steps for bringing a backbone's weights on a USB stick, one sentence per step."""
    if card.ships:
        return (
            f"{_INSTALL_AGAIN}: these weights come with it",
            f"Or, on a computer that has them, type: tldesk weights bundle {card.name} --to FOLDER",
            "Bring that folder here and type: tldesk weights import FOLDER",
        )
    file, address = card.weight_files[0], published_url(card)
    called = "" if address.endswith(f"/{file}") else f" under the name {file}"
    return (
        f"On a computer with internet, open {address} in the browser and save the file{called}",
        f"Copy {file} to a USB stick; do not open or unpack it",
        "Plug the stick in here and drop the file on the window, or choose Import files, or type: "
        f"tldesk weights import PATH/TO/{file}",
    )


def to_bring(card: Card) -> str:
    """Return short advice on what to do if a backbone's weights are missing."""
    return f"{_INSTALL_AGAIN} to have them back" if card.ships else f"Import a file of {card.title} weights"


def not_here(card: Card) -> Problem:
    """Return the problem that the weights are not on this computer."""
    what = f"the weights of {card.title} are not on this computer"
    if card.ships:
        return Problem(card.name, f"{what}, though they come with tldesk", to_bring(card))
    fix = f"Import a file such as {card.weight_files[0]}, or choose a backbone whose weights are here"
    return Problem(card.name, what, fix)


def not_published(card: Card, *, present: bool) -> Problem:
    """Return the problem that weights shipped with the program cannot be downloaded."""
    what = f"the weights of {card.title} come with tldesk and are published nowhere else"
    here = "They are here: there is nothing to fetch. Fetch another backbone such as mobilenet_v2"
    return Problem(card.name, what, here if present else to_bring(card))


def not_the_shipped(card: Card, path: Path) -> Problem:
    """Return the problem that a file has the name of the shipped weights but other contents."""
    what = f"this file is called as the weights of {card.title}, but is none that tldesk made"
    fix = "Take it out of this folder; if it holds weights of your own, import it under another name"
    return Problem(str(path), what, fix)


def steps_for_bundle(folder: str) -> tuple[str, ...]:
    """Return the steps for importing the bundle in ``folder``, one sentence per step."""
    return (
        f"Copy this whole folder ({folder}) to a USB stick",
        "Plug the stick into the computer without a network and start tldesk there",
        f"In the window: open the Weights library, choose Import folder, and choose {folder} on the stick",
        f"Or in a terminal: tldesk weights import PATH/TO/{folder}",
        "tldesk compares each file with its hash, says which it took, and copies it: afterwards the stick is "
        "not needed any more",
    )
