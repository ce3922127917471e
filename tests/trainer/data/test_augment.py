from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as theirs

from tldesk.recipe import Augmentation, Phase
from tldesk.trainer.data.augment import augment, draws
from tldesk.trainer.strategies.schedule import learning_rate

FLIP_H, FLIP_V, ANGLE, RIGHT, DOWN, ZOOM, BRIGHT, CONTRAST, SATURATION = range(9)
CROP, CROP_RIGHT, CROP_DOWN, HUE, BLUR, GRAIN = range(9, 15)


OLD_DRAWS = (-0.9159201979637146, -0.9011120796203613, 0.4799364507198334, 0.8465027213096619)


def pictures(count: int = 2, height: int = 16, width: int = 16) -> torch.Tensor:
    values = np.random.default_rng(0).integers(0, 256, (count, 3, height, width), dtype=np.uint8)
    return torch.from_numpy(values)


def numbers(count: int = 2, **chosen: float) -> np.ndarray:
    rows = np.zeros((count, 15), np.float32)
    for name, value in chosen.items():
        rows[:, globals()[name]] = value
    return rows


def test_nothing_drawn_changes_nothing() -> None:
    everything = Augmentation(
        flip_horizontal=True,
        flip_vertical=True,
        rotation=30,
        shift=0.2,
        zoom=0.3,
        brightness=0.2,
        contrast=0.2,
    )
    given = pictures()
    assert torch.allclose(augment(given, numbers(), everything), given.float(), atol=1e-2)


def test_mirrors_only_those_drawn() -> None:
    given, chance = pictures(), numbers()
    chance[1, FLIP_H] = -0.5
    changed = augment(given, chance, Augmentation(flip_horizontal=True))
    assert torch.equal(changed[0], given[0].float())
    assert torch.equal(changed[1], given[1].flip(-1).float())


def test_turns_move_every_pixel_as_numpy_does() -> None:
    given = pictures()
    changed = augment(given, numbers(ANGLE=1.0), Augmentation(rotation=90))
    assert np.allclose(changed.numpy(), np.rot90(given.numpy(), -1, axes=(2, 3)), atol=1e-2)


def test_a_turn_keeps_its_angle_in_a_wide_picture() -> None:
    changed = augment(pictures(height=8, width=16), numbers(ANGLE=1.0), Augmentation(rotation=180))
    assert np.allclose(changed.numpy(), pictures(height=8, width=16).flip(-1, -2).numpy(), atol=1e-2)


def test_shift_by_a_quarter() -> None:
    given = pictures()
    changed = augment(given, numbers(RIGHT=1.0), Augmentation(shift=0.25))
    assert torch.allclose(changed[..., :12], given[..., 4:].float(), atol=1e-2)
    # Beyond the edge the picture is mirrored.
    assert torch.allclose(changed[..., 12:], given[..., 12:].flip(-1).float(), atol=1e-2)


def test_zoom_to_double_shows_the_middle_quarter() -> None:
    flat = torch.zeros(1, 3, 16, 16)
    flat[..., 4:12, 4:12] = 200
    changed = augment(flat, numbers(1, ZOOM=0.9), Augmentation(zoom=0.9))
    assert changed[..., 2:14, 2:14].min() > 199


@pytest.mark.parametrize(
    ("place", "name"), [("BRIGHT", "brightness"), ("CONTRAST", "contrast"), ("SATURATION", "saturation")]
)
@pytest.mark.parametrize("chance", [-0.5, 1.0])
def test_colour_is_what_torchvision_does(place: str, name: str, chance: float) -> None:
    given = pictures(1)
    changed = augment(given, numbers(1, **{place: chance}), Augmentation(**{name: 0.4}))
    adjust = getattr(theirs, f"adjust_{name}")
    expected = adjust(given.float() / 255, 1 + 0.4 * chance) * 255
    assert torch.allclose(changed, expected, atol=0.1)


def test_what_was_drawn_before_there_were_more_changes_is_drawn_still() -> None:
    first = draws(3, 1, ["bild"])[0, :4]
    assert first.tolist() == pytest.approx(OLD_DRAWS)


