"""Reads TIFFs that Pillow clips or cannot read: 16-bit, 32-bit and float samples, planes, rare compressions.

tifffile is imported when the first such file is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from tldesk.imaging import orientation as orient
from tldesk.imaging import tiff_strips
from tldesk.imaging.colour_profile import TAG as PROFILE
from tldesk.imaging.colour_profile import name_of, pixels_to_srgb, to_srgb
from tldesk.imaging.downscale import reduce_by, reduction
from tldesk.imaging.identifying_tags import Trace
from tldesk.imaging.no_data import valid_samples
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.tiff_pages import PicturePages
from tldesk.imaging.tiff_samples import count_shown, shown_samples
from tldesk.imaging.tiff_stack import TAG as HIDDEN
from tldesk.imaging.tiff_stack import Plane, StackFrame, as_colours, hidden_samples, stacked, view_of
from tldesk.imaging.unreadable import (
    UnreadableImage,
    check_size,
    unsupported,
)
from tldesk.imaging.windowing import (
    IntensityWindow,
    Samples,
    WindowedValues,
    default_window,
    on_white,
    to_bytes,
)

if TYPE_CHECKING:
    import tifffile

MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

_ORIENTATION, _ICC_PROFILE = 274, 34675
_TRACES = {34853: Trace.PLACE, 315: Trace.OWNER}  # GPSInfo, Artist
_SIGNED = 2  # a SampleFormat
_MIN_IS_WHITE, _PALETTE, _SEPARATED, _LAB = 0, 3, 5, (8, 9, 10)


@dataclass(frozen=True, eq=False)
class _Decoded:
    """Pixels, not turned upright; their samples, if they are deep; the name of the applied profile, or ""."""

    pixels: Pixels
    values: WindowedValues | None = None
    profile: str = ""


def is_deep(image: Image.Image) -> bool:
    """Return whether an opened TIFF has samples of more than 8 bits, or signed ones: Pillow alters them."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    signed = _SIGNED in image.tag_v2.get(TiffImagePlugin.SAMPLEFORMAT, ())
    return signed or int(max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))) > 8


def read(file: BinaryIO, found: PicturePages, *, min_side: int | None, rendering: Rendering) -> Picture:
    """Decode one of the pages that were ``found``, or one frame of a stack.

    Raises:
        UnreadableImage: the file is truncated, too large, or of an unsupported kind.
        Exception: any exception of tifffile on damaged data.
    """
    import tifffile

    file.seek(0)
    with tifffile.TiffFile(file, _multifile=False) as tiff:
        view = view_of(tiff, rendering) or _page_view(tiff, found, rendering)
        page = view.page
        check_size(page.imagewidth, page.imagelength)
        for plane in view.planes:
            _check_complete(plane.page, file)
        planes = [_rows_columns_samples(plane.read(), page.axes) for plane in view.planes]
        decoded = _to_pixels(stacked(planes), view, rendering)
        facts = _facts(view, decoded.profile)
    factor = reduction(facts.width, facts.height, min_side)
    pixels = orient.upright(reduce_by(decoded.pixels, factor), facts.orientation)
    return Picture(pixels, facts, view.frame, decoded.values)


def _page_view(tiff: tifffile.TiffFile, found: PicturePages, rendering: Rendering) -> StackFrame:
    """Return the page that ``rendering`` chooses, of a file that does not say what its pages are."""
    from tifffile import TiffPage

    frames = len(found.pages)
    frame = rendering.frame_of(frames)
    tiff.filehandle.seek(found.pages[frame].offset)
    return StackFrame((Plane(TiffPage(tiff, frame)),), frame, frames, found.hidden)


def _check_complete(page: tifffile.TiffPage, file: BinaryIO) -> None:
    """Refuse incomplete files, for which tifffile would fill missing strips with zeros."""
    tiff_strips.check(file, {tag: page.tags[tag].value for tag in tiff_strips.TAGS if tag in page.tags})


def _rows_columns_samples(array: Samples, axes: str) -> Samples:
    """Return the array as (Y, X) or (Y, X, S), taking the first slice of any other axis."""
    for axis in [name for name in axes if name not in "YXS"]:
        array, axes = array.take(0, axis=axes.index(axis)), axes.replace(axis, "")
    order = [axes.index(axis) for axis in "YXS" if axis in axes]
    return array.transpose(order)


