"""Backbones and their cards, the weights library, networks with a freeze line, heads, the model file.

Only what does not load torch is offered here; ``tldesk.model.build``, ``.heads`` and ``.modelfile`` load it.
"""

from __future__ import annotations

from tldesk.model.card_types import LINE_ALL, LINE_NONE, Card, Preprocessing, StageSpec
from tldesk.model.cards import CARDS, card

__all__ = ["CARDS", "LINE_ALL", "LINE_NONE", "Card", "Preprocessing", "StageSpec", "card"]
