"""Backbones and their cards, the weights library, networks with a freeze line, heads, the model file.

This package exports only names that do not load torch; ``tldesk.model.build``, ``.heads`` and ``.model_file``
load it.
"""

from __future__ import annotations

from tldesk.model.card_types import LINE_ALL, LINE_NONE, Card, Preprocessing, StageSpec
from tldesk.model.cards import CARDS, card

__all__ = ["CARDS", "LINE_ALL", "LINE_NONE", "Card", "Preprocessing", "StageSpec", "card"]
