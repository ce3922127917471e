"""The few EXIF facts that say something about a data set: which camera, and when."""

from __future__ import annotations

from typing import Any

from PIL import ExifTags, Image


def orientation_and_tags(image: Image.Image) -> tuple[object, dict[str, str]]:
    """The raw orientation value (None where there is none) and the tags Camera and DateTime where present."""
    try:
        exif = image.getexif()
        if not exif:
            return None, {}
        details = exif.get_ifd(ExifTags.IFD.Exif)
        return exif.get(ExifTags.Base.Orientation), _tags(exif, details)
    except Exception:  # noqa: BLE001 - EXIF written by careless programs raises anything; the picture is still good
        return None, {}


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
