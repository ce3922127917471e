"""The rule for reading deep pictures and stacks: which frame, and which values become black and white.

A project has one rule for all its images. The rule has no effect on ordinary pictures (8 bits, one frame).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError
from tldesk.imaging.picture import PictureFacts
from tldesk.imaging.windowing import IntensityWindow, Samples, middle_range, own_range

FRAMES = ("first", "middle", "last")
OFFERED = "file:"
"""Prefix of a window setting that selects a DICOM file's own window by name."""

CT_WINDOWS: Final[Mapping[str, IntensityWindow]] = {
    "brain": IntensityWindow(0, 80),
    "stroke": IntensityWindow(20, 60),
    "temporal-bone": IntensityWindow(-800, 2000),
    "lung": IntensityWindow(-1350, 150),
    "soft-tissue": IntensityWindow(-125, 225),
    "abdomen": IntensityWindow(-150, 250),
    "liver": IntensityWindow(-45, 105),
    "bone": IntensityWindow(-500, 1300),
}
"""The usual windows for viewing CT, in Hounsfield units, level - width / 2 to level + width / 2: A. Murphy
and others, "Windowing (CT)", Radiopaedia.org, article 52108 (doi 10.53347/rID-52108)."""

_RULES = 3  # increase it when a change of the code makes different pixels from the same rule
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_FIXED = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rule for reading deep pictures and stacks; by default, the first frame with the file's own window.

    Attributes:
        frame: which frame of a stack, an animation or a multi-page file: "first", "middle" (of 4: the third),
            "last", or a number from 1; for a file with fewer frames, its last one.
        window: which values become black and white. "file": the file's own window or table, else the smallest
            to the largest value. "file:NAME": the window of a DICOM file with the explanation NAME, else as
            "file". "range": each picture's smallest to largest value. "percentiles": each picture's 1st to
            99th percentile. "LOW..HIGH": these values (for DICOM, after rescaling). A name of ``CT_WINDOWS``:
            that window for CT images in Hounsfield units; other images as "file".

    Raises:
        ProblemError: ``frame`` or ``window`` is invalid; the problem's ``where`` says which.
    """

    frame: str = "first"
    window: str = "file"

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", _plain_frame(self.frame))
        object.__setattr__(self, "window", _plain_window(self.window))

    @classmethod
    def of(cls, text: str) -> Rendering:
        """Parse the form written by ``text``.

        Raises:
            ProblemError: it is invalid.
        """
        frame, _, window = text.partition(" ")
        return cls(frame, window)

    @property
    def text(self) -> str:
        """The rule as a short, stable text, such as "middle lung"; ``of`` parses it."""
        return f"{self.frame} {self.window}"

    @property
    def key(self) -> str:
        """The part of a cache name that identifies this rendering: 16 hex digits; empty for the default.

        Computed from the values of a preset rather than its name, so that changing a preset changes the key.
        """
        if self == AS_STORED:
            return ""
        preset = CT_WINDOWS.get(self.window)
        window = self.window if preset is None else f"HU {preset.low:g}..{preset.high:g}"
        text = f"{_RULES} {self.frame} {window}"
        return hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()

    @property
    def offered(self) -> str | None:
        """The name of the DICOM file's own window to use; None if the setting is not "file:NAME"."""
        return self.window.removeprefix(OFFERED) if self.window.startswith(OFFERED) else None

    def frame_of(self, frames: int) -> int:
        """Return the index, from 0, of the frame to read in a file with this many frames."""
        places = {"first": 0, "middle": frames // 2, "last": frames - 1}
        place = places[self.frame] if self.frame in places else int(self.frame) - 1
        return min(place, frames - 1)

    def window_of(
        self, samples: Samples, valid: NDArray[np.bool_] | None = None, *, hounsfield: bool = False
    ) -> IntensityWindow | None:
        """Return the window for a picture's values; None if the file's own window applies.

        ``valid`` is a mask of the pixels that are neither padding nor transparent; ``hounsfield`` says
        whether the values are Hounsfield units.
        """
        if self.window == "range":
            return own_range(samples, valid)
        if self.window == "percentiles":
            return middle_range(samples, valid)
        if self.window in CT_WINDOWS:
            return CT_WINDOWS[self.window] if hounsfield else None
        return fixed_window(self.window)


def matters_for(facts: PictureFacts) -> bool:
    """Return whether a rendering can affect this file: DICOM, more than 8 bits, or several frames."""
    return facts.format == "DICOM" or facts.bits > 8 or facts.frames > 1


def fixed_window(text: str) -> IntensityWindow | None:
    """Parse a window "LOW..HIGH"; return None if the text has another form."""
    match = _FIXED.fullmatch(text)
    return None if match is None else IntensityWindow(float(match[1]), float(match[2]))


def _plain_frame(frame: str) -> str:
    plain = frame.strip().lower()
    if plain in FRAMES:
        return plain
    if plain.isdecimal() and 1 <= int(plain) <= 1_000_000:
        return FRAMES[0] if int(plain) == 1 else str(int(plain))
    names = ", ".join(FRAMES)
    raise ProblemError(Problem("frame", f"“{frame}” is not a frame", f"Write {names} or a number from 1"))


def _plain_window(window: str) -> str:
    plain = " ".join(window.split())
    if plain.lower().startswith(OFFERED):
        name = plain[len(OFFERED) :].strip()
        return f"{OFFERED}{name}" if name else "file"
    plain = plain.lower().replace("−", "-")
    fixed = fixed_window(plain)
    if fixed is not None:
        return _checked(fixed)
    if plain in {"file", "range", "percentiles", *CT_WINDOWS}:
        return plain
    names = ", ".join(CT_WINDOWS)
    fix = f"Write file, file:NAME, range, percentiles, LOW..HIGH (like -160..240) or one of {names}"
    raise ProblemError(Problem("window", f"“{window}” is not a window", fix))


def _checked(fixed: IntensityWindow) -> str:
    if not (math.isfinite(fixed.low) and math.isfinite(fixed.high) and fixed.low < fixed.high):
        raise ProblemError(
            Problem(
                "window",
                f"a window from {fixed.low:g} to {fixed.high:g} shows nothing",
                "Give the value that becomes black first, then a larger one that becomes white",
            )
        )
    return f"{fixed.low!r}..{fixed.high!r}".replace(".0..", "..").removesuffix(".0")


AS_STORED: Final = Rendering()
"""The default: the first frame, with the file's own window."""
