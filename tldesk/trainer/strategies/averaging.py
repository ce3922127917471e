"""Averages the weights of several epochs (Izmailov et al. 2018, Averaging Weights Leads to Wider Optima)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass
class RunningMean:
    """The mean of several weights: parameters and batch norm statistics; for counters, the last value.

    Attributes:
        count: number of weights averaged.
        weights: the mean, on the CPU; new tensors after each ``add``.
    """

    count: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def add(self, weights: Mapping[str, Tensor]) -> None:
        """Add weights to the mean."""
        self.count += 1
        self.weights = {name: self._mean(name, tensor) for name, tensor in weights.items()}

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {"count": self.count, "weights": self.weights}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> RunningMean:
        """Restore the mean from a checkpoint."""
        return cls(state["count"], dict(state["weights"]))

    def _mean(self, name: str, new: Tensor) -> Tensor:
        if self.count == 1 or not new.is_floating_point():
            return new
        before = self.weights[name]
        return before + (new - before) / self.count