def _facts(view: StackFrame, profile: str) -> PictureFacts:
    page = view.page
    tag = page.tags.get(_ORIENTATION)
    orientation = orient.known(int(tag.value) if tag is not None else 1)
    size = (page.imagewidth, page.imagelength)
    width, height = size[::-1] if orient.swaps_sides(orientation) else size
    mode = f"{getattr(page.photometric, 'name', page.photometric)} {page.dtype}"
    return PictureFacts(
        format="TIFF",
        width=width,
        height=height,
        mode=mode,
        bits=page.bitspersample,
        orientation=orientation,
        frames=view.frames,
        tags={name: said for name, said in ((HIDDEN, _hidden(view)), (PROFILE, profile)) if said},
        traces=tuple(trace for tag, trace in _TRACES.items() if page.tags.get(tag) is not None),
    )


def _hidden(view: StackFrame) -> str:
    page = view.page
    count = page.samplesperpixel
    samples = hidden_samples(count_shown(count, page.extrasamples, page.photometric), count)
    return "; ".join(filter(None, [view.hidden, samples]))


def _to_pixels(samples: Samples, view: StackFrame, rendering: Rendering) -> _Decoded:
    page = view.page
    if samples.dtype.kind not in "buif":
        raise UnreadableImage(unsupported(f"samples of the kind {samples.dtype}"))
    kind = page.photometric
    if kind in _LAB:
        raise UnreadableImage(unsupported("Lab colours with more than 8 bits"))
    if kind == _PALETTE and page.colormap is not None:
        colours = to_bytes(page.colormap[:, samples].transpose(1, 2, 0), IntensityWindow(0, 65535))
        return _Decoded(pixels_to_srgb(colours, _profile(page)), profile=name_of(_profile(page), "RGB"))
    if kind == _SEPARATED and samples.ndim == 3 and samples.shape[2] >= 4:
        return _from_cmyk(samples, _profile(page))
    if len(view.planes) > 1:
        return _windowed(samples, None, page, rendering)
    return _windowed(*shown_samples(samples, page.extrasamples), page, rendering)


def _windowed(
    shown: Samples, alpha: NDArray[np.float32] | None, page: tifffile.TiffPage, rendering: Rendering
) -> _Decoded:
    """Map the samples that are shown, grey (H, W) or colours (H, W, 2 or 3), by a window of them alone."""
    deep = page.bitspersample > 8
    data = valid_samples(shown, page) if deep or shown.dtype.kind == "i" else None
    counted = _with_opaque(data, alpha, shown.ndim)
    given = rendering.window_of(shown, counted) if deep else None
    window = given or default_window(shown, page.bitspersample, counted)
    levels = to_bytes(shown, window)
    if page.photometric == _MIN_IS_WHITE:
        levels = 255 - levels
    if data is not None:
        levels[~data] = 0
    pixels, profile = as_colours(levels), ""
    if shown.ndim == 3:
        pixels, profile = pixels_to_srgb(pixels, _profile(page)), name_of(_profile(page), "RGB")
    pixels = pixels if alpha is None else on_white(pixels, alpha)
    return _Decoded(pixels, WindowedValues(shown, window, valid=counted) if deep else None, profile)


def _with_opaque(
    data: NDArray[np.bool_] | None, alpha: NDArray[np.float32] | None, ndim: int
) -> NDArray[np.bool_] | None:
    """Return the mask of the samples that have data and can be seen; None if all do."""
    if alpha is None:
        return data
    opaque = alpha > 0
    if data is None:
        return opaque
    return data & (opaque if ndim == 2 else opaque[:, :, None])


def _profile(page: tifffile.TiffPage) -> object:
    tag = page.tags.get(_ICC_PROFILE)
    return None if tag is None else tag.value


def _from_cmyk(inks: Samples, profile: object) -> _Decoded:
    full: Any = IntensityWindow(0, float(np.iinfo(inks.dtype).max))
    plates = np.ascontiguousarray(to_bytes(inks[:, :, :4], full))
    image = Image.frombytes("CMYK", plates.shape[1::-1], plates.tobytes())
    image.info["icc_profile"] = profile
    shown = to_srgb(image)
    return _Decoded(np.array(shown.image.convert("RGB")), profile=shown.name)
