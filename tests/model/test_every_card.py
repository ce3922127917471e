"""The cards of torchvision's networks against the networks themselves: one test and one network per card."""

from __future__ import annotations

import pytest
from card_checks import check_the_stages_are_the_network
from thorough import each_card

from tldesk.model.cards import TORCHVISION_CARDS

HUGE = 500_000_000
"""Parameters from which a step needs more memory than a small machine has: two. Their stages are made by
the rules of their smaller siblings; names, shapes and order are checked in ``test_cards``."""


def test_all_but_two_are_computed_with() -> None:
    left_out = {name for name, entry in TORCHVISION_CARDS.items() if entry.parameters > HUGE}
    assert left_out == {"regnet_y_128gf", "vit_h_14"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", each_card(entry for entry in TORCHVISION_CARDS.values() if entry.parameters <= HUGE)
)
def test_the_stages_are_the_network(name: str) -> None:
    check_the_stages_are_the_network(TORCHVISION_CARDS[name])
