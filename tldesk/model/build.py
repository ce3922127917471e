"""Networks with a freeze line: the published network's modules, grouped into stages, and a head."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from tldesk.base import Problem, ProblemError, derive_seed, plural
from tldesk.model.card_types import LINE_NONE, Card
from tldesk.model.functional_layers import PIECES
from tldesk.model.heads import WithTable, build_head
from tldesk.model.seeded_init import seeded
from tldesk.model.table_code import NO_TABLE, TableCode
from tldesk.model.tensor_names import differences, published_network, shapes_of, unfilled_network
from tldesk.recipe import HeadSpec


class Network(nn.Module):
    """A backbone split into stages, and a head; the freeze line is between two stages.

    Stages before the line are frozen: they get no gradients and stay in evaluation mode (fixed batch-norm
    statistics, no dropout) even after ``train()``.

    Attributes:
        card: the backbone's card.
        stages: the stages by name, in order.
        head: maps the last stage's output to logits.
        line: the freeze line; initially "none".
        keeps_statistics: whether batch norms after the line also use their stored statistics unchanged.
    """

    def __init__(self, card: Card, stages: Mapping[str, nn.Module], head: nn.Module) -> None:
        super().__init__()
        self.card = card
        self.stages = nn.ModuleDict(OrderedDict(stages))
        self.head = head
        self.line = LINE_NONE
        self.keeps_statistics = False

    def forward(self, pictures: Tensor, table: Tensor | None = None) -> Tensor:
        """Map preprocessed pictures (N, 3, size, size) and table rows (N, width) to logits (N, classes)."""
        features = pictures
        for stage in self.stages.values():
            features = stage(features)
        logits: Tensor = self.head(features) if table is None else self.head(features, table)
        return logits

    def trunk(self, line: str) -> nn.Module:
        """Return the stages before the line, sharing parameters; the identity if there are none."""
        return self._joined(self.card.stages_before(line))

    def tail(self, line: str) -> nn.Module:
        """Return the stages after the line without the head, sharing parameters; the identity if none."""
        return self._joined(self.card.stages_after(line))

    def until(self, stage: str) -> nn.Module:
        """Return the module from pictures to the output of ``stage``, from which saliency is computed."""
        return self._joined(self.card.stage_names[: self._index(stage) + 1])

    def after(self, stage: str, row: Tensor | None = None) -> nn.Module:
        """Return the module from the output of ``stage`` to logits, with the table row ``row`` (1, width)."""
        head = self.head if row is None else WithTable(self.head, row)
        return nn.Sequential(self._joined(self.card.stage_names[self._index(stage) + 1 :]), head)

    def freeze(self, line: str, *, keep_statistics: bool = False) -> None:
        """Set the freeze line: stages before it are frozen, all others and the head are trainable.

        Args:
            line: the first trainable stage, or "all" (stages frozen) or "none".
            keep_statistics: also keep the statistics of batch norms after the line; their scale and shift
                are trained.

        Raises:
            ProblemError: this backbone has no such stage.
        """
        frozen = self.card.stages_before(line)
        for name, stage in self.stages.items():
            stage.requires_grad_(name not in frozen)
        self.line, self.keeps_statistics = line, keep_statistics
        self.train(self.training)

    def train(self, mode: bool = True) -> Network:
        """Set the training mode, but keep frozen stages and kept statistics in evaluation mode."""
        super().train(mode)
        for name in self.card.stages_before(self.line):
            self.stages[name].eval()
        if self.keeps_statistics:
            for module in self.stages.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def backbone_state(self) -> dict[str, Tensor]:
        """Return the backbone's tensors (shared, not copied) under its library's names."""
        own = self.stages.state_dict()
        return {theirs: own[mine] for mine, theirs in self._names().items()}

    def load_backbone(self, state: Mapping[str, Tensor]) -> None:
        """Copy tensors, given under the library's names, into the backbone; a classifier is ignored.

        The parameters are replaced by new objects, so create the optimiser afterwards.

        Raises:
            ProblemError: tensors are missing, have another shape or do not belong to the backbone; nothing is
                loaded.
        """
        refuse_misfit(self.card, state)
        own = self.stages.state_dict()
        new = {mine: _copied(state.get(theirs), own[mine]) for mine, theirs in self._names().items()}
        self.stages.load_state_dict(new, assign=True)

    def trunk_hash(self, line: str) -> str:
        """Return ``trunk_hash`` of the trunk's current tensors; trunks with equal hashes compute the same."""
        before, own = self.card.stages_before(line), self.stages.state_dict()
        tensors = {
            theirs: own[mine] for mine, theirs in self._names().items() if mine.split(".")[0] in before
        }
        return trunk_hash(self.card, tensor_digest(tensors), line)

    def _joined(self, names: tuple[str, ...]) -> nn.Module:
        if not names:
            return nn.Identity()
        return nn.Sequential(OrderedDict((name, self.stages[name]) for name in names))

    def _index(self, stage: str) -> int:
        return self.card.stage_names.index(stage)

    def _names(self) -> dict[str, str]:
        """Map our tensor names (``layer1.0.0.conv1.weight``) to the library's (``layer1.0.conv1.weight``)."""
        modules = {stage.name: stage.modules for stage in self.card.stages}
        names = {}
        for mine in self.stages.state_dict():
            stage, index, rest = mine.split(".", 2)
            module = modules[stage][int(index)]
            names[mine] = rest if module in PIECES else f"{module}.{rest}"
        return names


