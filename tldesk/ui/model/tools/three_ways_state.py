"""The comparison of the three ways as the dialog shows it. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tldesk.base import Problem

if TYPE_CHECKING:
    from tldesk.recipe.three_ways import WayName
    from tldesk.run.series.three_ways_record import WayResult


class ComparisonState(NamedTuple):
    """A comparison as far as it has got.

    Attributes:
        number: of the comparison.
        backbone: title.
        results: the three ways.
        suggested: which to take; None while fewer than two are done.
        words: what the results say; empty while fewer than two are done.
        failures: why ways could not be trained.
        runs_changed: whether a run was added or ended.
    """

    number: int
    backbone: str
    results: tuple[WayResult, ...]
    suggested: WayName | None
    words: tuple[str, ...]
    failures: Mapping[WayName, str]
    runs_changed: bool = False


class ComparisonStart(NamedTuple):
    """What the dialog begins with.

    Attributes:
        last: the project's last comparison; None if there is none.
        preview: the page's recipe in the three ways, not trained yet; empty where there is a problem.
        problem: what keeps the page's recipe from being compared; None if nothing does.
    """

    last: ComparisonState | None
    preview: tuple[WayResult, ...]
    problem: Problem | None
