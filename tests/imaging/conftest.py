"""For the tests of prepared pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from prepared_photos import GIB

from tldesk.imaging import PreparedCache


@pytest.fixture
def cache(tmp_path: Path) -> PreparedCache:
    """Roomy, in a folder of its own."""
    return PreparedCache(tmp_path / "cache" / "prepared", limit=GIB)
