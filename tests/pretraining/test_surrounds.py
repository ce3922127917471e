"""Spots and contrasts, compared with numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from pretraining.surrounds import CONTRASTS_WIDTH, SPOTS_WIDTH, contrasts, spots

SIDE = 64
FLOOR = 0.003


def grey() -> torch.Tensor:
    picture = torch.zeros(1, 3, SIDE, SIDE)
    picture[:, 0] = 0.5
    return picture


def test_where_nothing_stands_out_there_is_the_floor_alone():
    found = spots(grey())
    assert found.shape == (1, SPOTS_WIDTH)
    assert torch.allclose(found, torch.full_like(found, math.log(FLOOR)), atol=1e-4)


def test_one_bright_point_stands_out_by_a_ninth_less_a_forty_ninth():
    picture = grey()
    picture[0, 0, 32, 32] += 0.5
    # Above and below; the mean, the strongest, the mean of the strongest fiftieth; three channels.
    finest = spots(picture)[0][:18].view(2, 3, 3)
    above, below = finest.exp() - FLOOR
    centre, surround = 0.5 / 9, 0.5 / 49
    assert float(above[1, 0]) == pytest.approx(centre - surround, abs=1e-5)
    assert float(below[1, 0]) == pytest.approx(surround, abs=1e-5)
    assert float(above[0, 0]) == pytest.approx(9 * (centre - surround) / SIDE**2, rel=1e-3)
    assert float(above[2, 0]) == pytest.approx(9 * (centre - surround) / (SIDE**2 // 50), rel=1e-3)
    assert torch.allclose(above[:, 1:], torch.zeros(3, 2), atol=1e-5)


def test_a_spot_of_another_colour_stands_out_in_that_colour_at_its_own_scale():
    small, large = grey(), grey()
    small[0, 1, 28:32, 28:32] = 0.4
    large[0, 1, 24:40, 24:40] = 0.4
    for picture, scale in ((small, 0), (large, 2)):
        strongest = spots(picture)[0].view(5, 2, 3, 3)[:, 0, 1]
        assert torch.allclose(strongest[:, (0, 2)].exp(), torch.tensor(FLOOR), atol=1e-5)
        assert int(strongest[:, 1].argmax()) == scale


def test_contrasts_are_shares_of_places():
    found = contrasts(torch.rand(3, 3, SIDE, SIDE)).square().view(3, 3, CONTRASTS_WIDTH // 3)
    assert torch.allclose(found.sum(-1), torch.ones(3, 3), atol=1e-5)


def test_red_spots_are_told_from_green_ones_and_dark_from_bright():
    pictures = grey().repeat(4, 1, 1, 1)
    for number, (channel, much) in enumerate(((1, 0.3), (1, -0.3), (0, 0.4), (0, -0.4))):
        pictures[number, channel, 20:28, 20:28] += much
    finest = contrasts(pictures).square()[:, : CONTRASTS_WIDTH // 3]
    found = finest.view(4, 6, 5, 5)  # brighter, redder, yellower
    redder, brighter = found.sum((1, 3)), found.sum((2, 3))
    for strength, number, at in ((redder, 0, -1), (redder, 1, 0), (brighter, 2, -1), (brighter, 3, 0)):
        opposite = -1 - at
        assert strength[number, at] > 10 * strength[number, opposite]
