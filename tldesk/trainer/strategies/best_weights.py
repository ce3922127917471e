"""Keeps the best weights so far, and defines what "best" means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from tldesk.model.build import Network
from tldesk.trainer.strategies.learner import ValidationResult

Score = tuple[float, ...]


@dataclass
class BestWeights:
    """The weights of the best epoch.

    Attributes:
        epoch: the best epoch, from 1; 0 if there is none yet.
        score: larger is better, compared from left to right.
        weights: of the trained part, on the CPU.
        path: best score within the current phase by the phase's own measure; empty if it has none.
        path_epoch: the epoch with that score; 0 if there is none yet.
    """

    epoch: int = 0
    score: Score = ()
    weights: dict[str, Tensor] = field(default_factory=dict)
    path: Score = ()
    path_epoch: int = 0

    def begin_phase(self) -> None:
        """Reset the phase's own measure: it cannot be compared across phases."""
        self.path, self.path_epoch = (), 0

    def offer(
        self,
        epoch: int,
        score: Score,
        weights: Callable[[], Mapping[str, Tensor]],
        *,
        path: Score = (),
        first: int = 1,
    ) -> bool:
        """Keep these weights if they are better; return whether they were.

        Args:
            epoch: the epoch that the weights are from.
            score: compares epochs of all phases.
            weights: returns copies on the CPU; called only if they are kept.
            path: if not empty, compares epochs of the same phase instead of ``score``.
            first: the phase's first epoch.
        """
        if path:
            if path <= self.path:
                return False
            self.path, self.path_epoch = path, epoch
        of_this_path = bool(path) and self.epoch >= first
        if self.epoch and not of_this_path and score <= self.score:
            return False
        self.epoch, self.score, self.weights = epoch, score, dict(weights())
        return True

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {
            "epoch": self.epoch,
            "score": list(self.score),
            "weights": self.weights,
            "path": list(self.path),
            "path_epoch": self.path_epoch,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> BestWeights:
        """Restore from a checkpoint, including those of versions without ``path``."""
        path, path_epoch = tuple(state.get("path", ())), state.get("path_epoch", 0)
        return cls(state["epoch"], tuple(state["score"]), state["weights"], path, path_epoch)


def score_of(
    monitor: Literal["balanced_accuracy", "loss"], check: ValidationResult | None, train_loss: float
) -> Score:
    """Return the score of an epoch; without validation images it is based on the training loss.

    Few validation images give few distinct accuracies, so the loss breaks ties.
    """
    if check is None:
        return (-train_loss,)
    return (-check.loss,) if monitor == "loss" else (check.balanced_accuracy, -check.loss)


def trained_state(network: Network, line: str) -> dict[str, Tensor]:
    """Return CPU copies of all parameters and buffers after ``line``, of the stages and the head."""
    trained = {f"stages.{name}.": network.stages[name] for name in network.card.stages_after(line)}
    return {
        f"{prefix}{name}": tensor.detach().to("cpu", copy=True).contiguous()
        for prefix, part in (*trained.items(), ("head.", network.head))
        for name, tensor in part.state_dict().items()
    }


def load_trained_state(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Load weights returned by ``trained_state`` into the network.

    Raises:
        RuntimeError: the names or shapes do not match the network.
    """
    found = network.load_state_dict(weights, strict=False)
    if found.unexpected_keys:
        raise RuntimeError(f"the network has no {found.unexpected_keys[0]}")
