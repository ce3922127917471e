"""The comparison of the three ways as shown in the dialog. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tldesk.base import Problem

if TYPE_CHECKING:
    from tldesk.recipe.three_ways import WayName
    from tldesk.run.series.three_ways_record import WayResult


class ComparisonState(NamedTuple):
    """A comparison and its results so far.

    Attributes:
        number: number of the comparison.
        backbone: title of the backbone.
        results: results of the three ways.
        suggested: the way to use; None while fewer than two are finished.
        words: conclusions from the results; empty while fewer than two are finished.
        failures: why ways could not be trained.
        runs_changed: whether a run was added or has ended.
    """

    number: int
    backbone: str
    results: tuple[WayResult, ...]
    suggested: WayName | None
    words: tuple[str, ...]
    failures: Mapping[WayName, str]
    runs_changed: bool = False


class ComparisonStart(NamedTuple):
    """The initial content of the dialog.

    Attributes:
        last: the project's last comparison; None if there is none.
        preview: the three ways made from the page's recipe, not trained yet; empty if there is a problem.
        problem: why the page's recipe cannot be compared; None if it can.
    """

    last: ComparisonState | None
    preview: tuple[WayResult, ...]
    problem: Problem | None
