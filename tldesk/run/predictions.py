"""The stored logits of a split, used by evaluation, calibration and comparison."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tldesk.base import write_atomic


@dataclass(frozen=True, eq=False)
class Predictions:
    """The logits of a run's best weights for the images of a split.

    Attributes:
        image_ids: (n,) int64, ids in the project.
        contents: content hashes of the n images.
        logits: (n, c) float32.
        labels: (n,) int64, indices into the snapshot's classes.
    """

    image_ids: NDArray[np.int64]
    contents: tuple[str, ...]
    logits: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) whether the largest logit is that of the label."""
        return np.asarray(self.logits.argmax(axis=1) == self.labels)


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write the file atomically.

    Raises:
        ProblemError: the file cannot be written.
    """
    buffer = io.BytesIO()
    np.savez(
        buffer,
        image_ids=predictions.image_ids,
        contents=np.array(predictions.contents, dtype="U"),
        logits=predictions.logits,
        labels=predictions.labels,
    )
    write_atomic(path, buffer.getvalue())


def read_predictions(path: Path) -> Predictions | None:
    """Return the stored predictions; None if there are none or the file is damaged.

    The caller then computes them again.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return Predictions(
                file["image_ids"], tuple(str(one) for one in file["contents"]), file["logits"], file["labels"]
            )
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
