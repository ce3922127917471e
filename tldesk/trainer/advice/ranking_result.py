"""The result of ranking backbones: one row per backbone, the Pareto front, and the suggested one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation import Interval, mcnemar, pareto_front

_LUCK = 0.05


@dataclass(frozen=True, eq=False)
class RankedBackbone:
    """The scores of one backbone on this data set.

    Attributes:
        name, title: name and title of the backbone.
        accuracy, balanced_accuracy: of a cross-validated linear head.
        logme: LogME (You et al. 2021); comparable between backbones on the same images.
        parameters: number of parameters of the published network.
        seconds_a_picture: seconds per image for the frozen backbone, measured on this computer.
        seconds: total time of the evaluation; short if the features were cached.
        contents: content hashes of the images, in order.
        right: (n,) bool, whether each image was predicted correctly.
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
    """A backbone that could not be evaluated, and the reason in words."""

    name: str
    title: str
    why: str


@dataclass(frozen=True)
class Ranking:
    """The ranking of several backbones on the same images.

    Attributes:
        backbones: best first (balanced accuracy, then LogME).
        unranked: backbones that could not be evaluated.
        wanted: number of backbones to evaluate; larger than the number of results if the ranking was stopped.
        images: number of images used.
        of: number of images available; larger than ``images`` if a sample was drawn.
        folds: number of folds of the cross-validation.
    """

    backbones: tuple[RankedBackbone, ...]
    unranked: tuple[Unranked, ...]
    wanted: int
    images: int
    of: int
    folds: int

    @property
    def front(self) -> tuple[bool, ...]:
        """Whether each backbone is on the Pareto front: no other one is both faster and more accurate."""
        times = [one.seconds_a_picture for one in self.backbones]
        return pareto_front(times, [one.balanced_accuracy.value for one in self.backbones])

    @property
    def suggested(self) -> RankedBackbone | None:
        """The fastest backbone that is not clearly worse than the best; None if none was evaluated."""
        equal = [one for one in self.backbones if not self.clearly_worse(one)]
        return min(equal, key=lambda one: one.seconds_a_picture, default=None)

    def clearly_worse(self, one: RankedBackbone) -> bool:
        """Return whether the best backbone is significantly more accurate (McNemar, p < 0.05).

        Only images predicted by both backbones are compared.
        """
        best = self.backbones[0]
        at = {content: place for place, content in enumerate(one.contents)}
        common = [(place, at[content]) for place, content in enumerate(best.contents) if content in at]
        theirs = best.right[[place for place, _ in common]]
        mine = one.right[[place for _, place in common]]
        return bool(theirs.sum() > mine.sum() and mcnemar(theirs, mine) < _LUCK)
