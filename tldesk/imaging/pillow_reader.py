"""Everything that Pillow decodes: JPEG, PNG, GIF, BMP, WebP, AVIF, PSD, PNM, 8-bit TIFF and more."""

from __future__ import annotations

from typing import BinaryIO, cast

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin

from tldesk.imaging import orientation as orient
from tldesk.imaging.facts import Picture, PictureFacts, Pixels
from tldesk.imaging.reasons import TOO_LARGE, UnreadableImage, check_size, no_such_frame
from tldesk.imaging.reduce import reduce_by, reduction
from tldesk.imaging.tags import orientation_and_tags
from tldesk.imaging.windowing import Window, default_window, on_white, to_bytes, to_rgb

# No EPS and PDF: they start other programs. No video-like or legacy formats that nobody labels.
FORMATS = (
    "JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "PPM", "PSD", "ICO", "TGA", "JPEG2000", "PCX", "SGI",
    "QOI",
)  # fmt: skip

_NAMES = {"MPO": "JPEG", "DIB": "BMP", "JPEG2000": "JPEG 2000"}
_BITS = {"1": 1, "I;16": 16, "I;16L": 16, "I;16B": 16, "I;16N": 16, "I": 32, "F": 32}


def open_image(file: BinaryIO, head: bytes) -> Image.Image:
    """Parse the header only; the most common formats are not searched for.

    Raises:
        UnreadableImage: the picture is too large.
        Exception: whatever Pillow raises on bytes it does not understand.
    """
    file.seek(0)
    try:
        image = Image.open(file, formats=_formats(head))
    except Image.DecompressionBombError as error:
        image = _open_large(file, head, error)
    check_size(*image.size)
    return image


def read(image: Image.Image, *, min_side: int | None, frame: int, window: Window | None) -> Picture:
    """Decode an opened image.

    Raises:
        UnreadableImage: there is no such frame.
        Exception: whatever Pillow raises on damaged data.
    """
    frames = _go_to(image, frame)
    mode, size = image.mode, image.size
    factor = reduction(*size, min_side)
    if factor > 1 and isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(None, (size[0] // factor, size[1] // factor))
    image.load()
    drafted = image.size != size and isinstance(image, JpegImagePlugin.JpegImageFile)
    value, tags = orientation_and_tags(image)
    # Pillow itself turns TIFFs upright while it loads them.
    done_by_pillow = image.format == "TIFF"
    size = image.size if done_by_pillow else size
    orientation = 1 if done_by_pillow else orient.known(value)
    pixels = reduce_by(to_pixels(image, window), 1 if drafted else factor)
    facts = facts_of(image, mode, size, orientation, frames, tags)
    return Picture(orient.upright(pixels, orientation), facts)


def facts_of(
    image: Image.Image, mode: str, size: tuple[int, int], orientation: int, frames: int, tags: dict[str, str]
) -> PictureFacts:
    """Facts of an image whose stored ``size`` is (width, height) before ``orientation`` is applied."""
    width, height = size[::-1] if orient.swaps_sides(orientation) else size
    name = image.format or ""
    bits = 16 if name == "PPM" and mode == "I" else _BITS.get(mode, 8)
    return PictureFacts(_NAMES.get(name, name), width, height, mode, bits, orientation, frames, tags)


def to_pixels(image: Image.Image, window: Window | None) -> Pixels:
    """A loaded image of any mode as (H, W, 3) uint8, transparency laid on white, not yet turned upright."""
    if image.mode in _BITS and image.mode != "1":
        return _deep_grey(image, window)
    pixels = np.array(_flat(image))
    return pixels if window is None else to_bytes(pixels, window)


def _formats(head: bytes) -> tuple[str, ...]:
    if head.startswith(b"\xff\xd8\xff"):
        return ("JPEG",)
    return ("PNG",) if head.startswith(b"\x89PNG") else FORMATS


def _open_large(file: BinaryIO, head: bytes, error: Image.DecompressionBombError) -> Image.Image:
    """Pillow refuses above 179 million pixels, but phones make pictures of 200: open those past its guard."""
    file.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile(file)
    if head.startswith(b"\x89PNG"):
        return PngImagePlugin.PngImageFile(file)
    raise UnreadableImage(TOO_LARGE) from error


def _go_to(image: Image.Image, frame: int) -> int:
    # A PSD's "frames" are its layers; the picture people see is the merged one, which comes first.
    frames = 1 if image.format == "PSD" else int(getattr(image, "n_frames", 1))
    if not 0 <= frame < frames:
        raise UnreadableImage(no_such_frame(frame, frames))
    if frame:
        image.seek(frame)
    return frames


def _flat(image: Image.Image) -> Image.Image:
    """To RGB: transparent parts become white, Lab goes through its colour profile, the rest by Pillow's tables."""
    if image.mode == "LAB":
        return _from_lab(image)
    if image.has_transparency_data:
        return _composed(image.convert("RGBA") if image.mode != "La" else image.convert("LA").convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _composed(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGBA", image.size, "white")
    sheet.alpha_composite(image)
    return sheet.convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms  # lazily: rarely needed

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return cast("Image.Image", ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB"))


def _deep_grey(image: Image.Image, window: Window | None) -> Pixels:
    samples = np.asarray(image)
    key = image.info.get("transparency")
    opaque = samples != key if isinstance(key, int) else None
    pixels = to_rgb(to_bytes(samples, window or default_window(samples, 16, opaque)))
    return pixels if opaque is None else on_white(pixels, opaque.astype(np.float32))
