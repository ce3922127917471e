"""Shortcuts: properties that predict the class but are not part of the subject of the picture.

A network learns anything that separates the classes: the picture size of a scanner, the date, a black frame,
a marker in the corner. Its predictions are then correct for these pictures and wrong for others (R. Geirhos
et al., "Shortcut learning in deep neural networks", Nature Machine Intelligence 2, 2020). To detect this, a
small model is trained on the facts of the files only, or on the border of a 16 x 16 grey picture only;
without a shortcut it should hardly be better than guessing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset.files.fingerprint import TINY_SIDE
from tldesk.dataset.groups.proposals import SOMEBODY
from tldesk.dataset.splits.partition import Candidate, folds

Where = Literal["files", "border"]
WHERE: tuple[Where, ...] = ("files", "border")

_FOLDS = 5
_FEWEST = 30  # bundles of images that a class needs
_MOST = 1000  # images; more would not change the result
_TREES = 50
_LEAF = 3  # images
_LEAST_GAIN = 0.3
_SHARE_TELLING = 0.5  # a fact is reported if its own gain is at least this fraction of the gain of all facts
_SHOWN = 12  # example images per class
_LEAST_SHARED = 0.5  # if more of the texts than this are unique, they identify images, not how they were made
_LARGEST = 1e30  # the trees compute in single precision
_DATE = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True)
class ShortcutData:
    """The images to search for shortcuts; all sequences have the length n of ``ids``.

    Attributes:
        ids: image ids.
        labels: (n,) class indices 0..K-1.
        bundles: bundle numbers; images of the same bundle are always in the same fold.
        facts: facts of the files: name -> (n,) numbers; categories are numbered.
        border: (n, 60) grey values at the border of the tiny pictures.
    """

    ids: Sequence[int]
    labels: NDArray[np.intp]
    bundles: Sequence[int]
    facts: Mapping[str, NDArray[np.float64]]
    border: NDArray[np.float64]


@dataclass(frozen=True)
class Shortcut:
    """A shortcut: a small model predicts the class from data that should not allow it.

    Attributes:
        where: the model's input: "files" (facts of the files) or "border".
        accuracy: balanced accuracy on images that it was not trained on, 0..1.
        low: lower bound of its 95 % interval.
        chance: balanced accuracy of guessing: 1 / number of classes.
        telling: names of the most predictive facts, the best first; empty for the border.
        ids: the images predicted correctly with the highest confidence, a few per class.
    """

    where: Where
    accuracy: float
    low: float
    chance: float
    telling: tuple[str, ...]
    ids: tuple[int, ...]


def find_shortcut(data: ShortcutData, where: Where) -> Shortcut | None:
    """Return the shortcut of one kind; None if there is none or too few images to decide.

    The lower bound of its accuracy must be at least 30 % of the way from guessing to 1.
    """
    chance = 1 / max(2, int(data.labels.max(initial=0)) + 1)
    if not len(data.ids) or (where == "files" and not data.facts):
        return None
    names = list(data.facts)
    seen = np.column_stack([data.facts[name] for name in names]) if where == "files" else data.border
    answers = _left_out(seen, data)
    accuracy, low = _balanced(answers, data.labels)
    if low < chance + _LEAST_GAIN * (1 - chance):
        return None
    telling = _telling(data, accuracy - chance, chance) if where == "files" else ()
    return Shortcut(where, accuracy, low, chance, telling, _examples(answers, data))


def _telling(data: ShortcutData, gain: float, chance: float) -> tuple[str, ...]:
    alone = {
        name: _balanced(_left_out(values[:, None], data), data.labels)[0] - chance
        for name, values in data.facts.items()
    }
    best = sorted(alone, key=lambda name: -alone[name])
    return tuple(name for name in best if alone[name] >= _SHARE_TELLING * gain)[:3] or tuple(best[:2])


def _left_out(seen: NDArray[np.float64], data: ShortcutData) -> NDArray[np.float64]:
    """Return (n, K) probabilities, each predicted by a model trained without the image's fold."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.tree import DecisionTreeClassifier

    labels = data.labels
    candidates = [
        Candidate(int(label), bundle, str(number))
        for label, bundle, number in zip(labels, data.bundles, data.ids, strict=True)
    ]
    home = np.array(folds(candidates, _FOLDS, seed=0))
    answers = np.zeros((len(labels), int(labels.max()) + 1))
    for fold in np.unique(home):
        out = home == fold
        # The trees of a forest differ in the facts that they look at: for a single fact one tree will do.
        model = (
            DecisionTreeClassifier(min_samples_leaf=_LEAF, class_weight="balanced", random_state=0)
            if seen.shape[1] == 1
            else ExtraTreesClassifier(
                _TREES, min_samples_leaf=_LEAF, class_weight="balanced", random_state=0, max_features=None
            )
        )
        model.fit(seen[~out], labels[~out])
        answers[np.ix_(out, model.classes_)] = model.predict_proba(seen[out])
    return answers


