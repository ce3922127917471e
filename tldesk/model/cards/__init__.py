"""The table of backbones: every classification network of torchvision.

What people say of each stands in a short entry by family (``residual``, ``plain``, ``branching``, ``mobile``,
``attention``); its numbers stand in ``measured``, which ``packaging/measure_backbones.py`` writes. Everything
else (building, freezing, recognising a weight file) is driven by this table. Torch is not imported here, so
that the window can show the backbones before torch is loaded.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from tldesk.base import Problem, ProblemError
from tldesk.model.cards.attention import CONVNEXTS, MAXVITS, SWINS, VITS
from tldesk.model.cards.branching import DENSENETS, INCEPTIONS
from tldesk.model.cards.measured import MEASURED
from tldesk.model.cards.mobile import EFFICIENTNETS, MNASNETS, MOBILENETS, SHUFFLENETS
from tldesk.model.cards.outline import Outline, filled
from tldesk.model.cards.plain import ALEXNETS, SQUEEZENETS, VGGS
from tldesk.model.cards.residual import REGNETS, RESNETS
from tldesk.model.cardtypes import Card

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
"""Every entry, in the order in which lists show them; a new one is offered as soon as it is measured."""

CARDS: Mapping[str, Card] = MappingProxyType(
    {one.name: filled(one, MEASURED[one.name]) for one in OUTLINES if one.name in MEASURED}
)
"""Every backbone by name, in the order in which lists show them."""


def card(name: str) -> Card:
    """The card of the backbone ``name``.

    Raises:
        ProblemError: no such backbone; names the nearest ones.
    """
    found = CARDS.get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name, CARDS, n=3, cutoff=0.4) or sorted(CARDS)
    raise ProblemError(Problem(name, "no network of this name is known", f"The nearest: {', '.join(near)}"))
