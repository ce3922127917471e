"""Reads the formats that Pillow decodes: JPEG, PNG, GIF, BMP, WebP, AVIF, PSD, PNM, 8-bit TIFF and more."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, JpegImagePlugin, TiffImagePlugin

from tldesk.base.file_names import on_disk
from tldesk.base.regular_files import open_regular
from tldesk.imaging import (
    colour_profile,
    embedded_profile,
    jpeg2000_tiles,
    jpeg_end,
    png_reader,
    tiff_stack,
    tiff_strips,
)
from tldesk.imaging import orientation as orient
from tldesk.imaging.downscale import reduce_by, reduction
from tldesk.imaging.exif_tags import read_exif
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.tiff_pages import PicturePages
from tldesk.imaging.unreadable import TOO_LARGE, TRUNCATED, UnreadableImage, check_size, cut_short
from tldesk.imaging.windowing import WindowedValues, default_window, on_white, to_bytes, to_rgb

# No EPS and PDF: Pillow would start an external program to read them.
FORMATS = (
    "JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "PPM", "PSD", "ICO", "TGA", "JPEG2000", "PCX",
    "SGI", "QOI",
)  # fmt: skip

_HEAD = 64  # bytes; the signatures below are all in the first 48
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"
_HEIF_BRANDS = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1",
    b"miaf",
)  # fmt: skip
_NAMES = {"MPO": "JPEG", "DIB": "BMP", "JPEG2000": "JPEG 2000", "WEBP": "WebP", "HEIF": "HEIC", "PPM": "PNM"}
_OPAQUE = {"L", "RGB", "CMYK"}
_JPEGS = {"JPEG", "MPO"}
_JPEG_BYTES, _PIXEL_BYTES = 16 * 1024 * 1024, 4  # a JPEG and each pixel of it take at most so many
_DEEP = {"I;16": 16, "I;16L": 16, "I;16B": 16, "I;16N": 16, "I": 32, "F": 32}


def open_image(file: BinaryIO, head: bytes) -> Image.Image:
    """Open an image, parsing only its header; common formats are recognised by their first bytes.

    Raises:
        UnreadableImage: the picture is too large.
        Exception: any exception of Pillow on invalid bytes.
    """
    file.seek(0)
    image: Image.Image
    try:
        image = Image.open(file, formats=_formats(head))
    except Image.DecompressionBombError as error:
        image = _open_large(file, head, error)
    check_size(*image.size)
    return image


def header(path: Path) -> PictureFacts:
    """Return format, size as stored, mode and bits of a file that Pillow supports, without decoding it.

    Raises:
        UnreadableImage: as ``open_image``.
        Exception: any exception of the operating system, or of Pillow on invalid bytes.
    """
    with open_regular(on_disk(path)) as file:
        head = file.read(_HEAD)
        with open_image(file, head) as image:
            name = image.format or ""
            width, height = image.size
            return PictureFacts(_NAMES.get(name, name), width, height, image.mode, _bits(image, head))


def read(
    image: Image.Image,
    file: BinaryIO,
    head: bytes,
    *,
    min_side: int | None,
    rendering: Rendering,
    pages: PicturePages | None = None,
) -> Picture:
    """Decode an image opened from ``file``, which begins with ``head``; ``pages`` are those of a TIFF.

    Raises:
        Exception: any exception of Pillow on damaged data.
    """
    frames = _frames(image) if pages is None else len(pages.pages)
    frame = rendering.frame_of(frames)
    if frame and pages is None:
        image.seek(frame)
    check_size(*image.size)
    mode, size, bits = image.mode, image.size, _bits(image, head)
    turned = _turned_by_pillow(image)
    factor = reduction(*size, min_side)
    drafted = factor > 1 and _draft(image, factor)
    if "progressive" in image.info:
        jpeg_end.check_scans(_whole(file, size), size[0] * size[1])
    _check_parts(image, file)
    image.load()
    if image.format in _JPEGS:
        _check_complete(image, _whole(file, size))
    embedded_profile.add_profile(image, file, head)
    said = read_exif(image)
    if said.adobe_rgb:
        image.info.setdefault("icc_profile", colour_profile.adobe_rgb())
    pixels, values = _converted(image, file, head, 1 if drafted else factor, rendering)
    if turned is None:
        orientation = orient.known(said.orientation)
        pixels = orient.upright(pixels, orientation)
        width, height = size[::-1] if orient.swaps_sides(orientation) else size
    else:
        orientation, (width, height) = turned, image.size
    name = image.format or ""
    facts = PictureFacts(
        format=_NAMES.get(name, name),
        width=width,
        height=height,
        mode=mode,
        bits=bits,
        orientation=orientation,
        frames=frames,
        tags={**said.tags, **_profile_tag(image, bits), **_hidden_tag(image, pages)},
        traces=said.traces,
    )
    return Picture(pixels, facts, frame, values)


def to_pixels(image: Image.Image, rendering: Rendering) -> tuple[Pixels, WindowedValues | None]:
    """Return a loaded image of any mode as (H, W, 3) uint8, composed onto white, not yet turned upright.

    The second value is the samples before windowing if they have more than 8 bits, else None.
    """
    return _deep_grey(image, rendering) if image.mode in _DEEP else (np.array(_flat(image)), None)


def _formats(head: bytes) -> tuple[str, ...]:
    if head.startswith(_JPEG):
        return ("JPEG",)
    if head.startswith(_PNG):
        return ("PNG",)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head[16:48]:
        _register_heic()
        return ("HEIF",)
    return FORMATS


@functools.cache
def _register_heic() -> None:
    import pi_heif

    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False)  # pictures are read in many threads


def _open_large(file: BinaryIO, head: bytes, error: Image.DecompressionBombError) -> Image.Image:
    """Open a picture that Pillow refuses: its limit is 179 million pixels, but phones take 200."""
    Image.init()  # Pillow loads its rarer formats when it first needs one
    for name in _formats(head):
        if name not in Image.OPEN:  # Pillow was built without it
            continue
        plugin, accepts = Image.OPEN[name]
        if accepts is None or accepts(head[:16]):
            file.seek(0)
            # It may be of another format, or have larger frames.
            with contextlib.suppress(SyntaxError, Image.DecompressionBombError):
                return plugin(file, "")
    raise UnreadableImage(TOO_LARGE) from error


def _frames(image: Image.Image) -> int:
    # Pillow's "frames" of a PSD are its layers, those of an MPO from a phone are previews, depth and
    # brightness maps. In both, the visible picture comes first.
    return 1 if image.format in {"PSD", "MPO"} else max(1, int(getattr(image, "n_frames", 1)))


def _draft(image: Image.Image, factor: int) -> bool:
    """Ask libjpeg to reduce while decoding; return whether it will."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return False
    width, height = image.size
    image.draft(None, (width // factor, height // factor))
    return image.size != (width, height)


def _converted(
    image: Image.Image, file: BinaryIO, head: bytes, factor: int, rendering: Rendering
) -> tuple[Pixels, WindowedValues | None]:
    """Return a loaded image as RGB, reduced by ``factor``, and its samples if they have more than 8 bits."""
    if png_reader.is_deep(head):
        pixels, deep = png_reader.to_pixels(file, image, rendering)
        return reduce_by(pixels, factor), deep
    if factor > 1 and image.mode in _OPAQUE and not image.has_transparency_data:
        small = image.reduce(factor)  # before its colours are converted, which takes longer
        small.info = image.info
        return to_pixels(small, rendering)
    pixels, values = to_pixels(image, rendering)
    return reduce_by(pixels, factor), values


def _hidden_tag(image: Image.Image, pages: PicturePages | None) -> dict[str, str]:
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return {}
    count = int(image.tag_v2.get(TiffImagePlugin.SAMPLESPERPIXEL, 1))
    said = [pages.hidden if pages else "", tiff_stack.hidden_samples(len(image.getbands()), count)]
    return {tiff_stack.TAG: "; ".join(filter(None, said))} if any(said) else {}


def _profile_tag(image: Image.Image, bits: int) -> dict[str, str]:
    if image.mode in _DEEP or (bits > 8 and image.mode == "LA"):  # grey measurements, not tones
        return {}
    name = colour_profile.name_of(image.info.get("icc_profile"), image.mode)
    return {colour_profile.TAG: name} if name else {}


def _check_parts(image: Image.Image, file: BinaryIO) -> None:
    """Refuse files of which parts are missing or altered that Pillow would make up."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        if (
            image.tag_v2.get(TiffImagePlugin.COMPRESSION, 1) != 1
        ):  # else the lengths, often wrong, do not matter
            tiff_strips.check(file, image.tag_v2)
    elif image.format == "PNG":
        png_reader.check_sums(file)
    elif image.format == "JPEG2000":
        jpeg2000_tiles.check(_whole(file, image.size))


def _whole(file: BinaryIO, size: tuple[int, int]) -> bytes:
    """Return all data of a JPEG (2000) of this size; what a larger file holds behind them is left."""
    at = file.tell()
    file.seek(0)
    data = file.read(_JPEG_BYTES + _PIXEL_BYTES * size[0] * size[1])
    file.seek(at)
    return data


def _check_complete(image: Image.Image, data: bytes) -> None:
    """Refuse a JPEG of which libjpeg found only a part; what is missing it has made grey.

    Raises:
        UnreadableImage: it ends early, or has a gap.
    """
    fault = jpeg_end.fault_of(data, grey_end=jpeg_end.may_end_early(image))
    if fault:
        share = jpeg_end.grey_share(image)
        raise UnreadableImage(cut_short(share) if fault == TRUNCATED else fault)


def _turned_by_pillow(image: Image.Image) -> int | None:
    """Return the orientation of a TIFF, which Pillow turns upright while loading; None for other formats."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return None
    return orient.known(image.tag_v2.get(ExifTags.Base.Orientation))


def _bits(image: Image.Image, head: bytes) -> int:
    if png_reader.is_deep(head):
        return 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))))
    if (
        image.format == "PPM" and image.mode == "I"
    ):  # Pillow scales PGM samples to 16 bits, stored as 32-bit integers
        return 16
    return 1 if image.mode == "1" else _DEEP.get(image.mode, 8)


def _flat(image: Image.Image) -> Image.Image:
    """Convert to sRGB, by the profile if there is one; transparency becomes white."""
    if image.mode == "LAB":
        return _from_lab(image)
    image = colour_profile.to_srgb(image).image
    if image.has_transparency_data:
        # Pillow cannot convert La (premultiplied grey) to RGBA directly.
        return _composed((image.convert("LA") if image.mode == "La" else image).convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _composed(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGBA", image.size, "white")
    sheet.alpha_composite(image)
    return sheet.convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # None only for inPlace
    return converted


def _deep_grey(image: Image.Image, rendering: Rendering) -> tuple[Pixels, WindowedValues]:
    samples = np.asarray(image)
    key = image.info.get("transparency")
    opaque = samples != key if isinstance(key, int) else None
    window = rendering.window_of(samples, opaque) or default_window(samples, 16, opaque)
    pixels = to_rgb(to_bytes(samples, window))
    shown = pixels if opaque is None else on_white(pixels, opaque.astype(np.float32))
    return shown, WindowedValues(samples, window, valid=opaque)