def build_network(
    card: Card,
    n_classes: int,
    head: HeadSpec,
    *,
    weights: Mapping[str, Tensor] | None,
    seed: int,
    table: TableCode = NO_TABLE,
) -> Network:
    """Return a network for ``n_classes`` classes, all trainable, in evaluation mode, float32, on the CPU.

    Args:
        card: the backbone.
        n_classes: number of classes, at least 2.
        head: the head.
        weights: the backbone's tensors under its library's names (copied); None for random weights.
        seed: determines all random weights; torch's own generators are not affected.
        table: the encoding of the metadata columns used as extra inputs.

    Raises:
        ProblemError: the weights do not fit the card.
    """
    classifier = build_head(card.features, n_classes, head, seed=seed, table=table)
    if weights is None:
        with seeded(derive_seed(seed, "backbone")):
            return Network(card, stages_of(card, published_network(card)), classifier).eval()
    stages = stages_of(card, unfilled_network(card))
    network = Network(card, stages, classifier).eval()
    network.load_backbone(weights)
    return network


def original_network(card: Card, weights: Mapping[str, Tensor]) -> Network:
    """Return the network as published, in evaluation mode, with the original ImageNet classifier as its head.

    Args:
        card: the backbone.
        weights: the complete state dict of the published network, including the classifier.
    """
    whole = unfilled_network(card)
    state = whole.state_dict()  # keeps its version metadata
    state.update({name: _copied(weights[name], own) for name, own in state.items()})
    whole.load_state_dict(state, assign=True)
    head = nn.Sequential(*(_module(whole, name) for name in card.classifier))
    return Network(card, stages_of(card, whole), head).eval()


def trunk_hash(card: Card, digest: str, line: str) -> str:
    """Return a hash (32 hexadecimal digits) that identifies what the trunk before ``line`` computes.

    Args:
        card: the backbone.
        digest: digest of the weights: the SHA-256 of their file, or ``tensor_digest``.
        line: the freeze line.
    """
    parts = [card.name, digest, *(" ".join(stage.modules) for stage in card.stages[: card.position(line)])]
    return hashlib.blake2b("\n".join(parts).encode("utf-8"), digest_size=16).hexdigest()


def tensor_digest(tensors: Mapping[str, Tensor]) -> str:
    """Return a hexadecimal digest of names, dtypes, shapes and values, independent of order and device."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        digest.update(values.flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def refuse_misfit(card: Card, state: Mapping[str, Tensor]) -> None:
    """Raise a ProblemError listing the first differences if the tensors do not match this backbone."""
    wrong = differences(card, shapes_of(state))
    if wrong:
        more = f" and {plural(len(wrong) - 3, 'more difference')}" if len(wrong) > 3 else ""
        raise ProblemError(
            Problem(
                card.name,
                f"the weights do not fit {card.title}: {'; '.join(wrong[:3])}{more}",
                f"Import a file of {card.title} weights",
            )
        )


def stages_of(card: Card, whole: nn.Module) -> dict[str, nn.Module]:
    """Return the published network grouped into the card's stages, sharing its modules."""
    return {
        stage.name: nn.Sequential(*(_module(whole, name) for name in stage.modules)) for stage in card.stages
    }


def _module(whole: nn.Module, name: str) -> nn.Module:
    return PIECES[name](whole) if name in PIECES else whole.get_submodule(name)


def _copied(given: Tensor | None, own: Tensor) -> Tensor:
    """Copy ``given`` to the dtype and device of ``own`` (meta: the CPU); a missing counter becomes 0."""
    device = torch.device("cpu") if own.is_meta else own.device
    if given is None:
        return torch.zeros(own.shape, dtype=own.dtype, device=device)
    return given.detach().to(device=device, dtype=own.dtype, copy=True)
