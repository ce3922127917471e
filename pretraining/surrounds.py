"""How places differ from what surrounds them: spots lighter, darker or of another colour, small and large.

Means alone drown a few small spots in a busy picture; so the strongest places are described too, and which
differences of colour there are. Centre and surround as in Itti, Koch and Niebur 1998, "A model of
saliency-based visual attention for rapid scene analysis"; over scales as in Lindeberg 1998, "Feature
detection with automatic scale selection".
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

_SPOT_LEVELS = 5
_CONTRAST_LEVELS = 3
SPOTS_WIDTH = _SPOT_LEVELS * 3 * 2 * 3
_STRONGEST = 50  # one place of so many counts among the strongest
_FLOOR = 0.003  # what a picture's noise gives
# The largest differences of brightness and of the two opponent colours that are told apart.
_RANGE = (0.4, 0.2, 0.2)
_BRIGHTER = (-1.0, -0.5, -0.175, 0.175, 0.5, 1.0)
_REDDER = (-1.0, -0.3, 0.0, 0.3, 1.0)
_KINDS = torch.cartesian_prod(torch.tensor(_BRIGHTER), torch.tensor(_REDDER), torch.tensor(_REDDER))
CONTRASTS_WIDTH = _CONTRAST_LEVELS * len(_KINDS)
_SOFTNESS = 0.35


def spots(opponent: Tensor) -> Tensor:
    """How much places stand out above and below their surround, in logarithms.

    Of each channel at each scale the mean, the strongest, and the mean of the strongest fiftieth.

    Args:
        opponent: (count, 3, side, side) brightness and opponent colours; side 64 at least.

    Returns:
        (count, SPOTS_WIDTH) float32.
    """
    found = []
    for level in _levels(opponent, _SPOT_LEVELS):
        out = _surround(level, 3) - _surround(level, 7)
        for side in (out.clamp(min=0.0), (-out).clamp(min=0.0)):
            places = side.flatten(2)
            few = max(1, places.shape[-1] // _STRONGEST)
            found += [places.mean(-1), places.amax(-1), places.topk(few, dim=-1).values.mean(-1)]
    return torch.log(torch.cat(found, 1) + _FLOOR)


def contrasts(opponent: Tensor) -> Tensor:
    """Which share of places differs from its surround in which way, at three scales; square roots.

    Args:
        opponent: as for ``spots``.

    Returns:
        (count, CONTRASTS_WIDTH) float32.
    """
    largest = torch.tensor(_RANGE)[:, None, None]
    found = []
    for level in _levels(opponent, _CONTRAST_LEVELS + 1)[1:]:
        out = ((level - _surround(level, 9)) / largest).permute(0, 2, 3, 1).flatten(1, 2)
        away = torch.cdist(out, _KINDS.expand(len(out), -1, -1)).square()
        found.append(torch.softmax(-away / _SOFTNESS**2, dim=-1).mean(1).sqrt())
    return torch.cat(found, 1)


def _levels(pictures: Tensor, count: int) -> list[Tensor]:
    levels = [pictures]
    while len(levels) < count:
        levels.append(avg_pool2d(levels[-1], 2))
    return levels


def _surround(pictures: Tensor, width: int) -> Tensor:
    return avg_pool2d(pictures, width, stride=1, padding=width // 2, count_include_pad=False)
