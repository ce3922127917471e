"""The planes of a TIFF stack by its axes, as OME-TIFF, ImageJ, LSM and tifffile itself name them.

Channels are colours, and the frame of a ``Rendering`` counts the slices (Z), else the time points (T), else
whatever else varies. Of the other axes, the first position is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin

from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.unreadable import TRUNCATED, UnreadableImage
from tldesk.imaging.windowing import Samples, to_rgb

if TYPE_CHECKING:
    import tifffile

TAG = "Not shown"
"""Name of the fact that lists the channels and positions of a stack that no frame shows."""

_COLOURS = 3
_DESCRIBED = ("ImageJ=", "<OME", '"axes"')
_LSM, _STK = 34412, 33629  # tags of Zeiss and MetaMorph
_NAMES = {"C": "channel", "T": "time point", "Z": "slice", "S": "sample"}


@dataclass(frozen=True)
class Plane:
    """A page, or the part of the file that stands for one: ImageJ writes one page for a stack over 4 GB.

    Attributes:
        page: the page, or the one that says what all planes are.
        at: offset in bytes of the plane's samples, which are not compressed; None: the page's own.
    """

    page: tifffile.TiffPage
    at: int | None = None

    def read(self) -> Samples:
        """Return the samples; their axes are those of the page.

        Raises:
            Exception: any exception of tifffile on damaged data.
        """
        if self.at is None:
            return np.asarray(self.page.asarray())
        dtype = np.dtype(self.page.dtype).newbyteorder(self.page.parent.byteorder)
        size = int(np.prod(self.page.shape)) * dtype.itemsize
        self.page.parent.filehandle.seek(self.at)
        data = self.page.parent.filehandle.read(size)
        if len(data) < size:
            raise UnreadableImage(TRUNCATED)
        return np.frombuffer(data, dtype).reshape(self.page.shape).astype(self.page.dtype)


@dataclass(frozen=True)
class StackFrame:
    """One frame of a stack.

    Attributes:
        planes: a plane for each channel that is shown: 1, 2 or 3 of equal size.
        frame, frames: index of the frame, and how many there are.
        hidden: what no frame shows, in words; empty if everything can be shown.
    """

    planes: tuple[Plane, ...]
    frame: int
    frames: int
    hidden: str = ""

    @property
    def page(self) -> tifffile.TiffPage:
        """The page that describes the frame."""
        return self.planes[0].page


def is_described(image: Image.Image, pages: int) -> bool:
    """Return whether a TIFF opened with Pillow says which axes its ``pages`` are."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    text = str(image.tag_v2.get(ExifTags.Base.ImageDescription, ""))
    named = any(word in text for word in _DESCRIBED)
    several = pages > 1 or "images=" in text
    return several and (named or _LSM in image.tag_v2 or _STK in image.tag_v2)


def view_of(tiff: tifffile.TiffFile, rendering: Rendering) -> StackFrame | None:
    """Return the frame that ``rendering`` chooses by the axes; None for a file that names none."""
    if not _names_axes(tiff) or not tiff.series:
        return None
    series: Any = tiff.series[0]
    inner = series.keyframe.axes
    outer = series.axes[: len(series.axes) - len(inner)]
    if not outer or not series.axes.endswith(inner):
        return None
    sizes = dict(zip(outer, series.shape, strict=False))
    if len(sizes) < len(outer):
        return None
    stack = _stack_axis(sizes)
    frames = sizes.get(stack, 1)
    frame = rendering.frame_of(frames)
    channels = min(sizes.get("C", 1), 1 if "S" in inner else _COLOURS)
    planes = []
    for channel in range(channels):
        place = [{"C": channel, stack: frame}.get(axis, 0) for axis in outer]
        planes.append(_plane(series, int(np.ravel_multi_index(place, tuple(sizes.values())))))
    found = tuple(plane for plane in planes if plane is not None)
    return (
        StackFrame(found, frame, frames, _hidden(sizes, stack, channels)) if len(found) == channels else None
    )


def stacked(planes: list[Samples]) -> Samples:
    """Return the planes (H, W) of 2 or 3 channels as (H, W, C); a single plane stays as it is."""
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=2)


def as_colours(levels: Pixels) -> Pixels:
    """Return grey levels (H, W), or channels (H, W, 2 or 3) as red, green and blue, as (H, W, 3).

    Two channels are red and green. The blue that they lack is black, and no part of the picture's values.
    """
    if levels.ndim == 3 and levels.shape[2] < _COLOURS:
        levels = np.pad(levels, ((0, 0), (0, 0), (0, _COLOURS - levels.shape[2])))
    return to_rgb(levels)


def hidden_samples(shown: int, count: int) -> str:
    """Return in words which of the ``count`` samples of a page are not shown; empty if all are."""
    return _range("S", shown, count) if count > shown else ""


def _names_axes(tiff: tifffile.TiffFile) -> bool:
    shaped = bool(tiff.is_shaped) and '"axes"' in str(tiff.pages.first.description)
    return bool(tiff.is_ome or tiff.is_imagej or tiff.is_lsm or tiff.is_stk or shaped)


def _stack_axis(sizes: dict[str, int]) -> str:
    """Return the axis that the frame counts; an empty text if there is none."""
    axes = [axis for axis in ("Z", "T", *sizes) if axis != "C" and sizes.get(axis, 1) > 1]
    return axes[0] if axes else ""


def _plane(series: Any, index: int) -> Plane | None:  # noqa: ANN401 - tifffile's
    """Return a plane of a series; None if it lies in another file."""
    key = series.keyframe
    if len(series.pages) == 1 and index > 0:
        at = series.dataoffset
        size = int(np.prod(key.shape)) * np.dtype(key.dtype).itemsize
        return None if at is None else Plane(key, at + index * size)
    page = series.pages[index] if index < len(series.pages) else None
    if page is None:
        return None
    return Plane(page if hasattr(page, "tags") else page.aspage())


def _hidden(sizes: dict[str, int], stack: str, channels: int) -> str:
    shown = {axis: channels if axis == "C" else 1 for axis in sizes if axis != stack}
    return "; ".join(_range(axis, first, sizes[axis]) for axis, first in shown.items() if sizes[axis] > first)


def _range(axis: str, shown: int, size: int) -> str:
    name = _NAMES.get(axis, f"position on axis {axis}")
    if size == shown + 1:
        return f"{name} {size}"
    plural = f"{name}s" if axis in _NAMES else name.replace("position", "positions")
    return f"{plural} {shown + 1} to {size}"
