"""Modules for operations that published networks perform in ``forward`` without a module of their own.

Modules with tensors keep them under the names that they have in the published network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn


class _Places(nn.Module):
    def __init__(self, pos_embedding: nn.Parameter) -> None:
        super().__init__()
        self.pos_embedding = pos_embedding


class VitTokens(nn.Module):
    """Flattens a map to tokens, prepends the class token and adds position embeddings (ViT).

    Shares ``class_token`` (1, 1, C) and ``encoder.pos_embedding`` (1, 1 + h * w, C) with ``whole``.
    """

    def __init__(self, whole: nn.Module) -> None:
        super().__init__()
        self.class_token = whole.get_parameter("class_token")
        self.encoder = _Places(whole.get_parameter("encoder.pos_embedding"))

    def forward(self, places: Tensor) -> Tensor:
        """Map (N, C, h, w) float to (N, 1 + h * w, C)."""
        first = self.class_token.expand(places.shape[0], -1, -1)
        row = torch.cat([first, places.flatten(2).transpose(1, 2)], dim=1)
        return row + self.encoder.pos_embedding


class TimmTokens(nn.Module):
    """``VitTokens`` for timm's ViT, whose map is already flat; DeiT III's class token has no position.

    Shares ``cls_token`` (1, 1, C) and ``pos_embed`` (1, h * w, C), or (1, 1 + h * w, C), with ``whole``.
    """

    def __init__(self, whole: nn.Module) -> None:
        super().__init__()
        self.cls_token = whole.get_parameter("cls_token")
        self.pos_embed = whole.get_parameter("pos_embed")

    def forward(self, row: Tensor) -> Tensor:
        """Map (N, h * w, C) float to (N, 1 + h * w, C)."""
        first = self.cls_token.expand(row.shape[0], -1, -1)
        if self.pos_embed.shape[1] == row.shape[1]:
            return torch.cat([first, row + self.pos_embed], dim=1)
        return torch.cat([first, row], dim=1) + self.pos_embed


class Permute(nn.Module):
    """Moves the channels of a map to another axis."""

    def __init__(self, *order: int) -> None:
        super().__init__()
        self.order = order

    def forward(self, places: Tensor) -> Tensor:
        """Map (N, C, h, w) to (N, h, w, C), or back, depending on ``order``."""
        return places.permute(self.order)


class ClassToken(nn.Module):
    """Selects the class token, from which the prediction is computed."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, tokens, C) to (N, C)."""
        return tokens[:, 0]


PIECES: Mapping[str, Callable[[nn.Module], nn.Module]] = {
    "flatten()": lambda _whole: nn.Flatten(1),
    "avgpool()": lambda _whole: nn.AdaptiveAvgPool2d(1),
    "relu()": lambda _whole: nn.ReLU(),
    "tokens()": VitTokens,
    "timm_tokens()": TimmTokens,
    "class_token()": lambda _whole: ClassToken(),
    "channels_first()": lambda _whole: Permute(0, 3, 1, 2),
    "channels_last()": lambda _whole: Permute(0, 2, 3, 1),
}
"""Makes each module, by its name in the cards, from the whole published network."""
