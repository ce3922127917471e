"""Runs: folder, recorder, checkpoint and resume, history, compare. Names exported here load no torch."""

from __future__ import annotations

from tldesk.run.predictions import Predictions
from tldesk.run.reevaluate import Reevaluation, reevaluate
from tldesk.run.run import Run, RunSummary
from tldesk.run.run_status import RunState
from tldesk.run.staleness import Staleness, names_of_run, staleness
from tldesk.run.two_runs import RunComparison, compare

__all__ = [
    "Predictions",
    "Reevaluation",
    "Run",
    "RunComparison",
    "RunState",
    "RunSummary",
    "Staleness",
    "compare",
    "names_of_run",
    "reevaluate",
    "staleness",
]
