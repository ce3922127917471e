"""What a read picture is: its pixels, and what its file says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the file holds, independent of how large it was decoded.

    Attributes:
        format: the file format as people call it ("JPEG", "PNG", "TIFF", "DICOM").
        width, height: full size in pixels, the right way up.
        mode: how the file stores colour ("RGB", "L", "CMYK", "I;16", "MONOCHROME2").
        bits: bits of one stored sample (1, 8, 12, 16, 32).
        orientation: the EXIF orientation 1 to 8 that was applied; 1 where the file says nothing.
        frames: pictures in the file (animation, pages, slices), 1 or more.
        tags: a few facts by name, where the file has them (Camera, DateTime, PatientID, StudyDate, Modality).
    """

    format: str
    width: int
    height: int
    mode: str
    bits: int
    orientation: int = 1
    frames: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: (height, width, 3) uint8 RGB, the right way up, C-contiguous and writable.
        facts: what the file says; its width and height are the full ones even if ``pixels`` is reduced.
    """

    pixels: Pixels
    facts: PictureFacts
