"""Shortcuts: what predicts the class though it is not what the picture shows.

A network learns whatever separates the classes: a scanner's picture size, the day they were taken, a black
frame, a marker in the corner. It is then right on these pictures and wrong on others (R. Geirhos et al.,
"Shortcut learning in deep neural networks", Nature Machine Intelligence 2, 2020). A small model that sees
only the facts of the files, or only the border of a 16 x 16 grey picture, should hardly do better than
guessing.
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
_FEWEST = 30  # files, or bundles of files that belong together, that a class needs
_MOST = 1000  # images; more would not change the verdict
_TREES = 50
_LEAST_GAIN = 0.3
_SHARE_TELLING = 0.5  # a fact is named whose own gain is that much of all facts' together
_SHOWN = 12  # images of a class
_LEAST_SHARED = 0.5  # a text that most images have for themselves names the image, not how it was made
_LARGEST = 1e30  # the trees count in single precision
_DATE = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True)
class ShortcutData:
    """The images to look for shortcuts in; all sequences are as long as ``ids``.

    Attributes:
        ids: the images' numbers.
        labels: (n,) class indices 0..K-1.
        bundles: images of the same bundle belong together and are never in different folds.
        facts: facts of the files: name to (n,) numbers; categories are numbered.
        border: (n, 60) grey values at the border of the tiny pictures.
    """

    ids: Sequence[int]
    labels: NDArray[np.intp]
    bundles: Sequence[int]
    facts: Mapping[str, NDArray[np.float64]]
    border: NDArray[np.float64]


@dataclass(frozen=True)
class Shortcut:
    """A small model predicts the class from what should not give it away.

    Attributes:
        where: what it saw: "files" or "border".
        accuracy: balanced accuracy on images that it was not trained on, 0..1.
        low: lower end of the 95 % interval of that.
        chance: what guessing gives: 1 / number of classes.
        telling: names of the facts that predict most, the best first; empty for the border.
        ids: images predicted correctly and most surely, a few of each class.
    """

    where: Where
    accuracy: float
    low: float
    chance: float
    telling: tuple[str, ...]
    ids: tuple[int, ...]


def find_shortcut(data: ShortcutData, where: Where) -> Shortcut | None:
    """The shortcut of one kind, None without one or where too few images could tell.

    It must close 30 % of the gap between guessing and certainty, by the lower end of its interval.
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
    """(n, K) probabilities from models trained without the image's fold."""
    from sklearn.ensemble import ExtraTreesClassifier

    labels = data.labels
    candidates = [
        Candidate(int(label), bundle, str(number))
        for label, bundle, number in zip(labels, data.bundles, data.ids, strict=True)
    ]
    home = np.array(folds(candidates, _FOLDS, seed=0))
    answers = np.zeros((len(labels), int(labels.max()) + 1))
    for fold in np.unique(home):
        out = home == fold
        model = ExtraTreesClassifier(
            _TREES, min_samples_leaf=3, class_weight="balanced", random_state=0, max_features=None
        )
        model.fit(seen[~out], labels[~out])
        answers[np.ix_(out, model.classes_)] = model.predict_proba(seen[out])
    return answers


def _balanced(answers: NDArray[np.float64], labels: NDArray[np.intp]) -> tuple[float, float]:
    """Balanced accuracy, and the lower end of its 95 % interval (normal; classes vary independently)."""
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
    """The data of images, without classes that are too small; a sample if there are many images.

    Args:
        rows: id, class, size, width, height, format, facts (JSON) and tiny picture of each image.
        bundles: as in ``ShortcutData``.
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
    """Places of images whose class has enough bundles; none if fewer than two classes have."""
    held: dict[int, set[int]] = {}
    for label, home in zip(classes, bundles, strict=True):
        held.setdefault(label, set()).add(home)
    large = {label for label, homes in held.items() if len(homes) >= _FEWEST}
    places = [place for place, label in enumerate(classes) if label in large] if len(large) > 1 else []
    return np.array(places, dtype=np.intp)


def _facts(rows: Sequence[tuple[Any, ...]]) -> dict[str, NDArray[np.float64]]:
    """Numbers and categories, without those that all images share or that name whom a picture shows."""
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
    """Numbers, times as seconds, else categories by their place in the alphabet; -1 = not known.

    A text that most images have for themselves becomes whether there is one.
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
    """What ``shortcut_data`` takes, then content and group, of the labelled images that ``usable`` allows."""
    return connection.execute(
        f"""SELECT id, class_id, size, width, height, format, facts, tiny, content, group_name
        FROM images JOIN looks USING (content) WHERE {usable} AND class_id IS NOT NULL
        ORDER BY source_id, path, id"""  # noqa: S608 - fixed text
    ).fetchall()
