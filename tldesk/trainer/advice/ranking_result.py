"""The result of ranking backbones: one row per backbone, which are worth their time, and which to choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation import Interval, mcnemar, pareto_front

_LUCK = 0.05


@dataclass(frozen=True, eq=False)
class RankedBackbone:
    """A backbone as this data set sees it.

    Attributes:
        name, title: of the backbone.
        accuracy, balanced_accuracy: of a linear head, each image judged by one that had not seen it.
        logme: You et al. 2021; comparable between backbones on the same images.
        parameters: of the backbone as published.
        seconds_a_picture: torch computes the frozen backbone, measured here and now.
        seconds: all this took; little where the features were there already.
        contents: of the judged images, in order.
        right: (n,) bool, which of them.
    """

    name: str
    title: str
    accuracy: Interval
    balanced_accuracy: Interval
    logme: float
    parameters: int
    seconds_a_picture: float
    seconds: float
    contents: tuple[str, ...]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unranked:
    """A backbone that could not be evaluated, and why, in words."""

    name: str
    title: str
    why: str


@dataclass(frozen=True)
class Ranking:
    """What came of it.

    Attributes:
        backbones: the best first (balanced accuracy, then LogME).
        unranked: those that could not be judged.
        wanted: how many were to be judged; more than there are where it was stopped.
        images: how many images were judged by.
        of: how many images there were; more, where some were drawn.
        folds: of the cross-validation.
    """

    backbones: tuple[RankedBackbone, ...]
    unranked: tuple[Unranked, ...]
    wanted: int
    images: int
    of: int
    folds: int

    @property
    def front(self) -> tuple[bool, ...]:
        """For each backbone whether none other is both as quick and as good."""
        times = [one.seconds_a_picture for one in self.backbones]
        return pareto_front(times, [one.balanced_accuracy.value for one in self.backbones])

    @property
    def suggested(self) -> RankedBackbone | None:
        """The quickest of those that are not clearly worse than the best; None where none was judged."""
        equal = [one for one in self.backbones if not self.clearly_worse(one)]
        return min(equal, key=lambda one: one.seconds_a_picture, default=None)

    def clearly_worse(self, one: RankedBackbone) -> bool:
        """Whether the best is right on more of the same images than luck explains (McNemar, p < 0.05)."""
        best = self.backbones[0]
        at = {content: place for place, content in enumerate(one.contents)}
        common = [(place, at[content]) for place, content in enumerate(best.contents) if content in at]
        theirs = best.right[[place for place, _ in common]]
        mine = one.right[[place for _, place in common]]
        return bool(theirs.sum() > mine.sum() and mcnemar(theirs, mine) < _LUCK)
