"""The generator: the same pictures from the same seed, and pictures that differ."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from pretraining import bank as bank_module
from pretraining.bank import CHANNELS, DRAWINGS, SIDE, draw_bank, draw_programme, open_bank
from pretraining.drawing.figures import Part, height
from pretraining.drawing.marks import Marks, marked
from pretraining.drawing.palettes import coloured
from pretraining.drawing.points import looked_up, plane, spectral_noise
from pretraining.drawing.textures import ifs_density, texture


def test_the_same_seed_draws_the_same_and_another_draws_something_else():
    first = draw_programme(3, 5)
    assert first.shape == (DRAWINGS, SIDE, SIDE, CHANNELS)
    assert first.dtype == np.uint8
    assert np.array_equal(first, draw_programme(3, 5))
    assert np.abs(first.astype(int) - draw_programme(4, 5))[..., :3].mean() > 5
    assert np.abs(first.astype(int) - draw_programme(3, 6))[..., :3].mean() > 5


@pytest.mark.thorough
def test_both_drawings_of_a_programme_differ_but_less_than_those_of_others():
    drawn = np.stack([draw_programme(0, number) for number in range(24)])[..., :3].astype(float)
    assert (drawn[:, 0] != drawn[:, 1]).any(axis=(1, 2, 3)).all()
    colours = drawn.mean(axis=(2, 3))
    own = np.abs(colours[:, 0] - colours[:, 1]).mean()
    others = np.abs(colours[:, 0] - np.roll(colours[:, 1], 1, axis=0)).mean()
    assert own < 0.7 * others


@pytest.mark.thorough
def test_hardly_a_picture_is_empty():
    spreads = [draw_programme(1, number)[0, ..., :3].std() for number in range(40)]
    assert sum(spread < 2 for spread in spreads) <= 2


def test_a_bank_goes_on_where_it_was_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(bank_module, "CHUNK", 2)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert len(list(draw_bank(whole, 4))) == 2
    assert len(list(draw_bank(cut, 2))) == 1
    (cut / "drawings-00001.part").write_bytes(b"half a file")
    assert [path.name for path in draw_bank(cut, 4)] == ["drawings-00001.npy"]
    assert list(draw_bank(cut, 4)) == []
    for one, other in zip(open_bank(whole), open_bank(cut), strict=True):
        assert np.array_equal(one, other)


def test_a_disc_is_as_high_as_a_half_ball():
    points = plane(65)
    disc = Part((0.0, 0.0), 0.0, (0.5, 0.5), torch.ones_like)
    stands = height((disc,), points)
    distance = points.norm(dim=-1)
    expected = 0.5 * (1 - (distance / 0.5) ** 2).clamp(min=0).sqrt()
    assert torch.allclose(stands, expected, atol=1e-5)


@pytest.mark.thorough
def test_marks_lie_on_figures_and_are_seen():
    drawn = np.stack([draw_programme(2, number) for number in range(24)]).astype(int)
    figures, marks_there = drawn[..., 3], drawn[..., 4]
    assert (marks_there <= figures + 1).all()
    shares = marks_there.mean(axis=(2, 3)) / 255
    assert 0.25 < (shares.max(axis=1) > 0.003).mean() < 0.8  # about half of the programmes have marks
    assert (figures.mean(axis=(2, 3)) > 0.5).mean() > 0.8


def test_a_mark_hides_what_it_covers():
    points = plane(64)
    red, blue = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    kind = Marks(
        skin=lambda at: red[:, None, None].expand(3, *at.shape[:2]),
        form=torch.ones_like,
        count=3.0,
        size=0.2,
        softness=0.05,
        rim=red,
        rim_width=0.0,
        cover=1.0,
    )
    skin = blue[:, None, None].expand(3, 64, 64)
    colours, there = marked(np.random.default_rng(1), kind, points, skin)
    assert float(there.max()) == 1.0
    expected = there * red[:, None, None] + (1 - there) * skin
    assert torch.allclose(colours, expected)
    one_mark = math.pi * 0.2**2 / 4
    assert 0.3 * one_mark < float(there.mean()) < 12 * one_mark


def test_a_palette_ends_in_its_first_and_last_colour():
    colours = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    field = torch.tensor([[-50.0, 0.0, 50.0]])
    assert torch.allclose(coloured(field, colours, 1.0)[:, 0].T, colours, atol=1e-5)


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_noise_falls_with_frequency_as_asked(slope):
    rows = [spectral_noise(np.random.default_rng(seed), 128, slope).numpy() for seed in range(8)]
    power = np.mean([np.abs(np.fft.fft2(row)) ** 2 for row in rows], axis=0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    band = (frequency > 0.02) & (frequency < 0.4)
    fitted = np.polyfit(np.log(frequency[band]), np.log(power[band]), 1)[0]
    assert fitted == pytest.approx(-2 * slope, abs=0.15)
    assert rows[0].mean() == pytest.approx(0, abs=1e-5)
    assert rows[0].std() == pytest.approx(1, abs=1e-3)


def test_a_picture_is_looked_up_where_its_pixels_lie():
    tile = torch.rand(2, 16, 16)
    assert torch.allclose(looked_up(tile, plane(16)), tile, atol=1e-5)


def test_a_texture_shows_the_same_at_the_same_points():
    one = texture(np.random.default_rng(7))
    points = plane(32)
    assert torch.equal(one(points), one(points))
    colours = one(points)
    assert colours.shape == (3, 32, 32)
    assert 0 <= float(colours.min()) <= float(colours.max()) <= 1


def test_a_fractal_fills_little_of_its_square():
    filled = [float((ifs_density(np.random.default_rng(seed), 64) > 0).float().mean()) for seed in range(8)]
    assert all(0.005 < share < 0.95 for share in filled)
    assert not math.isclose(filled[0], filled[1])
