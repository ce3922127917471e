"""Training: plan, data, the loop as a generator of events, strategies, costs, advice.

The names exported here load no torch.
"""

from __future__ import annotations

from tldesk.trainer.events import (
    BatchFinished,
    EpochFinished,
    Event,
    Finished,
    Notice,
    PhaseStarted,
    Preparing,
    Started,
    Stopped,
)

__all__ = [
    "BatchFinished",
    "EpochFinished",
    "Event",
    "Finished",
    "Notice",
    "PhaseStarted",
    "Preparing",
    "Started",
    "Stopped",
]
