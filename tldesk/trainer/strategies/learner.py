"""One training step and one validation pass, for the tail and the head of a phase."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tldesk.base import Problem, ProblemError, derive_seed
from tldesk.engine.device import Device
from tldesk.engine.trunk import half_precision
from tldesk.model.build import Network
from tldesk.model.heads import Head, TableLinear
from tldesk.recipe import Recipe
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.strategies.fused_batchnorm import folded_for_training
from tldesk.trainer.strategies.mixup import Mixup, mixup_of
from tldesk.trainer.strategies.optimizer import Optimizer, adamw, sgd

# Gradients with a larger norm are clipped, so that one unusual batch cannot ruin the weights.
_LONGEST_GRADIENT = 2.0


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a step: loss, number of correct images, number of images.

    With mixup, correct images are weighted by their shares.
    """

    loss: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The result of a pass over the validation images.

    Attributes:
        loss: plain mean cross-entropy.
        accuracy, balanced_accuracy: [0, 1]; the latter is the mean recall of the classes that occur.
    """

    loss: float
    accuracy: float
    balanced_accuracy: float


class Learner:
    """Optimiser, loss and the trained part of the network for one phase.

    Attributes:
        optimizer: its state goes into checkpoints.
        trainable: number of parameters that are trained.
    """

    def __init__(
        self, network: Network, recipe: Recipe, phase: int, class_weights: Tensor | None, device: Device
    ) -> None:
        self._network = network
        self._recipe = recipe
        self._phase = phase
        self._device = device
        self._class_weights = None if class_weights is None else class_weights.to(device.name)
        keep = recipe.batch_norm == "keep"
        network.freeze(recipe.phases[phase].freeze, keep_statistics=keep)
        tail = network.tail(network.line)
        self._forward = _TailAndHead(folded_for_training(tail) if keep else tail, network.head)
        self._parameters = [one for one in self._forward.parameters() if one.requires_grad]
        self.trainable = sum(one.numel() for one in self._parameters)
        self.optimizer = _optimizer(network, recipe)

    def step(
        self, source: BatchSource, places: Sequence[int], *, epoch: int, step: int, rate: float
    ) -> StepResult:
        """Train on one batch; ``rate`` is the head's learning rate, earlier stages get a fraction of it.

        Raises:
            ProblemError: the loss is NaN or infinite.
            RuntimeError, MemoryError: memory ran out; which of them depends on torch.
        """
        self._set_training(True)
        for group in self.optimizer.param_groups:
            # Checkpoints of versions before "scale" do not have it.
            group["lr"] = rate * group.get("scale", 1.0)
        self.optimizer.zero_grad()
        labels = source.labels[torch.as_tensor(places)].to(self._device.name)
        seed = derive_seed(self._recipe.seed, "epoch", epoch, "step", step)
        mixing = mixup_of(len(places), self._recipe.mixup, seed)
        with _seeded(seed, self._device):
            inputs, table = self._inputs(source, places, epoch)
            loss, logits = self._loss(mixing.inputs(inputs), mixing.inputs(table), labels, mixing)
            loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, _LONGEST_GRADIENT)
        value = float(loss.detach())
        self._refuse_divergence(value, rate)
        self.optimizer.step()
        right = mixing.mean(lambda wanted: (logits.argmax(1) == wanted).sum(), labels)
        return StepResult(value, float(right), len(places))

    def kept_bytes(self, source: BatchSource, places: Sequence[int]) -> int:
        """Return the bytes that a step with these images keeps for the backward pass.

        Nothing is trained or changed.
        """
        self._set_training(False)
        kept: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), self._autocast():
            # Keeps the tensors alive while they are counted
            answer = self._forward(*self._inputs(source, places))
        own = {one.untyped_storage().data_ptr() for one in self._network.parameters()}
        del answer
        return sum(size for place, size in kept.items() if place not in own)

    def logits(self, source: BatchSource, places: Sequence[int]) -> Tensor:
        """Return (n, classes) float32 on the CPU, computed in evaluation mode."""
        self._set_training(False)
        with torch.inference_mode(), self._autocast():
            answer: Tensor = self._forward(*self._inputs(source, places))
        return answer.float().cpu()

    def _set_training(self, mode: bool) -> None:
        # Switching the mode of all modules takes longer than a step of a frozen network's head.
        changing = self._network.head if self._only_head else self._network
        if changing.training != mode:
            changing.train(mode)

    def _inputs(self, source: BatchSource, places: Sequence[int], epoch: int = 0) -> tuple[Tensor, Tensor]:
        """Return the tail's input and the table rows."""
        inputs, table = source.batch(places, epoch), source.table[torch.as_tensor(places)]
        # Cached maps have the layout they were written in; convolutions are fastest with channels last, like
        # their weights.
        if inputs.dim() == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, table.to(self._device.name)

    def _loss(self, inputs: Tensor, table: Tensor, labels: Tensor, mixing: Mixup) -> tuple[Tensor, Tensor]:
        with self._autocast():
            logits: Tensor = self._forward(inputs, table)
        logits = logits.float()
        loss = mixing.mean(lambda wanted: self._cross_entropy(logits, wanted), labels)
        return loss, logits.detach()

    def _cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        smoothing = self._recipe.label_smoothing
        return functional.cross_entropy(logits, labels, weight=self._class_weights, label_smoothing=smoothing)

    def _autocast(self) -> contextlib.AbstractContextManager[object]:
        # float16 would require scaling the gradients, bfloat16 does not. The head alone is faster without
        # either.
        if half_precision(self._device) is not torch.bfloat16 or self._only_head:
            return contextlib.nullcontext()
        return torch.autocast(self._device.kind, dtype=torch.bfloat16)

    @property
    def _only_head(self) -> bool:
        return isinstance(self._forward.tail, nn.Identity)

    def _refuse_divergence(self, loss: float, rate: float) -> None:
        if not math.isfinite(loss):
            raise ProblemError(
                Problem(
                    f"phases.{self._phase}.learning_rate",
                    f"training diverged: with a learning rate of {rate:.2g} the loss became infinite",
                    "Choose a learning rate that is about ten times smaller",
                )
            )


