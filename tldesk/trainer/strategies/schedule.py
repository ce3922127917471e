"""The learning-rate schedule within a phase."""

from __future__ import annotations

import math

from tldesk.recipe import Phase


def learning_rate(phase: Phase, start: float, end: float) -> float:
    """Return the learning rate of a step from ``start`` to ``end``, in epochs since the phase began.

    It rises linearly from zero during the warm-up. After that it is constant, or falls to zero along half a
    cosine (Loshchilov and Hutter 2017, without restarts).
    """
    warm = phase.warmup_epochs
    if start < warm:
        return phase.learning_rate * min(1.0, end / warm)
    if phase.schedule == "constant":
        return phase.learning_rate
    share = (start - warm) / max(phase.epochs - warm, 1e-9)
    return phase.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
