"""Applies ICC colour profiles, so that equal colours have equal pixels whatever camera or program wrote them.

The result is sRGB, with the perceptual intent and 8 bits, as of Pillow's ``ImageCms.profileToProfile``. A
profile that is damaged, or made for other colours than the picture has, is ignored, as browsers do.
"""

from __future__ import annotations

import functools
import io
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageCms

from tldesk.imaging.exif_tags import text
from tldesk.imaging.pixels import Pixels

TAG = "Colour profile"
"""Name of the fact that gives the description of a profile that was applied."""

_ALIKE = 1  # grey levels: a profile that changes no colour by more counts as sRGB and costs nothing
_STEPS: Final = np.linspace(0, 255, 18).round().astype(np.uint8)
_COLOURS = {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBX": "RGB", "RGBa": "RGBA", "YCbCr": "RGB",
    "LA": "L", "La": "LA", "1": "L"}  # fmt: skip


class Profiled(NamedTuple):
    """An image after its profile was applied; ``name`` is the profile's, empty if none was needed."""

    image: Image.Image
    name: str = ""


class _Conversion(NamedTuple):
    transform: ImageCms.ImageCmsTransform
    name: str


def to_srgb(image: Image.Image) -> Profiled:
    """Return a loaded image of any mode in sRGB: RGB, or RGBA if it has transparency.

    An image without a profile, or with one that cannot or need not be applied, is returned as it is.
    """
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile:
        return Profiled(image)
    mode = _colour_mode(image.mode)
    conversion = _conversion(profile, mode)
    if conversion is None:
        return Profiled(image)
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    shown = conversion.transform.apply(_in_mode(image, mode))
    if alpha is not None:
        shown.putalpha(alpha)
    return Profiled(shown, conversion.name)


def pixels_to_srgb(pixels: Pixels, profile: object) -> Pixels:
    """Return (H, W, 3) uint8 pixels in sRGB; ``profile`` is the bytes of their profile, or None."""
    image = Image.fromarray(pixels)
    image.info["icc_profile"] = profile
    shown = to_srgb(image).image
    return pixels if shown is image else np.array(shown)


@functools.cache
def adobe_rgb() -> bytes:
    """Return a profile of Adobe RGB (1998)."""
    import imagecodecs

    return bytes(imagecodecs.cms_profile("adobergb"))


def name_of(profile: object, mode: str) -> str:
    """Return the name of a profile if it changes the colours of images of this mode, else an empty text."""
    if not isinstance(profile, bytes) or not profile:
        return ""
    conversion = _conversion(profile, _colour_mode(mode))
    return "" if conversion is None else conversion.name


def _colour_mode(mode: str) -> str:
    plain = _COLOURS.get(mode, mode)
    return _COLOURS.get(plain, plain)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    while image.mode != mode:
        image = image.convert(_COLOURS.get(image.mode, mode))
    return image


@functools.lru_cache(maxsize=64)
def _conversion(profile: bytes, mode: str) -> _Conversion | None:
    """Return how to convert images of a mode to sRGB; None if the profile cannot or need not be applied."""
    if mode not in {"RGB", "L", "CMYK"}:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
        if _changes_nothing(transform, mode):
            return None
        return _Conversion(transform, _name(source))
    except Exception:  # noqa: BLE001 - a broken profile raises many kinds of exceptions; the pixels are fine
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    if mode == "CMYK":
        return False
    levels = np.arange(256, dtype=np.uint8)[None]
    if mode == "RGB":
        grid = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(1, -1, 3)
        levels = np.concatenate([grid, np.repeat(levels[:, :, None], 3, axis=2)], axis=1)
    shown = np.asarray(transform.apply(Image.fromarray(levels))).astype(int)
    plain = levels if mode == "RGB" else levels[:, :, None]
    return bool(np.abs(shown - plain).max() <= _ALIKE)


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    try:
        said = text(ImageCms.getProfileDescription(profile))
    except ImageCms.PyCMSError:
        said = ""
    return said or "without a name"