class _TailAndHead(nn.Module):
    """The tail, followed by the head with the table columns."""

    def __init__(self, tail: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.tail = tail
        self.head = head

    def forward(self, inputs: Tensor, table: Tensor) -> Tensor:
        """Map the tail's input (N, ...) and table rows (N, width) to logits (N, classes)."""
        logits: Tensor = self.head(self.tail(inputs), table)
        return logits


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Return (classes,) float32: all images / (classes * images of the class).

    A class without images has the weight 0.
    """
    counts = torch.bincount(labels, minlength=classes).double()
    weights = counts.sum() / (int((counts > 0).sum()) * counts)
    return torch.where(counts > 0, weights, 0.0).float()


def validation_result(logits: Tensor, labels: Tensor) -> ValidationResult:
    """Return loss and accuracies of logits (n, classes) against labels (n,), n > 0."""
    loss = float(functional.cross_entropy(logits, labels))
    right = (logits.argmax(1) == labels).numpy()
    recalls = [float(right[labels.numpy() == one].mean()) for one in sorted(set(labels.tolist()))]
    return ValidationResult(loss, float(right.mean()), float(np.mean(recalls)))


def _optimizer(network: Network, recipe: Recipe) -> Optimizer:
    return (sgd if recipe.optimizer == "sgd" else adamw)(_groups(network, recipe))


def _groups(network: Network, recipe: Recipe) -> Iterator[dict[str, object]]:
    """Yield parameter groups with their weight decay and, as "scale", their share of the learning rate."""
    stages = [network.stages[name] for name in network.card.stages_after(network.line)]
    depths = range(len(stages), -1, -1)  # depth of the head is 0
    table = _table_of(network)
    scales = {depth: recipe.rate_per_stage**depth for depth in depths}
    for decays in (True, False):
        found: dict[float, list[nn.Parameter]] = {scale: [] for scale in scales.values()}
        for depth, part in zip(depths, (*stages, network.head), strict=True):
            # No weight decay for biases and the scales of normalisation (He et al. 2019, Bag of Tricks).
            own = [one for one in part.parameters() if table is None or one is not table.weight]
            found[scales[depth]] += [one for one in own if (one.dim() > 1) == decays]
        for scale, parameters in found.items():
            weight_decay = recipe.weight_decay if decays else 0.0
            yield {"params": parameters, "weight_decay": weight_decay, "scale": scale}

    if table is not None:
        # Adam moves every weight by about the same amount: without this, many features would outweigh a few
        # columns.
        faster = table.scale if recipe.optimizer == "adamw" else 1.0
        yield {"params": [table.weight], "weight_decay": recipe.weight_decay, "scale": faster}


def _table_of(network: Network) -> TableLinear | None:
    return network.head.beside if isinstance(network.head, Head) else None


@contextlib.contextmanager
def _seeded(seed: int, device: Device) -> Iterator[None]:
    """Seed dropout inside the block; afterwards torch's generators continue as if nothing had been drawn."""
    with torch.random.fork_rng(devices=[device.name] if device.kind == "cuda" else []):
        # torch.manual_seed records a stack trace for each GPU backend that is not in use yet, which takes
        # longer than a step of a head.
        (torch.default_generator.manual_seed if device.kind == "cpu" else torch.manual_seed)(seed)
        yield
