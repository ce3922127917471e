"""A decoded picture: its pixels, and the facts in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tldesk.imaging.pixels import Pixels
from tldesk.imaging.windowing import WindowedValues


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Facts about a picture file, independent of the size at which it was decoded.

    Attributes:
        format: the common name of the file format ("JPEG", "PNG", "TIFF", "DICOM").
        width, height: full size in pixels, after turning upright.
        mode: how the file stores colour ("RGB", "L", "CMYK", "I;16", "MONOCHROME2").
        bits: bits per stored sample (1, 8, 12, 16, 32).
        orientation: the EXIF orientation 1 to 8 that was applied; 1 if the file gives none.
        frames: number of frames in the file (animation, pages, slices), 1 or more.
        tags: a few tags by name, if the file has them (Camera, DateTime, PatientID, StudyDate, Modality).
        traces: kinds of identifying information in the file; see ``imaging.identifying_tags``.
    """

    format: str
    width: int
    height: int
    mode: str
    bits: int
    orientation: int = 1
    frames: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    traces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: (height, width, 3) uint8 RGB, upright, C-contiguous and writable.
        facts: facts about the file; width and height are the full size even if ``pixels`` is reduced.
        frame: index of the frame in the file, from 0.
        values: for monochrome DICOM and pictures with more than 8 bits: the values before windowing, at full
            size; else None.
    """

    pixels: Pixels
    facts: PictureFacts
    frame: int = 0
    values: WindowedValues | None = None

    def lean(self) -> Picture:
        """Return a copy without ``values``, which take far more memory than the pixels."""
        return Picture(self.pixels, self.facts, self.frame)
