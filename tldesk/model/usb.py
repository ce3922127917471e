"""Where weights are published, and how to bring them to a computer without a network, in plain words."""

from __future__ import annotations

from tldesk.model.cardtypes import Card

_PUBLISHED_AT = "https://download.pytorch.org/models/"


def published_url(card: Card) -> str:
    """Where the card's first weight file is published: torchvision's server, or what timm says."""
    return card.address or _PUBLISHED_AT + card.weight_files[0]


def steps_for(card: Card) -> tuple[str, ...]:
    """What to do to bring one backbone's published weights on a USB stick, a sentence a step."""
    file, address = card.weight_files[0], published_url(card)
    called = "" if address.endswith(f"/{file}") else f" under the name {file}"
    return (
        f"On a computer with internet, open {address} in the browser and save the file{called}",
        f"Copy {file} to a USB stick; do not open or unpack it",
        "Plug the stick in here and drop the file on the window, or choose Import files, or type: "
        f"tldesk weights import PATH/TO/{file}",
    )


def steps_for_bundle(folder: str) -> tuple[str, ...]:
    """What to do with a packed folder called ``folder``, a sentence a step."""
    return (
        f"Copy this whole folder ({folder}) to a USB stick",
        "Plug the stick into the computer without a network and start tldesk there",
        f"In the window: open the Weights library, choose Import folder, and choose {folder} on the stick",
        f"Or in a terminal: tldesk weights import PATH/TO/{folder}",
        "tldesk compares each file with its hash, says which it took, and copies it: afterwards the stick is "
        "not needed any more",
    )
