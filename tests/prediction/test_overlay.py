"""The colours laid over a picture."""

from __future__ import annotations

import numpy as np
import pytest

from tldesk.prediction.overlay import COLOURS, overlay


def test_colours_are_inferno() -> None:
    colormaps = pytest.importorskip("matplotlib").colormaps
    theirs = np.array(colormaps["inferno"].colors) * 255
    assert np.abs(COLOURS - theirs).max() < 1.5  # of 255 levels


def test_picture_is_untouched_where_the_map_is_zero() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    marks = np.zeros((7, 5), np.float32)
    marks[2, 3] = 1.0
    seen = overlay(pixels, marks, 0.5)
    untouched = np.ones((7, 5), bool)
    untouched[2, 3] = False
    np.testing.assert_array_equal(seen[untouched], pixels[untouched])
    # inferno ends at (252, 255, 164); half of it over the picture's own colour
    expected = np.rint((pixels[2, 3] + np.array([252.0, 255.0, 164.0])) / 2)
    np.testing.assert_array_equal(seen[2, 3], expected)


def test_opacity_zero_shows_the_picture() -> None:
    pixels = np.full((4, 4, 3), 77, np.uint8)
    np.testing.assert_array_equal(overlay(pixels, np.ones((4, 4), np.float32), 0.0), pixels)


def test_sizes_must_agree() -> None:
    with pytest.raises(ValueError, match="its map"):
        overlay(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5), np.float32))
