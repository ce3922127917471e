"""Which of several choices are worth their cost (the Pareto front)."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(costs: Sequence[float], gains: Sequence[float]) -> tuple[bool, ...]:
    """Whether each choice is on the Pareto front: no other costs at most as much and gains at least as much.

    Equal choices do not beat each other.
    """
    pairs = list(zip(costs, gains, strict=True))
    return tuple(not any(_beats(other, one) for other in pairs) for one in pairs)


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]
