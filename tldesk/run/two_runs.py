"""Compares two runs: how their recipes and metrics differ, and whether the difference can be chance."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from tldesk.dataset import Split
from tldesk.evaluation.mcnemar import mcnemar
from tldesk.imaging import AS_STORED
from tldesk.recipe.differences import Difference, differences

if TYPE_CHECKING:
    from tldesk.run.predictions import Predictions
    from tldesk.run.run import Run

_METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "ece")


@dataclass(frozen=True, slots=True)
class MetricPair:
    """A metric of one split in both runs, each as (value, low, high) or None; ECE has no interval."""

    split: str
    metric: str
    first: tuple[float, float | None, float | None] | None
    second: tuple[float, float | None, float | None] | None


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test (McNemar 1947; binomial form) on the images of one split.

    Attributes:
        split: the split.
        n: number of images that both runs predicted.
        only_first, only_second: number of images that only this run predicted correctly.
        p: two-sided p-value; a small value means that the difference is unlikely to be chance.
    """

    split: str
    n: int
    only_first: int
    only_second: int
    p: float


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs side by side.

    Attributes:
        first, second: names of the runs.
        recipe: fields of the recipes, and settings for reading deep pictures (frame, window), that differ.
        metrics: one entry per split and metric.
        tests: one entry per split with the same images in both runs.
    """

    first: str
    second: str
    recipe: tuple[Difference, ...]
    metrics: tuple[MetricPair, ...]
    tests: tuple[McNemar, ...]


def compare(first: Run, second: Run) -> RunComparison:
    """Compare two runs from their folders."""
    splits = (Split.VALIDATION, Split.TEST)
    pairs = [pair for split in splits for pair in _metric_pairs(first, second, split)]
    tests = [paired(first, second, split) for split in splits]
    return RunComparison(
        first.name,
        second.name,
        (*differences(first.recipe, second.recipe), *_read_differently(first, second)),
        tuple(pairs),
        tuple(test for test in tests if test is not None),
    )


def _read_differently(first: Run, second: Run) -> list[Difference]:
    """Return the differences in how pictures are read.

    Older runs without that setting read them as stored.
    """
    one, two = ({**asdict(AS_STORED), **run.environment.get("rendering", {})} for run in (first, second))
    return [Difference(name, one[name], two[name]) for name in one if one[name] != two[name]]


def _metric_pairs(first: Run, second: Run, split: Split) -> list[MetricPair]:
    one, two = _metrics(first, split), _metrics(second, split)
    return [
        MetricPair(str(split), metric, one.get(metric), two.get(metric))
        for metric in _METRICS
        if metric in one or metric in two
    ]


def _metrics(run: Run, split: Split) -> dict[str, tuple[float, float | None, float | None]]:
    path = run.files.evaluation(split)
    if not path.is_file():
        return {}
    values = json.loads(path.read_text(encoding="utf-8"))
    return {metric: _triple(values[metric]) for metric in _METRICS if values.get(metric) is not None}


def _triple(value: float | dict[str, float]) -> tuple[float, float | None, float | None]:
    if isinstance(value, dict):
        return value["value"], value["low"], value["high"]
    return value, None, None


def paired(first: Run, second: Run, split: Split) -> McNemar | None:
    """Return the test for a split; None if the runs did not predict exactly the same images."""
    return _mcnemar(first.predictions(split), second.predictions(split), split)


def _mcnemar(first: Predictions | None, second: Predictions | None, split: Split) -> McNemar | None:
    if first is None or second is None or not len(first.labels):
        return None
    here = {(content, int(label)): place for place, (content, label) in enumerate(_keys(second))}
    places = [here.get((content, int(label))) for content, label in _keys(first)]
    if None in places or len(first.labels) != len(second.labels):
        return None
    right_second = second.right[np.array(places, dtype=np.int64)]
    only_first = int((first.right & ~right_second).sum())
    only_second = int((~first.right & right_second).sum())
    p = mcnemar(first.right, right_second)
    return McNemar(str(split), len(first.labels), only_first, only_second, p)


def _keys(predictions: Predictions) -> zip[tuple[str, int]]:
    return zip(predictions.contents, predictions.labels.tolist(), strict=True)
