"""Grad-CAM with numbers worked out by hand, and the way from the model's square back to the picture."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tldesk.prediction.saliency import normalised, spread, weighted_map


def _rest() -> nn.Module:
    head = nn.Linear(2, 2, bias=False)
    head.weight.data = torch.tensor([[2.0, -1.0], [0.0, 3.0]])
    # The in-place ReLU is what many networks begin a stage with; it must not spoil the map.
    return nn.Sequential(nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def test_map_by_hand() -> None:
    features = torch.tensor([[[[1.0, 2.0], [3.0, -4.0]], [[0.0, 1.0], [2.0, 1.0]]]])
    before = features.clone()
    rest = _rest().requires_grad_(False)
    # logit 0 is twice the mean of relu(A0) less that of relu(A1); its gradient where relu lets through:
    #   A0: 1/2 in three of four cells, mean 3/8;  A1: -1/4 in three of four cells (not at 0), mean -3/16
    # the map is what is positive of 3/8 A0 less 3/16 A1
    expected = np.array([[0.375, 0.5625], [0.75, 0.0]], np.float32)
    marks = weighted_map(features, rest, 0).numpy()
    np.testing.assert_allclose(marks, expected, atol=1e-7)
    assert torch.equal(features, before)
    # logit 1 = 3 * mean(relu(A1)); mean gradient 3/4 * 3/4 = 9/16 on A1, 0 on A0
    np.testing.assert_allclose(
        weighted_map(features, rest, 1).numpy(), 0.5625 * features[0, 1].numpy(), atol=1e-7
    )
    np.testing.assert_allclose(normalised(marks), expected / 0.75, atol=1e-7)


def test_map_of_tokens_is_that_of_their_places() -> None:
    class OfPlaces(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rest = _rest()

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.rest(tokens[:, 1:].transpose(1, 2).reshape(1, 2, 2, 2))
            return logits

    places = torch.tensor([[[[1.0, 2.0], [3.0, -4.0]], [[0.0, 1.0], [2.0, 1.0]]]])
    first = torch.tensor([[[50.0, 70.0]]])  # a token that stands for no place
    tokens = torch.cat([first, places.flatten(2).transpose(1, 2)], dim=1)
    expected = np.array([[0.375, 0.5625], [0.75, 0.0]], np.float32)  # as above
    np.testing.assert_allclose(weighted_map(tokens, OfPlaces(), 0).numpy(), expected, atol=1e-7)


def test_map_under_no_grad() -> None:
    features = torch.ones(1, 2, 2, 2)
    with torch.no_grad():
        marks = weighted_map(features, _rest(), 1)
    np.testing.assert_allclose(marks.numpy(), 0.75)  # gradient 3/4 in every cell of A1 = 1


def test_map_of_zeros_stays_one() -> None:
    assert not normalised(np.zeros((3, 3), np.float32)).any()


def test_cropped_picture() -> None:
    marks = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    # a picture 4 px wide and 2 high of which the model sees the middle square
    whole = spread(marks, (1, 0, 3, 2), 2, 4)
    np.testing.assert_allclose(whole, [[0, 0.1, 0.2, 0], [0, 0.3, 0.4, 0]], atol=1e-7)


def test_padded_picture() -> None:
    marks = np.arange(16, dtype=np.float32).reshape(4, 4)
    # a picture 4 px wide and 2 high, padded above and below by one: the two middle rows are the picture
    np.testing.assert_allclose(spread(marks, (0, -1, 4, 3), 2, 4), marks[1:3], atol=1e-6)


def test_stretched_picture() -> None:
    marks = np.array([[0.0, 1.0]], np.float32)
    # pixel centres 0.5 1.5 2.5 3.5 of 4 lie at -1/4 1/4 3/4 5/4 between the cells' centres 0 and 1
    whole = spread(marks, (0, 0, 4, 2), 2, 4)
    np.testing.assert_allclose(whole, [[0, 0.25, 0.75, 1], [0, 0.25, 0.75, 1]], atol=1e-7)


def test_spread_is_torch_interpolate() -> None:
    marks = np.random.default_rng(3).random((7, 7)).astype(np.float32)
    theirs = nn.functional.interpolate(torch.from_numpy(marks)[None, None], (50, 90), mode="bilinear")
    np.testing.assert_allclose(spread(marks, (0, 0, 90, 50), 50, 90), theirs[0, 0].numpy(), atol=1e-5)
