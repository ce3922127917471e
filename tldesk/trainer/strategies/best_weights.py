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
        epoch: from 1; 0 while there is none.
        score: larger is better, compared from left to right.
        weights: of the part that is trained, on the CPU.
        path: the best of the present phase by the phase's own measure; empty where it has none.
        path_epoch: which epoch that was; 0 while there is none.
    """

    epoch: int = 0
    score: Score = ()
    weights: dict[str, Tensor] = field(default_factory=dict)
    path: Score = ()
    path_epoch: int = 0

    def begin_phase(self) -> None:
        """Forget the phase's own measure: it cannot be compared across phases."""
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
        """Take these weights if they are better; returns whether they were.

        Args:
            epoch: whose weights they are.
            score: by which epochs of all phases are compared.
            weights: makes copies on the CPU; called only if they are taken.
            path: decides among the epochs of the phase in the place of ``score``, if not empty.
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
        """For a checkpoint."""
        return {
            "epoch": self.epoch,
            "score": list(self.score),
            "weights": self.weights,
            "path": list(self.path),
            "path_epoch": self.path_epoch,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> BestWeights:
        """What ``state`` gave; checkpoints from before there were paths too."""
        path, path_epoch = tuple(state.get("path", ())), state.get("path_epoch", 0)
        return cls(state["epoch"], tuple(state["score"]), state["weights"], path, path_epoch)


def score_of(
    monitor: Literal["balanced_accuracy", "loss"], check: ValidationResult | None, train_loss: float
) -> Score:
    """How good an epoch is; without validation images only the training loss can say.

    A few validation images give few different accuracies: among equals the loss decides.
    """
    if check is None:
        return (-train_loss,)
    return (-check.loss,) if monitor == "loss" else (check.balanced_accuracy, -check.loss)


def trained_state(network: Network, line: str) -> dict[str, Tensor]:
    """Copies on the CPU of everything behind ``line``: parameters and buffers of stages and head."""
    trained = {f"stages.{name}.": network.stages[name] for name in network.card.stages_after(line)}
    return {
        f"{prefix}{name}": tensor.detach().to("cpu", copy=True).contiguous()
        for prefix, part in (*trained.items(), ("head.", network.head))
        for name, tensor in part.state_dict().items()
    }


def load_trained_state(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Copy what ``trained_state`` gave back into the network.

    Raises:
        RuntimeError: the names or shapes are another network's.
    """
    found = network.load_state_dict(weights, strict=False)
    if found.unexpected_keys:
        raise RuntimeError(f"the network has no {found.unexpected_keys[0]}")