def test_a_random_part_stays_inside_the_picture_and_has_its_size() -> None:
    ramp = torch.arange(64.0).repeat(1, 3, 64, 1)
    how = Augmentation(crop=0.75)
    # Three quarters of the area left out: half of each side; at the far right the last 32 columns are seen.
    changed = augment(ramp, numbers(1, CROP=1.0, CROP_RIGHT=1.0), how)[0, 0, 0]
    assert changed[0] == pytest.approx(32, abs=0.5)
    assert changed[-1] == pytest.approx(63, abs=0.5)
    middle = augment(ramp, numbers(1, CROP=1.0), how)[0, 0, 0]
    assert (middle[0], middle[-1]) == (pytest.approx(16, abs=0.5), pytest.approx(47, abs=0.5))
    assert torch.allclose(augment(ramp, numbers(1, CROP=-1.0, CROP_RIGHT=1.0), how), ramp, atol=1e-3)


def test_hue_turns_colours_and_leaves_greys_and_brightness_alone() -> None:
    colours = torch.tensor([[120.0, 120.0, 120.0], [150.0, 110.0, 120.0]]).T.reshape(1, 3, 1, 2)
    third = augment(colours, numbers(1, HUE=1.0), Augmentation(hue=1 / 3))
    assert torch.allclose(third[..., 0], colours[..., 0], atol=0.2)
    luma = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    assert torch.allclose((third * luma).sum(1), (colours * luma).sum(1), atol=0.2)
    assert (third[..., 1] - colours[..., 1]).abs().max() > 10
    # Three thirds of the circle are none.
    again = colours
    for _ in range(3):
        again = augment(again, numbers(1, HUE=1.0), Augmentation(hue=1 / 3))
    assert torch.allclose(again, colours, atol=0.5)


def test_blur_is_what_torchvision_does_and_does_not_depend_on_the_batch() -> None:
    given, how = pictures(2, 24, 32), Augmentation(blur=2.0)
    chance = numbers()
    chance[:, BLUR] = (1.0, 0.0)  # 2 px, 1 px
    changed = augment(given, chance, how)
    for place, sigma in enumerate((2.0, 1.0)):
        expected = theirs.gaussian_blur(given[place].float(), [13, 13], [sigma, sigma])
        assert torch.allclose(changed[place], expected, atol=0.1)
    assert torch.allclose(augment(given[1:], chance[1:], how)[0], changed[1], atol=1e-3)


def test_noise_has_its_strength_and_is_each_pictures_own() -> None:
    grey = torch.full((2, 3, 64, 64), 128.0)
    chance = numbers()
    chance[:, GRAIN] = (0.0, 0.5)
    changed = augment(grey, chance, Augmentation(noise=0.1))
    assert [float(one.std()) for one in changed] == pytest.approx([12.75, 19.1], rel=0.03)
    assert torch.equal(augment(grey[1:], chance[1:], Augmentation(noise=0.1))[0], changed[1])
    assert not torch.equal((changed[0] - 128) * 1.5, changed[1] - 128)


def test_draws_depend_on_seed_epoch_and_image_alone() -> None:
    both = draws(1, 2, ["a", "b"])
    assert np.array_equal(both[1:], draws(1, 2, ["b"]))
    assert not np.array_equal(both, draws(1, 3, ["a", "b"]))
    assert not np.array_equal(both, draws(2, 2, ["a", "b"]))
    many = draws(0, 0, [str(number) for number in range(2000)])
    assert many.min() >= -1
    assert many.max() < 1
    assert np.abs(many.mean(axis=0)).max() < 0.05


def test_the_rate_warms_up_and_falls_along_a_cosine() -> None:
    phase = Phase(freeze="all", epochs=11, learning_rate=0.2, warmup_epochs=1.0)
    assert learning_rate(phase, 0.0, 0.25) == pytest.approx(0.05)
    assert learning_rate(phase, 0.75, 1.0) == pytest.approx(0.2)
    assert learning_rate(phase, 1.0, 1.25) == pytest.approx(0.2)
    assert learning_rate(phase, 6.0, 6.25) == pytest.approx(0.1)
    assert learning_rate(phase, 8.5, 8.75) == pytest.approx(0.1 * (1 + math.cos(0.75 * math.pi)))
    assert learning_rate(phase, 10.99, 11.0) < 1e-4


def test_the_rate_may_stay() -> None:
    phase = Phase(freeze="all", epochs=3, learning_rate=0.2, schedule="constant")
    assert {learning_rate(phase, start, start + 0.5) for start in (0.0, 1.5, 2.5)} == {0.2}
