"""How deep pictures and stacks are shown: which frame, and which values become black and white.

A project has one rule for all its images. It says nothing to ordinary pictures: 8 bits, one frame.
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
"""Stands before the name of a window that a DICOM file offers beside its first one."""

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
"""What is usual for looking at CT, in Hounsfield units, level - width / 2 to level + width / 2: A. Murphy and
others, "Windowing (CT)", Radiopaedia.org, article 52108 (doi 10.53347/rID-52108)."""

_RULES = 1  # raise it when the same rule makes other pixels than before
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_FIXED = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rule for reading deep pictures and stacks; by default, files are read as they say themselves.

    Attributes:
        frame: of a stack, an animation or a multi-page file: "first", "middle" (of 4: the third), "last", or
            a number from 1; a file with fewer frames gives its last one.
        window: "file" (the file's own window or table, else the smallest to the largest value), "file:NAME"
            (that of several windows of a DICOM file whose explanation is NAME; where there is none, as
            "file"), "range" (each picture's smallest to its largest value), "percentiles" (each picture's
            1st to 99th percentile), "LOW..HIGH" (these values, of DICOM after rescaling), or a name of
            ``CT_WINDOWS`` (CT images in Hounsfield units; all others as "file").

    Raises:
        ProblemError: one of the texts means nothing; ``where`` is "frame" or "window".
    """

    frame: str = "first"
    window: str = "file"

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", _plain_frame(self.frame))
        object.__setattr__(self, "window", _plain_window(self.window))

    @classmethod
    def of(cls, text: str) -> Rendering:
        """What ``text`` wrote.

        Raises:
            ProblemError: it means nothing.
        """
        frame, _, window = text.partition(" ")
        return cls(frame, window)

    @property
    def text(self) -> str:
        """Short and stable: "middle lung"."""
        return f"{self.frame} {self.window}"

    @property
    def key(self) -> str:
        """Names what is kept of pictures read this way: 16 hex digits; empty for the default.

        Made from what a preset means, not from its name.
        """
        if self == AS_STORED:
            return ""
        preset = CT_WINDOWS.get(self.window)
        window = self.window if preset is None else f"HU {preset.low:g}..{preset.high:g}"
        text = f"{_RULES} {self.frame} {window}"
        return hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()

    @property
    def offered(self) -> str | None:
        """The name of the window that is wanted of those that a file offers."""
        return self.window.removeprefix(OFFERED) if self.window.startswith(OFFERED) else None

    def frame_of(self, frames: int) -> int:
        """Which of a file's frames, from 0."""
        places = {"first": 0, "middle": frames // 2, "last": frames - 1}
        place = places[self.frame] if self.frame in places else int(self.frame) - 1
        return min(place, frames - 1)

    def window_of(
        self, samples: Samples, valid: NDArray[np.bool_] | None = None, *, hounsfield: bool = False
    ) -> IntensityWindow | None:
        """The window for a picture's values; None: as the file says.

        ``valid`` marks what is neither padding nor transparent, ``hounsfield`` tells the values' unit.
        """
        if self.window == "range":
            return own_range(samples, valid)
        if self.window == "percentiles":
            return middle_range(samples, valid)
        if self.window in CT_WINDOWS:
            return CT_WINDOWS[self.window] if hounsfield else None
        return fixed_window(self.window)


def matters_for(facts: PictureFacts) -> bool:
    """Whether a rule can change how this file is read: DICOM, more than 8 bits, or several frames."""
    return facts.format == "DICOM" or facts.bits > 8 or facts.frames > 1


def fixed_window(text: str) -> IntensityWindow | None:
    """The window that "LOW..HIGH" writes; None if the text is something else."""
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
"""The first frame, as the file says."""
