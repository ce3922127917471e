"""Decodes the pixels of one DICOM frame with the libraries that write nothing to the terminal.

GDCM is not asked: it prints what it thinks of damaged data, past any setting. Of its syntaxes, the others
decode all that libjpeg-turbo (in imagecodecs) does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tldesk.imaging import jpeg2000_tiles
from tldesk.imaging.jpeg_end import fault_of, is_mid_grey
from tldesk.imaging.unreadable import TRUNCATED, UnreadableImage, damaged
from tldesk.imaging.windowing import Samples

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PLUGINS = ("pydicom", "pylibjpeg", "pillow", "pyjpegls")
_BASELINE, _EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")

_JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.20")  # and HTJ2K
_COLOURS = 3


def decoded(dataset: Dataset, frame: int, frames: int) -> Samples:
    """Return the samples of one of ``frames`` frames, (H, W) or (H, W, 3), YBR converted to RGB.

    Raises:
        UnreadableImage: the data end early, or are not what the file says.
        Exception: any exception of the decoders on damaged data.
    """
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if syntax in _LOSSLESS:
        return _by_libjpeg(dataset, frame, frames)
    if syntax.startswith(_JPEG_2000):
        jpeg2000_tiles.check(_fragment(dataset, frame, frames))
    try:
        samples = _by_plugins(dataset, frame)
    except RuntimeError:
        if syntax != _EXTENDED:  # lossy 12-bit JPEG, which none of pydicom's decoders supports
            raise
        return _by_libjpeg(dataset, frame, frames)
    except ValueError as error:
        if "less than expected" in str(error):
            raise UnreadableImage(TRUNCATED) from error
        raise
    if syntax in (_BASELINE, _EXTENDED):
        _check_complete(_fragment(dataset, frame, frames), samples)
    return samples


def _by_plugins(dataset: Dataset, frame: int) -> Samples:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return pixel_array(dataset, index=frame)
    available = get_decoder(syntax).available_plugins
    failed: Exception | None = None
    for plugin in (name for name in _PLUGINS if name in available):
        try:
            return pixel_array(dataset, index=frame, decoding_plugin=plugin)
        except Exception as error:  # noqa: BLE001 - the next one may read it
            failed = failed or error
    raise failed or RuntimeError("no decoder for this syntax")


def _by_libjpeg(dataset: Dataset, frame: int, frames: int) -> Samples:
    import imagecodecs
    from pydicom.pixels.processing import convert_color_space

    data = _fragment(dataset, frame, frames)
    if fault := fault_of(data):
        raise UnreadableImage(fault)
    # Lossless data are stored as they are, whatever a JFIF marker says.
    raw = str(dataset.file_meta.TransferSyntaxUID) in _LOSSLESS and int(dataset.SamplesPerPixel) == _COLOURS
    samples: Samples = imagecodecs.jpeg8_decode(data, colorspace="RGB" if raw else None)
    if samples.shape[:2] != (dataset.Rows, dataset.Columns):
        raise UnreadableImage(damaged("its size is not the one that the file names"))
    if raw and str(dataset.PhotometricInterpretation).startswith("YBR_FULL"):
        samples = np.asarray(convert_color_space(samples, "YBR_FULL", "RGB"))
    return _signed(samples, dataset)


def _signed(samples: Samples, dataset: Dataset) -> Samples:
    """Return samples as wide as the file allocates, with the sign bit that JPEG does not know."""
    size = int(dataset.BitsAllocated) // 8
    wide = samples.astype(f"u{size}", copy=False)
    return np.asarray(wide.view(f"i{size}") if dataset.get("PixelRepresentation") == 1 else wide)


def _fragment(dataset: Dataset, frame: int, frames: int) -> bytes:
    from pydicom.encaps import get_frame

    return get_frame(dataset.PixelData, frame, number_of_frames=frames)


def _check_complete(data: bytes, samples: Samples) -> None:
    """Refuse a JPEG of which data are missing, which its decoder fills up with grey."""
    if fault := fault_of(data, grey_end=is_mid_grey(samples[-1, -1])):
        raise UnreadableImage(fault)
