"""Training: steps, checkpoints, going on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from pretraining.lessons import Lessons, Plan
from pretraining.network import Learner
from pretraining.targets import WEIGHTS, confusion, misses

_CHECKPOINT = 100


class Step(NamedTuple):
    """What a step came to.

    Attributes:
        number: counted from 1.
        side: of its pieces.
        loss: what was made smaller.
        parts: each group's miss, and ``contrast``.
    """

    number: int
    side: int
    loss: float
    parts: dict[str, float]


class Training:
    """A learner on its way.

    Args:
        plan: what to do.
        bank: the drawings.
        checkpoint: a file that is written every now and then and gone on from if it is there and of the same
            plan; None keeps nothing.
        workers: processes that prepare steps beside the one that learns.
    """

    def __init__(
        self, plan: Plan, bank: Sequence[np.ndarray], checkpoint: Path | None = None, *, workers: int = 0
    ) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self._checkpoint, self._workers = plan, checkpoint, workers
        self._lessons = Lessons(plan, bank)
        self.learner = Learner().train()
        self._optimiser = torch.optim.AdamW(
            self.learner.parameters(), plan.rate, weight_decay=plan.decay, fused=True
        )
        self.done = 0
        if checkpoint is not None and checkpoint.exists():
            self._go_on(checkpoint)

    def steps(self) -> Iterator[Step]:
        """The steps that are left, one after the other."""
        left = range(self.done, self.plan.steps)
        for number, (seen, wanted) in zip(left, self._prepared(left), strict=True):
            yield self._step(number, seen, wanted)
            if self.done % _CHECKPOINT == 0 or self.done == self.plan.steps:
                self.keep()

    def keep(self) -> None:
        """Write the checkpoint, if there is to be one."""
        if self._checkpoint is None:
            return
        beside = self._checkpoint.with_suffix(".part")
        state = {
            "plan": asdict(self.plan),
            "done": self.done,
            "learner": self.learner.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        torch.save(state, beside)
        beside.replace(self._checkpoint)

    def _prepared(self, left: range) -> DataLoader[tuple[Tensor, dict[str, Tensor]]]:
        return DataLoader(
            self._lessons,
            batch_size=None,
            sampler=left,
            num_workers=self._workers,
        )

    def _step(self, number: int, seen: Tensor, wanted: dict[str, Tensor]) -> Step:
        for group in self._optimiser.param_groups:
            group["lr"] = self.plan.rate_at(number)
        predicted, embedded = self.learner(seen)
        parts: dict[str, Tensor] = misses(predicted, wanted) | {"contrast": confusion(embedded)}
        weights = {**WEIGHTS, "contrast": self.plan.contrast}
        loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self.done = number + 1
        numbers = {name: float(part.detach()) for name, part in parts.items()}
        return Step(self.done, seen.shape[-1], float(loss.detach()), numbers)

    def _go_on(self, checkpoint: Path) -> None:
        state = torch.load(checkpoint, weights_only=True)
        if state["plan"] != asdict(self.plan):
            raise SystemExit(
                f"{checkpoint} is of another plan: {state['plan']}. Move it away and start again."
            )
        self.learner.load_state_dict(state["learner"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.done = state["done"]
