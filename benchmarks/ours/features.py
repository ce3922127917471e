"""The features that tldesk caches in a project, as arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tldesk import Project
from tldesk.engine.feature_store import FeatureStore


def kept_rows(project: Project, contents: Sequence[str]) -> tuple[NDArray[np.float32], dict[str, object]]:
    """Return the cached pooled features of all these images, (n, features) float32, and their description.

    Raises:
        LookupError: they are not in the cache.
    """
    for folder in sorted((project.cache_dir / "features").iterdir()):
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if len(about["shape"]) != 1:
            continue
        store = FeatureStore(folder, about["key"], about["shape"], np.dtype(about["dtype"]))
        if not store.missing(contents):
            return np.asarray(store.get(contents), np.float32), about
    raise LookupError("no feature store holds all images; train with everything frozen first")
