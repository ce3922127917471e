"""Opens model files from anywhere: what a file says is checked before anything is computed with it.

The format itself is checked where it is read. A file may be of the right format and still hold numbers that
give wrong answers without a word, such as weights that are no numbers or shapes that belong to other classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from tldesk.base import Problem, ProblemError
from tldesk.model import Preprocessing, card
from tldesk.model.cards import TIMM_CARDS
from tldesk.model.model_file import ModelFile
from tldesk.model.table_code import NumberColumn, TableCode

_SIDES = range(16, 4097)
_LONGEST_NAME = 1000
_WIDEST = 100.0  # of mean and standard deviation, for values in 0..1
_NARROWEST = 1e-6
_TEMPERATURES = (1e-4, 1e4)
_FITS = ("crop", "letterbox", "stretch")


def open_model(path: Path) -> ModelFile:
    """Read a model file and check everything in it that prediction uses.

    Raises:
        ProblemError: the file does not exist, is not a model file, was written by a newer version, or holds
            values that cannot be right.
    """
    model = ModelFile.load(path)
    if model.backbone in TIMM_CARDS:
        card(model.backbone)  # which says what to install, where timm is missing
    found = next(wrong_values(model), "")
    if found:
        what = f"the model file cannot be used: {found}"
        raise ProblemError(Problem(str(path), what, "Copy the file again, or make it again from its run"))
    return model


def wrong_values(model: ModelFile) -> Iterator[str]:
    """Yield what cannot be right about a model, one phrase each; nothing for a sound one."""
    try:
        features = card(model.backbone).features
    except ProblemError:
        yield f'no network is called "{model.backbone[:50]}" here'
        return
    yield from _wrong_classes(model.classes)
    yield from _wrong_preprocessing(model.preprocessing)
    yield from _wrong_weights(model)
    yield from _wrong_training(model, features)
    yield from _wrong_statistics(model)
    yield from _wrong_columns(model.table)


def _wrong_classes(classes: tuple[str, ...]) -> Iterator[str]:
    if len(classes) < 2:
        yield "it has fewer than two classes"
    if len(set(classes)) < len(classes):
        yield "two of its classes have the same name"
    if not all(name.strip() for name in classes):
        yield "one of its classes has no name"
    if max(map(len, classes), default=0) > _LONGEST_NAME:
        yield f"the name of a class is longer than {_LONGEST_NAME:,} characters"


def _wrong_preprocessing(how: Preprocessing) -> Iterator[str]:
    if how.size not in _SIDES:
        yield f"its input size, {how.size} pixels, is outside {_SIDES[0]} to {_SIDES[-1]:,}"
    if how.fit not in _FITS:
        yield "its pictures are made square in a way that is not known"
    if not all(math.isfinite(value) and abs(value) <= _WIDEST for value in how.mean):
        yield "the mean of its colours is no ordinary number"
    if not all(_NARROWEST <= value <= _WIDEST for value in how.std):
        yield "the spread of its colours is not above 0"
    if not 0 < how.crop_ratio <= 1:
        yield "its crop is not above 0 and at most 1"


def _wrong_weights(model: ModelFile) -> Iterator[str]:
    for name, tensor in model.weights.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            yield f"the weights {name[:100]} are not all numbers"
        if name.endswith("running_var") and bool((tensor < 0).any()):
            yield f"the variances {name[:100]} are below 0"
    yield from _wrong_head(model)


def _wrong_head(model: ModelFile) -> Iterator[str]:
    """Compare with the classes before a network of that many is built."""
    answers = next((model.weights[name] for name in _last_tensors(model) if name in model.weights), None)
    if answers is None or not answers.dim() or len(answers) != len(model.classes):
        yield "its head does not answer with its classes"
    spread = model.weights.get("head.standardise.std")
    if spread is None or not bool((spread > 0).all()):
        yield "the spread of its features is not above 0"
    labels = model.weights.get("head.layers.labels")
    if labels is not None and not _are_classes(labels.numpy(), len(model.classes)):
        yield "its stored images have classes that it does not know"


def _last_tensors(model: ModelFile) -> tuple[str, ...]:
    return {"knn": ("head.layers.worth",), "dense": ("head.layers.3.bias",)}.get(
        model.head.kind, ("head.layers.1.bias",)
    )


def _wrong_training(model: ModelFile, features: int) -> Iterator[str]:
    vectors, labels = model.embeddings, model.labels
    if vectors.ndim != 2 or labels.ndim != 1 or len(vectors) != len(labels):
        yield "its training images are not stored one a row"
    elif len(vectors) and vectors.shape[1] != features:
        yield f"its training images have {vectors.shape[1]:,} features and its network {features:,}"
    elif not np.issubdtype(vectors.dtype, np.floating) or not bool(np.isfinite(vectors).all()):
        yield "the features of its training images are not all numbers"
    elif not _are_classes(labels, len(model.classes)):
        yield "its training images have classes that it does not know"


def _are_classes(labels: np.ndarray, count: int) -> bool:
    whole = np.issubdtype(labels.dtype, np.integer)
    return bool(whole and (not labels.size or (labels.min() >= 0 and labels.max() < count)))


def _wrong_statistics(model: ModelFile) -> Iterator[str]:
    lowest, highest = _TEMPERATURES
    if not lowest <= model.temperature <= highest:
        yield "its temperature is not an ordinary number above 0"
    if not 0 <= model.unsure_below <= 1:
        yield "its threshold for unsure answers is not between 0 and 1"
    distances = np.asarray(model.novelty, dtype=np.float64)
    if not bool(np.isfinite(distances).all() and (np.diff(distances) >= 0).all()):
        yield "its distances for novelty are not numbers in ascending order"
    elif distances.size and distances[0] < 0:
        yield "one of its distances for novelty is below 0"


def _wrong_columns(table: TableCode) -> Iterator[str]:
    names = [column.name for column in table.columns]
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        yield "two of its columns have the same name, or one has none"
    for column in table.columns:
        if isinstance(column, NumberColumn):
            values = (column.mean, column.spread, column.low, column.high)
            if not all(map(math.isfinite, values)) or column.spread <= 0 or column.low > column.high:
                yield f'the numbers of its column "{column.name[:100]}" cannot be right'
        elif len(set(column.words)) < len(column.words):
            yield f'two words of its column "{column.name[:100]}" are the same'
