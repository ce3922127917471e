"""Which of the three ways to choose, and how certain that is, in plain sentences. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tldesk.base import duration, percent, plural
from tldesk.dataset import Split
from tldesk.recipe.three_ways import TITLES, WayName
from tldesk.run.two_runs import McNemar, paired

if TYPE_CHECKING:
    from tldesk.run.series.three_ways_record import SplitNumbers, ThreeWays, WayResult

_LUCK = 0.05
_FEW = 100  # images; below this, a confidence interval of the accuracy is more than ten points wide


@dataclass(frozen=True)
class Advice:
    """What the results suggest.

    Attributes:
        split: the split that was compared: the test images, or the validation images if there are no test
            images.
        best: the way with the highest balanced accuracy.
        others: each other finished way, with McNemar's test of the best (first) against it (second).
        suggested: the fastest of the ways that are not clearly worse than the best.
    """

    split: Split
    best: WayResult
    others: tuple[tuple[WayResult, McNemar], ...]
    suggested: WayResult


def judge(ways: ThreeWays, results: Sequence[WayResult] | None = None) -> Advice | None:
    """Compare the finished ways; None if fewer than two are finished.

    The best way is chosen on the same images that its metrics are computed on. With only three ways this
    makes them little too optimistic, and McNemar's test on the same images shows whether the lead is
    significant.
    """
    done = [one for one in (results or ways.results) if one.done and one.validation is not None]
    if len(done) < 2:
        return None
    split = Split.TEST if all(one.test is not None for one in done) else Split.VALIDATION
    best = max(done, key=lambda one: (numbers_of(one, split).balanced_accuracy.value, -one.seconds))
    pairs = [(one, _test(ways, best.way, one.way, split)) for one in done if one is not best]
    others = tuple((one, test) for one, test in pairs if test is not None)
    equal = [best, *(one for one, test in others if not _is_clear(test))]
    return Advice(split, best, others, min(equal, key=lambda one: one.seconds))


def numbers_of(result: WayResult, split: Split) -> SplitNumbers:
    """Return the metrics of a finished way that has images in the split."""
    found = result.test if split == Split.TEST else result.validation
    assert found is not None
    return found


def sentences(judgement: Advice, training_images: int) -> tuple[str, ...]:
    """Return the advice as sentences.

    They say which way is best and which to choose, whether the lead is significant, and what the limits of
    the comparison are.
    """
    best, split = judgement.best, judgement.split
    numbers = numbers_of(best, split)
    images = plural(numbers.n, f"{split} image")
    return (
        f"Best on the {images}: {TITLES[best.way]}, balanced accuracy "
        f"{percent(numbers.balanced_accuracy.value)}.",
        _advice(judgement),
        *(_ahead(best, one, test) for one, test in judgement.others),
        *_limits(judgement, numbers.n, training_images),
    )


def _ahead(best: WayResult, other: WayResult, test: McNemar) -> str:
    name, rival = TITLES[best.way], TITLES[other.way]
    counts = (
        f"{plural(test.only_first, 'image')} right with {name} only, {test.only_second:,} with {rival} only, "
        f"probability of that by chance {test.p:.3f}"
    )
    if _is_clear(test):
        return f"{name[0].upper()}{name[1:]} is clearly ahead of {rival} ({counts})."
    return f"Between {name} and {rival} there is no difference that luck would not explain ({counts})."


def _advice(judgement: Advice) -> str:
    best, wanted = judgement.best, judgement.suggested
    if wanted is best:
        return f"Advice: take {TITLES[best.way]}."
    return (
        f"Advice: take {TITLES[wanted.way]}: not clearly worse, and trained in {duration(wanted.seconds)} "
        f"instead of {duration(best.seconds)}."
    )


def _limits(judgement: Advice, n: int, training_images: int) -> list[str]:
    found = []
    if judgement.split == Split.VALIDATION:
        found.append(
            "There are no test images, so these are the validation images, which also chose each way's best "
            "epoch: expect a little less on new pictures."
        )
    if n < _FEW:
        found.append(
            f"{plural(n, 'image')} can only show large differences; more {judgement.split} images would show "
            "smaller ones."
        )
    scratch = [one for one, _test in judgement.others if one.way == "from_scratch"]
    if scratch:
        found.append(
            f"From scratch had nothing but {plural(training_images, 'training image')} and "
            f"{plural(scratch[0].epochs_done, 'epoch')}; with far more of both it would come nearer."
        )
    return found


def _test(ways: ThreeWays, best: WayName, other: WayName, split: Split) -> McNemar | None:
    first, second = ways.run_of(best), ways.run_of(other)
    return None if first is None or second is None else paired(first, second, split)


def _is_clear(test: McNemar) -> bool:
    return test.only_first > test.only_second and test.p < _LUCK


def as_document(judgement: Advice, words: Sequence[str]) -> Mapping[str, object]:
    """Return the advice as JSON values."""
    return {
        "split": str(judgement.split),
        "best": judgement.best.way,
        "suggested": judgement.suggested.way,
        "comparisons": [
            {
                "with": one.way,
                "n": test.n,
                "only_best": test.only_first,
                "only_other": test.only_second,
                "p": test.p,
                "clearly_worse": _is_clear(test),
            }
            for one, test in judgement.others
        ],
        "words": " ".join(words),
    }
