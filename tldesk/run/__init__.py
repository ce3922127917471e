"""Run folder, recorder, checkpoint and resume, history, compare. Names here load no torch."""

from __future__ import annotations

from tldesk.run.compare import Comparison, compare
from tldesk.run.predictions import Predictions
from tldesk.run.run import Run, Summary
from tldesk.run.staleness import Staleness, staleness
from tldesk.run.status import State
from tldesk.run.today import Today, evaluate_today

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
