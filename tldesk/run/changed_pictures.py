"""Finds the images of a snapshot whose files have changed since."""

from __future__ import annotations

import numpy as np

from tldesk.dataset import Snapshot
from tldesk.dataset.current_state import CurrentState, short_content


def changed_images(snapshot: Snapshot, now: CurrentState) -> frozenset[int]:
    """Return the ids of the images whose file has other content now than in a snapshot."""
    ids = np.array([item.image_id for item in snapshot.items], dtype=np.int64)
    known = np.array([short_content(item.content) for item in snapshot.items], dtype=np.uint64)
    places = now.places(ids)
    contents = now.contents[places]
    differs = (places >= 0) & (contents != known) & (contents != 0)
    return frozenset(ids[differs].tolist())
