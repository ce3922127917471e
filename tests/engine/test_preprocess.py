from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, v2

from tldesk.engine import fit_pixels, input_region, normalise, read_input
from tldesk.model import card


def smooth_picture(width: int, height: int) -> np.ndarray:
    """Soft blobs, as in photos: resizing them one way or another gives nearly the same."""
    coarse = np.random.default_rng(1).integers(0, 256, (height // 40, width // 40, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0"])
def test_crop_is_what_torchvision_does_for_the_published_weights(name: str) -> None:
    preprocessing = card(name).preprocessing()
    # 3:2, so that torchvision's rounding to whole pixels changes nothing.
    pixels = smooth_picture(720, 480)
    short = round(preprocessing.size / preprocessing.crop_ratio)
    theirs = v2.Compose(
        [
            v2.Resize(short, InterpolationMode(preprocessing.interpolation), antialias=True),
            v2.CenterCrop(preprocessing.size),
        ]
    )(Image.fromarray(pixels))
    ours = fit_pixels(pixels, preprocessing)
    difference = np.abs(ours.astype(int) - np.asarray(theirs).transpose(2, 0, 1))
    assert difference.mean() < 0.5
    assert difference.max() <= 6


def test_letterbox_shows_everything_and_pads_with_the_mean_colour() -> None:
    preprocessing = card("resnet18").preprocessing(100, "letterbox")
    pixels = np.full((50, 200, 3), 10, np.uint8)
    square = fit_pixels(pixels, preprocessing)
    # 200 x 50 becomes 100 x 25, with 37 rows above and 38 below.
    assert (square[:, 37:62] == 10).all()
    assert square[:, 0, 0].tolist() == [124, 116, 104]
    assert square[:, 62, 99].tolist() == [124, 116, 104]
    seen = input_region(200, 50, preprocessing)
    assert seen.source == (0, 0, 200, 50)
    assert seen.target == (0, 37, 100, 62)


def test_the_crop_s_box_is_the_middle_square() -> None:
    seen = input_region(400, 200, card("resnet18").preprocessing())
    assert seen.source == (112.5, 12.5, 287.5, 187.5)
    assert seen.target == (0, 0, 224, 224)


def test_stretch_keeps_both_edges() -> None:
    pixels = np.zeros((60, 200, 3), np.uint8)
    pixels[:, :100] = 255
    square = fit_pixels(pixels, card("resnet18").preprocessing(64, "stretch"))
    assert (square[:, :, :31] == 255).all()
    assert (square[:, :, 33:] == 0).all()


def test_normalise_by_hand() -> None:
    pixels = torch.tensor([0, 128, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    values = normalise(pixels, card("resnet18").preprocessing()).flatten().tolist()
    expected = [(0 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert values == pytest.approx(expected, abs=1e-6)


def test_a_large_jpeg_decoded_small_gives_the_same_input(tmp_path) -> None:
    pixels = smooth_picture(1600, 1200)
    Image.fromarray(pixels).save(tmp_path / "groß.jpg", quality=95)
    preprocessing = card("resnet18").preprocessing()
    whole = fit_pixels(np.asarray(Image.open(tmp_path / "groß.jpg")), preprocessing)
    quick = read_input(tmp_path / "groß.jpg", preprocessing)
    assert np.abs(whole.astype(int) - quick).mean() < 1
