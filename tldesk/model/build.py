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
    """A backbone split into stages, and a head; the freeze line lies between two stages.

    Before the line nothing is trained: no gradients, and evaluation mode (batch-norm statistics stay, dropout
    is off) whatever ``train()`` is told.

    Attributes:
        card: the backbone's card.
        stages: the stages by name, in order.
        head: map or vector to logits.
        line: the freeze line; "none" at first.
        keeps_statistics: whether batch norms behind the line use and keep the statistics that they have.
    """

    def __init__(self, card: Card, stages: Mapping[str, nn.Module], head: nn.Module) -> None:
        super().__init__()
        self.card = card
        self.stages = nn.ModuleDict(OrderedDict(stages))
        self.head = head
        self.line = LINE_NONE
        self.keeps_statistics = False

    def forward(self, pictures: Tensor, table: Tensor | None = None) -> Tensor:
        """Preprocessed pictures (N, 3, size, size) float to logits (N, classes); table rows as the head's."""
        features = pictures
        for stage in self.stages.values():
            features = stage(features)
        logits: Tensor = self.head(features) if table is None else self.head(features, table)
        return logits

    def trunk(self, line: str) -> nn.Module:
        """The stages before the line, sharing this network's parameters; nothing before it: identity."""
        return self._joined(self.card.stages_before(line))

    def tail(self, line: str) -> nn.Module:
        """The stages behind the line, without the head, sharing parameters; nothing behind it: identity."""
        return self._joined(self.card.stages_after(line))

    def until(self, stage: str) -> nn.Module:
        """Pictures to the output of ``stage``, the map that saliency is made from."""
        return self._joined(self.card.stage_names[: self._index(stage) + 1])

    def after(self, stage: str, row: Tensor | None = None) -> nn.Module:
        """The output of ``stage`` to logits, with this table row (1, width) beside every picture."""
        head = self.head if row is None else WithTable(self.head, row)
        return nn.Sequential(self._joined(self.card.stage_names[self._index(stage) + 1 :]), head)

    def freeze(self, line: str, *, keep_statistics: bool = False) -> None:
        """Set the freeze line: stages before it are frozen, all others and the head are trained.

        Args:
            line: a stage, or "all" or "none".
            keep_statistics: leave the statistics of batch norms behind the line alone as well; their scale
                and shift are trained.

        Raises:
            ProblemError: this backbone has no such stage.
        """
        frozen = self.card.stages_before(line)
        for name, stage in self.stages.items():
            stage.requires_grad_(name not in frozen)
        self.line, self.keeps_statistics = line, keep_statistics
        self.train(self.training)

    def train(self, mode: bool = True) -> Network:
        """As for every module, but frozen stages and kept statistics stay in evaluation mode."""
        super().train(mode)
        for name in self.card.stages_before(self.line):
            self.stages[name].eval()
        if self.keeps_statistics:
            for module in self.stages.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def backbone_state(self) -> dict[str, Tensor]:
        """The backbone's tensors (shared, not copied) under its library's names."""
        own = self.stages.state_dict()
        return {theirs: own[mine] for mine, theirs in self._names().items()}

    def load_backbone(self, state: Mapping[str, Tensor]) -> None:
        """Fill the backbone with copies of tensors under its library's names; a classifier is ignored.

        The parameters become new objects: make the optimiser afterwards.

        Raises:
            ProblemError: tensors are missing, of another shape or foreign; nothing is loaded.
        """
        refuse_misfit(self.card, state)
        own = self.stages.state_dict()
        new = {mine: _copied(state.get(theirs), own[mine]) for mine, theirs in self._names().items()}
        self.stages.load_state_dict(new, assign=True)

    def trunk_hash(self, line: str) -> str:
        """``trunk_hash`` of the trunk's present numbers: two trunks with one hash compute the same."""
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
        """Our names (``layer1.0.0.conv1.weight``) to the library's (``layer1.0.conv1.weight``)."""
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
    """A network for ``n_classes`` classes, with everything trainable, in evaluation mode, fp32, on the CPU.

    Args:
        card: which backbone.
        n_classes: number of answers, at least 2.
        head: which head.
        weights: the backbone's tensors under its library's names (copied); None for random ones.
        seed: decides every random number; torch's own generators are left as they are.
        table: the columns that the head learns from beside the picture.

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
    """The network as published: the stages and the original ImageNet classifier as head, in evaluation mode.

    Args:
        card: which backbone.
        weights: the published network's whole state dict, the classifier included.
    """
    whole = unfilled_network(card)
    state = whole.state_dict()  # what it says of its version stays
    state.update({name: _copied(weights[name], own) for name, own in state.items()})
    whole.load_state_dict(state, assign=True)
    head = nn.Sequential(*(_module(whole, name) for name in card.classifier))
    return Network(card, stages_of(card, whole), head).eval()


def trunk_hash(card: Card, digest: str, line: str) -> str:
    """A short name (32 hexadecimal digits) of what the trunk before ``line`` computes.

    Args:
        card: which backbone.
        line: the freeze line.
        digest: of the weights: a file's SHA-256 or ``tensor_digest``.
    """
    parts = [card.name, digest, *(" ".join(stage.modules) for stage in card.stages[: card.position(line)])]
    return hashlib.blake2b("\n".join(parts).encode("utf-8"), digest_size=16).hexdigest()


def tensor_digest(tensors: Mapping[str, Tensor]) -> str:
    """Hexadecimal digest of names, types, shapes and numbers, whatever the order and the device."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        digest.update(values.flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def refuse_misfit(card: Card, state: Mapping[str, Tensor]) -> None:
    """Raise ProblemError naming the first differences if these tensors are not this card's backbone."""
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
    """The published network in the card's stages, sharing its modules."""
    return {
        stage.name: nn.Sequential(*(_module(whole, name) for name in stage.modules)) for stage in card.stages
    }


def _module(whole: nn.Module, name: str) -> nn.Module:
    return PIECES[name](whole) if name in PIECES else whole.get_submodule(name)


def _copied(given: Tensor | None, own: Tensor) -> Tensor:
    """A copy in our type, on our device (CPU while still on meta); a missing counter starts at 0."""
    device = torch.device("cpu") if own.is_meta else own.device
    if given is None:
        return torch.zeros(own.shape, dtype=own.dtype, device=device)
    return given.detach().to(device=device, dtype=own.dtype, copy=True)
