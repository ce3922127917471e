"""Which samples of a TIFF's pixels are shown: three as colours, else the first as grey; and an alpha sample.

The others (the near infrared of a satellite, a mask, a second measurement) are not shown, and so have no part
in the window either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tldesk.imaging.windowing import Samples

_ALPHA = (1, 2)  # ExtraSamples: associated and unassociated alpha
_COLOURS, _INKS = 3, 4
_SEPARATED = 5  # the PhotometricInterpretation of CMYK


def shown_samples(samples: Samples, extra: Sequence[int]) -> tuple[Samples, NDArray[np.float32] | None]:
    """Return the colours (H, W, 3), or the grey values (H, W), and the opacity (H, W) in 0..1 or None.

    ``samples`` is (H, W) or (H, W, S); ``extra`` are the values of the tag ExtraSamples. Not for CMYK.
    """
    if samples.ndim == 2:
        return samples, None
    alpha = _alpha_place(samples.shape[2], extra)
    colours = samples[:, :, : samples.shape[2] if alpha is None else alpha]
    shown = colours[:, :, :_COLOURS] if colours.shape[2] >= _COLOURS else colours[:, :, 0]
    return shown, None if alpha is None else _opacity(samples[:, :, alpha])


def count_shown(count: int, extra: Sequence[int], photometric: int) -> int:
    """Return how many of a page's ``count`` samples are shown, always the first ones, alpha included."""
    if photometric == _SEPARATED and count >= _INKS:
        return _INKS
    alpha = _alpha_place(count, extra)
    colours = count if alpha is None else alpha
    shown = _COLOURS if colours >= _COLOURS else 1
    return shown + 1 if alpha == shown else shown


def _alpha_place(count: int, extra: Sequence[int]) -> int | None:
    return count - len(extra) if extra and extra[0] in _ALPHA and len(extra) < count else None


def _opacity(alpha: Samples) -> NDArray[np.float32]:
    full = 1.0 if alpha.dtype.kind == "f" else float(np.iinfo(alpha.dtype).max)
    opacity: NDArray[np.float32] = np.clip(alpha.astype(np.float32) / full, 0, 1)
    return opacity