def _balanced(answers: NDArray[np.float64], labels: NDArray[np.intp]) -> tuple[float, float]:
    """Return balanced accuracy and the lower bound of its 95 % interval (normal, independent classes)."""
    right = answers.argmax(1) == labels
    numbers = np.bincount(labels)
    shares = np.bincount(labels, right) / numbers
    error = np.sqrt((shares * (1 - shares) / numbers).sum()) / len(numbers)
    return float(shares.mean()), float(shares.mean() - 1.96 * error)


def _examples(answers: NDArray[np.float64], data: ShortcutData) -> tuple[int, ...]:
    sure = np.where(answers.argmax(1) == data.labels, answers.max(1), -1.0)
    chosen: list[int] = []
    for label in np.unique(data.labels):
        places = np.flatnonzero((data.labels == label) & (sure > 0))
        chosen += [data.ids[place] for place in places[np.argsort(-sure[places], kind="stable")][:_SHOWN]]
    return tuple(chosen)


# --- the data ----------------------------------------------------------------


def shortcut_data(rows: Sequence[tuple[Any, ...]], bundles: Sequence[int]) -> ShortcutData:
    """Return the data of images, without classes that are too small; a sample if there are many images.

    Args:
        rows: for each image: id, class, size, width, height, format, facts (JSON) and tiny picture.
        bundles: see ``ShortcutData``.
    """
    kept = _enough([row[1] for row in rows], bundles)
    if len(kept) > _MOST:
        kept = np.sort(np.random.default_rng(0).permutation(kept)[:_MOST])
    chosen = [rows[place] for place in kept.tolist()]
    labels = np.unique([row[1] for row in chosen], return_inverse=True)[1].astype(np.intp)
    tinies = np.frombuffer(b"".join(row[7] for row in chosen), np.uint8).astype(np.float64)
    inner = np.zeros((TINY_SIDE, TINY_SIDE), bool)
    inner[1:-1, 1:-1] = True
    border = tinies.reshape(len(chosen), TINY_SIDE * TINY_SIDE)[:, ~inner.ravel()]
    own = [bundles[place] for place in kept.tolist()]
    return ShortcutData([row[0] for row in chosen], labels, own, _facts(chosen), border)


def _enough(classes: Sequence[int], bundles: Sequence[int]) -> NDArray[np.intp]:
    """Return the indices of images whose class has enough bundles; empty if fewer than two classes have."""
    held: dict[int, set[int]] = {}
    for label, home in zip(classes, bundles, strict=True):
        held.setdefault(label, set()).add(home)
    large = {label for label, homes in held.items() if len(homes) >= _FEWEST}
    places = [place for place, label in enumerate(classes) if label in large] if len(large) > 1 else []
    return np.array(places, dtype=np.intp)


def _facts(rows: Sequence[tuple[Any, ...]]) -> dict[str, NDArray[np.float64]]:
    """Return numbers and categories, without constant facts and those that identify the person shown."""
    sizes = np.array([row[2:5] for row in rows], dtype=np.float64).reshape(-1, 3)
    pixels = np.maximum(sizes[:, 1] * sizes[:, 2], 1)
    found = {
        "file size": sizes[:, 0],
        "width": sizes[:, 1],
        "height": sizes[:, 2],
        "shape": sizes[:, 1] / np.maximum(sizes[:, 2], 1),
        "compression": sizes[:, 0] / pixels,
        "format": _numbers([row[5] for row in rows]),
    }
    own = [json.loads(row[6]) for row in rows]
    for name in sorted({name for facts in own for name in facts if not SOMEBODY.search(name)}):
        found[name] = _numbers([str(facts.get(name, "")) for facts in own])
    return {name: values for name, values in found.items() if len(rows) and np.ptp(values) > 0}


def _numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """Convert texts to numbers: numbers, times in seconds, else the alphabetical index; -1 if missing.

    If most texts are unique, they are converted to whether there is a text (1 or -1).
    """
    for read in (float, _seconds):
        try:
            values = np.array([read(text) if text else -1.0 for text in texts])
            return np.asarray(np.clip(np.nan_to_num(values), -_LARGEST, _LARGEST))
        except ValueError:
            continue
    there = [text for text in texts if text]
    if len(set(there)) > _LEAST_SHARED * len(there):
        return np.array([1.0 if text else -1.0 for text in texts])
    names = {text: float(place) for place, text in enumerate(sorted(set(there)))}
    return np.array([names.get(text, -1.0) for text in texts])


def _seconds(text: str) -> float:
    return (datetime.strptime(text, _DATE) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001, DTZ007


def rows_of(connection: sqlite3.Connection, usable: str) -> list[tuple[Any, ...]]:
    """Return the rows for ``shortcut_data``, plus content and group, of the labelled ``usable`` images."""
    return connection.execute(
        f"""SELECT id, class_id, size, width, height, format, facts, tiny, content, group_name
        FROM images JOIN looks USING (content) WHERE {usable} AND class_id IS NOT NULL
        ORDER BY source_id, path, id"""  # noqa: S608 - fixed text
    ).fetchall()
