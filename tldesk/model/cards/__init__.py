"""The cards: one description per backbone, used by all code that handles backbones.

The backbones are all classification networks of torchvision, some of timm's if it is installed, and the
starter, whose weights ship with the program. The hand-written part of a card is a short entry in the module
of its family (``residual``, ``sequential``, ``branching``, ``mobile``, ``attention``; for timm
``timm_networks``). The measured values are stored in ``resources/cards`` (see ``measured``). Torch is not
imported here, so that the window can list the backbones before torch is loaded.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tldesk.base import Problem, ProblemError
from tldesk.model.card_types import Card
from tldesk.model.cards.attention import CONVNEXTS, MAXVITS, SWINS, VITS
from tldesk.model.cards.branching import DENSENETS, INCEPTIONS
from tldesk.model.cards.measured import measured_file, read_measured
from tldesk.model.cards.mobile import EFFICIENTNETS, MNASNETS, MOBILENETS, SHUFFLENETS
from tldesk.model.cards.outline import Measured, Outline, filled
from tldesk.model.cards.residual import REGNETS, RESNETS
from tldesk.model.cards.sequential import ALEXNETS, SQUEEZENETS, VGGS
from tldesk.model.cards.starter import starter_of
from tldesk.model.cards.timm_networks import TIMM_NETWORKS
from tldesk.model.timm_models import is_installed, missing

OUTLINES: tuple[Outline, ...] = (
    *RESNETS,
    *MOBILENETS,
    *EFFICIENTNETS,
    *SQUEEZENETS,
    *SHUFFLENETS,
    *MNASNETS,
    *DENSENETS,
    *INCEPTIONS,
    *VGGS,
    *ALEXNETS,
    *REGNETS,
    *CONVNEXTS,
    *SWINS,
    *VITS,
    *MAXVITS,
)
"""All torchvision networks in the order of lists; those that have been measured get a card."""


def _filled(outlines: Iterable[Outline], numbers: Mapping[str, Measured]) -> Mapping[str, Card]:
    return MappingProxyType(
        {one.name: filled(one, numbers[one.name]) for one in outlines if one.name in numbers}
    )


TORCHVISION_CARDS = _filled(OUTLINES, read_measured(measured_file("torchvision")))
"""torchvision's networks by name."""

TIMM_CARDS = _filled(TIMM_NETWORKS, read_measured(measured_file("timm")))
"""timm's networks by name, whether timm is installed or not."""

STARTER = starter_of(TORCHVISION_CARDS["resnet18"])
"""The backbone whose weights come with the program; its network is torchvision's ``resnet18``."""

CARDS: Mapping[str, Card] = MappingProxyType(
    {**TORCHVISION_CARDS, **(TIMM_CARDS if is_installed() else {}), STARTER.name: STARTER}
)
"""All backbones that can be built on this computer by name, in the order of lists."""


def card(name: str) -> Card:
    """Return the card of the backbone ``name``.

    Raises:
        ProblemError: there is no such backbone (the message suggests similar names), or it is from timm,
            which is not installed.
    """
    found = CARDS.get(name)
    if found is not None:
        return found
    if name in TIMM_CARDS:
        raise ProblemError(missing(name, TIMM_CARDS[name].title))
    near = difflib.get_close_matches(name, CARDS, n=3, cutoff=0.4) or sorted(CARDS)
    raise ProblemError(Problem(name, "no network of this name is known", f"The nearest: {', '.join(near)}"))
