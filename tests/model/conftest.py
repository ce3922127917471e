"""For the tests of networks."""

from __future__ import annotations

import pytest
from all_cards import all_passed_before


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed with this very code before: all cards of a family but one."""
    others = [item for item in items if item.get_closest_marker("every_card")]
    if others and not config.option.markexpr and all_passed_before():
        config.hook.pytest_deselected(items=others)
        left_out = set(others)
        items[:] = [item for item in items if item not in left_out]
