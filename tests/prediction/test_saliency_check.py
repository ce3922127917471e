"""The check of a map, on a classifier whose reasons are known: it looks at the upper left corner only."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from tldesk.prediction.saliency_check import check, marked_part, randomised


def _contrast(pixels: Tensor) -> Tensor:
    """The standard deviation of the first channel, 1 for stripes of black and white."""
    return (pixels[:, 0].float() / 127.5).flatten(1).std(dim=1)


def _corner(pixels: Tensor) -> Tensor:
    """The probability is the contrast of the corner, which blurring takes away."""
    return _contrast(pixels[:, :, :16, :16]).clamp(0, 1)


def _picture() -> Tensor:
    stripes = torch.arange(64).remainder(2).to(torch.uint8) * 255
    return stripes.expand(1, 3, 64, 64).clone()


def _marks(row: int, column: int) -> np.ndarray:
    marks = np.zeros((4, 4), np.float32)
    marks[row, column] = 1.0
    return marks


def test_right_map_passes() -> None:
    result = check(_corner, _picture(), _marks(0, 0), [_marks(2, 2)], class_name="rust")
    assert result.passed
    assert result.marked_drop > 0.9  # the corner lies wholly in the marked fifth
    assert result.random_drop < 0.5
    assert "rust from 100.0 % to" in result.text


def test_wrong_map_fails() -> None:
    result = check(_corner, _picture(), _marks(3, 3), [_marks(0, 0)], class_name="rust")
    assert not result.passed
    assert "do not rely on this map" in result.text


def _flatness(pixels: Tensor) -> Tensor:
    """Rises when anything is blurred, wherever it is: no map of it can be right."""
    return (1 - _contrast(pixels)).clamp(0, 1)


def test_map_whose_hiding_makes_the_answer_surer_fails() -> None:
    result = check(_flatness, _picture(), _marks(0, 0), [_marks(2, 2)], class_name="rust")
    assert result.marked_drop < 0
    assert not result.passed
    assert "does not make the answer less sure" in result.text


def test_map_that_ignores_what_was_learnt_fails() -> None:
    result = check(_corner, _picture(), _marks(0, 0), [_marks(0, 0), _marks(0, 0)], class_name="rust")
    assert not result.passed
    assert result.correlation > 0.99
    assert "without what was learnt" in result.text


def test_empty_map_fails() -> None:
    result = check(_corner, _picture(), np.zeros((4, 4), np.float32), [_marks(0, 0)], class_name="rust")
    assert not result.passed
    assert "empty" in result.text


def test_marked_part_is_the_highest_fifth() -> None:
    part = marked_part(_marks(1, 2), 40)
    assert part.sum().item() == 320  # a fifth of 1600
    down, right = torch.nonzero(part).float().mean(dim=0).tolist()
    assert abs(down - 14.5) < 1.5  # the centre of the marked cell: rows 10..19, columns 20..29
    assert abs(right - 24.5) < 1.5


def test_randomised_head_is_another_one() -> None:
    head = nn.Linear(64, 4)
    kept = head.weight.detach().clone()
    other = randomised(head, 5)
    assert torch.equal(head.weight, kept)
    assert isinstance(other, nn.Linear)
    assert abs(np.corrcoef(other.weight.detach().ravel(), kept.ravel())[0, 1]) < 0.3
    assert 0.8 < (other.weight.std() / kept.std()).item() < 1.2
    assert torch.equal(randomised(head, 5).weight, other.weight)  # type: ignore[arg-type]
