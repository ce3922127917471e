"""Run folder, recorder, checkpoint and resume, history, compare. Names here load no torch."""

from __future__ import annotations

from tldesk.run.compare import Comparison, compare
from tldesk.run.predictions import Predictions
from tldesk.run.run import Run, Summary
from tldesk.run.status import State

__all__ = ["Comparison", "Predictions", "Run", "State", "Summary", "compare"]
