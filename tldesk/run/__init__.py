"""Run folder, recorder, checkpoint and resume, history, compare. Names here load no torch."""

from __future__ import annotations

from tldesk.run.predictions import Predictions
from tldesk.run.reevaluate import Today, evaluate_today
from tldesk.run.run import Run, Summary
from tldesk.run.run_status import State
from tldesk.run.staleness import Staleness, staleness
from tldesk.run.two_runs import Comparison, compare

__all__ = [
    "Comparison",
    "Predictions",
    "Run",
    "Staleness",
    "State",
    "Summary",
    "Today",
    "compare",
    "evaluate_today",
    "staleness",
]
