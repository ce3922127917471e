"""The few EXIF tags that matter for a data set: camera, time, and tags that may identify a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from PIL import ExifTags, Image

from tldesk.imaging import identifying_tags
from tldesk.imaging.tag_names import CAMERA, TAKEN

_ADOBE_RGB = "R03"  # the optional colour space of cameras (DCF 2.0, 3.2): their files hold no profile


class ExifFacts(NamedTuple):
    """Facts from EXIF: raw orientation (None if absent), camera and time, identifying tags, colour space."""

    orientation: object = None
    tags: Mapping[str, str] = MappingProxyType({})
    traces: tuple[str, ...] = ()
    adobe_rgb: bool = False


def read_exif(image: Image.Image) -> ExifFacts:
    """Return the facts in a loaded image's EXIF; empty if there is none or it cannot be parsed."""
    try:
        exif = image.getexif()
        if not exif:
            return ExifFacts()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        traces = identifying_tags.of_exif(exif, details)
        adobe = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex) == _ADOBE_RGB
        return ExifFacts(exif.get(ExifTags.Base.Orientation), _tags(exif, details), traces, adobe)
    except Exception:  # noqa: BLE001 - malformed EXIF raises all kinds of exceptions; the pixels are fine
        return ExifFacts()


def _tags(exif: Image.Exif, details: dict[int, Any]) -> dict[str, str]:
    base = ExifTags.Base
    maker, model = text(exif.get(base.Make)), text(exif.get(base.Model))
    camera = model if model.startswith(maker) else f"{maker} {model}"
    taken = text(details.get(base.DateTimeOriginal)) or text(exif.get(base.DateTime))
    found = {CAMERA: camera.strip(), TAKEN: taken}
    return {name: value for name, value in found.items() if value}


def text(value: object) -> str:
    """Return a tag's value as one printable line of at most 200 characters; empty for None."""
    plain = "" if value is None else str(value)
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split())[:200]
