"""The few EXIF facts that say something about a data set: which camera, and when; whom it may identify."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from PIL import ExifTags, Image

from tldesk.imaging import identifying_tags


class Said(NamedTuple):
    """What EXIF says: the raw orientation (None where there is none), Camera and DateTime, traces."""

    orientation: object = None
    tags: Mapping[str, str] = MappingProxyType({})
    traces: tuple[str, ...] = ()


def read_exif(image: Image.Image) -> Said:
    """What a loaded image's EXIF says, as far as it can be understood."""
    try:
        exif = image.getexif()
        if not exif:
            return Said()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        traces = identifying_tags.of_exif(exif, details)
        return Said(exif.get(ExifTags.Base.Orientation), _tags(exif, details), traces)
    except Exception:  # noqa: BLE001 - EXIF written by careless programs raises anything; the picture is still good
        return Said()


def _tags(exif: Image.Exif, details: dict[int, Any]) -> dict[str, str]:
    base = ExifTags.Base
    maker, model = text(exif.get(base.Make)), text(exif.get(base.Model))
    camera = model if model.startswith(maker) else f"{maker} {model}"
    taken = text(details.get(base.DateTimeOriginal)) or text(exif.get(base.DateTime))
    found = {"Camera": camera.strip(), "DateTime": taken}
    return {name: value for name, value in found.items() if value}


def text(value: object) -> str:
    """A tag's value as one printable line, at most 200 characters; empty for None."""
    plain = "" if value is None else str(value)
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split())[:200]
