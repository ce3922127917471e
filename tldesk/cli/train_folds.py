"""``tldesk train --folds``: one run per fold, then a table with mean, standard deviation and interval."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tldesk.base import duration, percent
from tldesk.cli.console import Console
from tldesk.cli.metrics_text import interval
from tldesk.cli.series_log import SeriesLog
from tldesk.run.series.cross_validation import CrossValidation, FoldBegun, FoldDone, Step, cross_validating

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.evaluation import FoldSpread
    from tldesk.trainer.events import Event
    from tldesk.trainer.plan import Plan

_METRICS = ("accuracy", "balanced_accuracy", "macro_f1")
_OPTIMISTIC = (
    "The images of each fold were also used to choose its best epoch: expect slightly lower scores on new "
    "pictures. The test images were not used."
)


def cross_validate(
    project: Project, plan: Plan, count: int, console: Console, stop: threading.Event
) -> CrossValidation:
    """Train every fold, showing progress, and print the result."""
    steps = cross_validating(project, plan, count, stop)
    with closing(steps), console.bar() as bar:
        log = SeriesLog(console, bar)
        while True:
            try:
                _show(next(steps), log)
            except StopIteration as end:
                found: CrossValidation = end.value
                break
    _report(found, console)
    return found


def _show(event: Step | Event, log: SeriesLog) -> None:
    if isinstance(event, FoldBegun):
        log.begin(event.run, f"Fold {event.fold.words}")
    elif not isinstance(event, FoldDone):
        log.show(event)


def _report(found: CrossValidation, console: Console) -> None:
    if not found.folds:
        console.note("Stopped before the end of the first epoch: there is no model.")
        return
    console.say()
    heads = ("fold", "run", "images", "accuracy", "balanced accuracy", "macro F1", "time")
    console.table(heads, [*map(_row, found.folds), *_summary_rows(found)])
    together = found.together
    if together is None or len(found.folds) < found.count or not all(one.whole for one in found.folds):
        whole = sum(one.whole for one in found.folds)
        console.say(
            f"Stopped: {whole} of {found.count} folds were trained to the end; only those are included."
        )
    if together is not None:
        console.say(
            f"All {together.n:,} images, each predicted by a model that was not trained on it: accuracy "
            f"{interval(together.accuracy.together.as_dict())}, balanced accuracy "
            f"{interval(together.balanced_accuracy.together.as_dict())}"
        )
        console.note(_OPTIMISTIC)


def _row(one: FoldDone) -> list[str]:
    numbers = [percent(getattr(one.validation, name).value) for name in _METRICS]
    name = one.fold.words if one.whole else f"{one.fold.words}, stopped"
    return [name, str(one.run.number), str(one.validation.n), *numbers, duration(one.run.summary.seconds)]


def _summary_rows(found: CrossValidation) -> list[list[str]]:
    if found.together is None:
        return []
    spreads: list[FoldSpread] = [getattr(found.together, name) for name in _METRICS]
    return [
        ["mean", "", "", *(percent(one.mean) for one in spreads), ""],
        ["standard deviation", "", "", *(percent(one.deviation) for one in spreads), ""],
    ]


def document(found: CrossValidation) -> dict[str, Any]:
    """Return the JSON document of a cross-validation."""
    return {
        "folds": found.count,
        "finished": sum(one.whole for one in found.folds),
        "runs": [
            {
                "run": one.run.number,
                "fold": one.fold.number,
                "status": "finished" if one.whole else "stopped",
                "model": str(one.run.model),
                "validation": one.validation.as_dict(),
            }
            for one in found.folds
        ],
        "cross_validation": None if found.together is None else found.together.as_dict(),
    }
