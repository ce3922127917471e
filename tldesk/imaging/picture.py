"""A decoded picture: its pixels, and the facts in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tldesk.imaging.pixels import Pixels
from tldesk.imaging.windowing import WindowedValues


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the file holds, whatever size it was decoded at.

    Attributes:
        format: the file format as people call it ("JPEG", "PNG", "TIFF", "DICOM").
        width, height: full size in pixels, the right way up.
        mode: how the file stores colour ("RGB", "L", "CMYK", "I;16", "MONOCHROME2").
        bits: bits of one stored sample (1, 8, 12, 16, 32).
        orientation: the EXIF orientation 1 to 8 that was applied; 1 where the file says nothing.
        frames: pictures in the file (animation, pages, slices), 1 or more.
        tags: a few facts by name, where the file has them (Camera, DateTime, PatientID, StudyDate, Modality).
        traces: what in the file may identify a person; see ``imaging.identifying_tags``.
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
        pixels: (height, width, 3) uint8 RGB, the right way up, C-contiguous and writable.
        facts: what the file says; its width and height are the full ones even if ``pixels`` is reduced.
        frame: which of the file's frames, from 0.
        values: what the pixels were made from, of monochrome DICOM and of deep pictures, at full size; else
            None.
    """

    pixels: Pixels
    facts: PictureFacts
    frame: int = 0
    values: WindowedValues | None = None

    def lean(self) -> Picture:
        """Without the values, which are many times the pixels."""
        return Picture(self.pixels, self.facts, self.frame)
