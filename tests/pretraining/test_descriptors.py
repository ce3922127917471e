"""What formulas say of pictures, compared with what is known of stripes, colours and halves."""

from __future__ import annotations

import math

import pytest
import torch

from pretraining.descriptors import GRID, LEVELS, ORIENTATIONS, SHADES, descriptors, part_descriptors
from pretraining.surrounds import contrasts, spots
from pretraining.targets import WIDTHS, confusion, measured_scale
from pretraining.views import pieces, smaller

SIDE = 64


def stripes(angle: float, wavelength: float) -> torch.Tensor:
    line = torch.arange(SIDE, dtype=torch.float32)
    y, x = torch.meshgrid(line, line, indexing="ij")
    wave = torch.sin((x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / wavelength)
    return (0.5 + 0.4 * wave).expand(1, 3, SIDE, SIDE)


def test_each_group_is_as_wide_as_the_network_expects():
    pictures = torch.rand(2, 3, SIDE, SIDE)
    found = descriptors(pictures) | {
        "parts": part_descriptors(pictures, torch.rand(2, 2, SIDE, SIDE)),
        "spots": spots(pictures),
        "contrasts": contrasts(pictures),
    }
    assert {name: values.shape[1] for name, values in found.items()} == dict(WIDTHS)


def test_one_colour_lies_in_one_corner_of_the_histogram():
    picture = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, SIDE, SIDE)
    shares = descriptors(picture)["histogram"][0].square().view(SHADES, SHADES, SHADES)
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)
    assert int(shares.argmax()) == (SHADES - 1) * SHADES**2
    assert float(shares.max()) > 0.5


def test_a_red_half_is_red_where_it_is():
    picture = torch.zeros(1, 3, SIDE, SIDE)
    picture[:, 0, :, : SIDE // 2] = 1.0
    brightness, redness, yellowness = descriptors(picture)["colours"][0].view(3, GRID, GRID)
    expected = torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(GRID, GRID)
    assert torch.allclose(brightness, expected / 3)
    assert torch.allclose(redness, expected / 2)
    assert torch.allclose(yellowness, expected / 4)


@pytest.mark.parametrize("index", range(ORIENTATIONS))
def test_stripes_speak_to_the_filter_of_their_orientation(index):
    found = descriptors(stripes(math.pi * index / ORIENTATIONS, 4.5))["means"][0]
    assert int(found[:ORIENTATIONS].argmax()) == index


def test_wider_stripes_speak_to_coarser_levels():
    strongest = []
    for level in range(LEVELS):
        means = descriptors(stripes(0.0, 4.5 * 2**level))["means"][0]
        by_level = [means[:ORIENTATIONS].max()]
        by_level += [part.max() for part in means[ORIENTATIONS:].split(3 * ORIENTATIONS)]
        strongest.append(int(torch.stack(by_level).argmax()))
    assert strongest == list(range(LEVELS))


def test_grain_is_told_where_it_lies():
    picture = torch.full((1, 3, SIDE, SIDE), 0.5)
    picture[:, :, : SIDE // 4, : SIDE // 4] = stripes(0.0, 4.5)[:, :, : SIDE // 4, : SIDE // 4]
    finest = descriptors(picture)["places"][0].view(LEVELS, ORIENTATIONS, GRID, GRID)[0, 0]
    assert int(finest.argmax()) == 0
    assert float(finest[0, 0] - finest[2:, 2:].max()) > 1


def test_each_part_is_described_by_itself():
    picture = torch.zeros(1, 3, SIDE, SIDE)
    picture[:, 1, :, :32] = 1.0  # a green figure on the left, with a red mark; black ground
    picture[:, :, :16, :16] = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    masks = torch.zeros(1, 2, SIDE, SIDE)
    masks[:, 0, :, :32] = 1.0
    masks[:, 1, :16, :16] = 1.0
    ground, figure, mark = part_descriptors(picture, masks)[0].split(1 + 64 + LEVELS)
    assert [float(part[0]) ** 2 for part in (ground, figure, mark)] == pytest.approx([0.5, 0.5, 1 / 16])
    black, green, red = 0, 3 * 4, 3 * 16
    assert [int(part[1:65].argmax()) for part in (ground, figure, mark)] == [black, green, red]
    assert float(mark[1 + green]) < 0.3 * float(figure[1 + green])
    without = part_descriptors(picture, masks * torch.tensor([1.0, 0.0]).view(1, 2, 1, 1))[0]
    assert torch.equal(without[2 * 69 :], torch.zeros(69))
    assert torch.equal(without[: 2 * 69], torch.cat((ground, figure)))


def test_scaled_targets_of_typical_pictures_are_around_nought():
    torch.manual_seed(0)
    pictures = torch.rand(64, 3, 1, 1) * torch.rand(64, 3, SIDE, SIDE)
    seen = torch.cat((pictures, torch.rand(64, 2, 1, 1).expand(-1, -1, SIDE, SIDE)), 1)
    targets = measured_scale(seen).targets(seen)
    for values in targets.values():
        assert float(values.mean(0).abs().max()) < 1e-4
        assert 0.05 < float(values.std(0).mean()) < 1.0


def test_confusion_is_what_chance_gives_where_nothing_is_known_and_nought_where_all_is():
    alike = torch.ones(8, 4) / 2
    assert float(confusion(alike)) == pytest.approx(math.log(7), abs=1e-5)
    apart = torch.eye(4).repeat(2, 1)
    expected = math.log(math.exp(5) + 6) - 5  # temperature 0.2: itself left out, one partner, six others
    assert float(confusion(apart)) == pytest.approx(expected, abs=1e-5)


def test_pieces_come_in_pairs_of_the_same_programme():
    one_colour = torch.arange(6, dtype=torch.uint8).mul(40).view(6, 1, 1, 1, 1).expand(6, 2, 128, 128, 5)
    bank = [one_colour[:4].numpy(), one_colour[4:].numpy()]
    seen = pieces(bank, 16, 32, torch.Generator().manual_seed(1))
    assert seen.shape == (32, 5, 32, 32)
    brightness = seen[:, :3].mean(dim=(1, 2, 3))
    exact = torch.tensor([0.0, 40.0, 80.0, 120.0, 160.0, 200.0]) / 255
    masks = seen[:, 3:].flatten(1)
    assert (
        float((masks[:, :1] - masks).abs().max()) < 1e-5
    )  # masks are cut with the picture, light is not theirs
    assert float((masks[:, 0, None] - exact).abs().amin(dim=1).max()) < 1e-5
    assert float((brightness[:16] - brightness[16:]).abs().max()) < 0.35
    assert float(brightness.max() - brightness.min()) > 0.5
    again = pieces(bank, 16, 32, torch.Generator().manual_seed(1))
    assert torch.equal(seen, again)


def test_smaller_is_the_mean_of_areas():
    pictures = torch.rand(1, 3, 8, 8)
    expected = pictures.view(1, 3, 4, 2, 4, 2).mean(dim=(3, 5))
    assert torch.allclose(smaller(pictures, 4), expected, atol=1e-6)
