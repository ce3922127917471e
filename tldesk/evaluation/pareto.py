"""The Pareto front: the choices that no other choice beats in both cost and gain."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(costs: Sequence[float], gains: Sequence[float]) -> tuple[bool, ...]:
    """Return whether each choice is on the Pareto front: no other one costs no more and gains no less.

    Equal choices do not exclude each other.
    """
    pairs = list(zip(costs, gains, strict=True))
    return tuple(not any(_beats(other, one) for other in pairs) for one in pairs)


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]
