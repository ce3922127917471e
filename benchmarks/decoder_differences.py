"""Compares the decoder with Pillow, tifffile and pydicom on odd files; writes docs/decoder-differences.md.

``python -m benchmarks.decoder_differences [FOLDER]``: FOLDER holds ``odd`` and ``dicom`` (default: the data
beside the checkout). It exits with 1 if a difference of more than two grey levels has no known reason.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import tifffile
from PIL import Image, ImageOps
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut

from benchmarks.places import DATA, ROOT
from tldesk.imaging import Picture, UnreadableImage, read_picture

PAGE = ROOT / "docs" / "decoder-differences.md"
LEVELS = 2
UNEXPLAINED = "not explained"
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}


@dataclass(frozen=True)
class Difference:
    """A file on which two decoders differ: the largest difference in grey levels and the share of samples."""

    file: str
    reference: str
    largest: str
    share: str
    reason: str


def differences(folder: Path) -> Iterator[tuple[str, str, Difference | None]]:
    """Yield file, reference and their difference (None: at most two levels) of all files of a folder."""
    for path in sorted((folder / "odd").iterdir()):
        references: dict[str, Callable[[Path], np.ndarray]] = {"Pillow": by_pillow}
        if path.suffix in {".tif", ".tiff"}:
            references["tifffile"] = by_tifffile
        for name, reader in references.items():
            yield f"odd/{path.name}", name, _compared(path, f"odd/{path.name}", name, reader)
    for path in sorted((folder / "dicom").iterdir()):
        yield f"dicom/{path.name}", "pydicom", _compared(path, f"dicom/{path.name}", "pydicom", by_pydicom)


def by_pillow(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def by_tifffile(path: Path) -> np.ndarray:
    """Stored samples of the first page, spread from smallest to largest value if they are deep."""
    with tifffile.TiffFile(path) as tiff:
        samples = tiff.pages.first.asarray()
    return samples if samples.dtype == np.uint8 else _spread(samples)


def by_pydicom(path: Path) -> np.ndarray:
    """Rescaled and windowed as by pydicom; its range becomes 0 to 255, without window that of the values."""
    data = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in data.file_meta:
        data.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    samples = data.pixel_array
    if int(data.get("NumberOfFrames") or 1) > 1:
        samples = samples[0]
    if data.PhotometricInterpretation == "PALETTE COLOR":
        return (apply_color_lut(samples, data)[:, :, :3] >> 8).astype(np.uint8)
    if samples.ndim == 3:
        return samples if samples.dtype == np.uint8 else (samples >> 8).astype(np.uint8)
    shown = _spread(apply_voi_lut(apply_modality_lut(samples, data), data), _voi_range(data))
    return 255 - shown if data.PhotometricInterpretation == "MONOCHROME1" else shown


def _voi_range(data: pydicom.Dataset) -> tuple[float, float] | None:
    """Return the smallest and largest result of pydicom's ``apply_voi_lut``; None without window."""
    if data.get("VOILUTSequence"):
        return 0.0, 2.0 ** data.VOILUTSequence[0].LUTDescriptor[2] - 1
    if data.get("WindowCenter") is None:
        return None
    half = 2.0 ** (data.BitsStored - 1)
    ends = (-half, half - 1) if data.PixelRepresentation else (0.0, 2 * half - 1)
    slope, intercept = float(data.get("RescaleSlope", 1)), float(data.get("RescaleIntercept", 0))
    return ends[0] * slope + intercept, ends[1] * slope + intercept


def _spread(samples: np.ndarray, ends: tuple[float, float] | None = None) -> np.ndarray:
    low, high = ends or (float(samples.min()), float(samples.max()))
    return np.rint((samples.astype(np.float64) - low) / max(high - low, 1e-9) * 255).astype(np.uint8)


def _compared(
    path: Path, name: str, reference: str, reader: Callable[[Path], np.ndarray]
) -> Difference | None:
    ours, why = _tried(read_picture, path)
    theirs, other = _tried(reader, path)
    if ours is None and theirs is None:
        return None
    if ours is None or theirs is None:
        reason = why if ours is None else f"{reference} says: {other}"
        return Difference(
            name, reference, "tldesk refuses it" if ours is None else "tldesk reads it", "", reason
        )
    theirs = theirs[:, :, None].repeat(3, axis=2) if theirs.ndim == 2 else theirs[:, :, :3]
    if theirs.shape != ours.pixels.shape:
        sizes = f"{ours.pixels.shape[1::-1]} and {theirs.shape[1::-1]}"
        return Difference(name, reference, f"sizes {sizes}", "", _reason(path, reference, ours))
    apart = np.abs(ours.pixels.astype(int) - theirs)
    if apart.max() <= LEVELS:
        return None
    share = f"{100 * (apart > LEVELS).mean():.1f} %"
    return Difference(name, reference, str(apart.max()), share, _reason(path, reference, ours))


def _tried(reader: Callable[[Path], Any], path: Path) -> tuple[Any, str]:
    try:
        return reader(path), ""
    except UnreadableImage as error:
        return None, error.reason
    except Exception as error:  # noqa: BLE001 - what the references raise
        return None, " ".join(str(error).split())[:90]


def _reason(path: Path, reference: str, ours: Picture) -> str:
    """Return the first reason that this file gives for a difference."""
    if reference == "pydicom":
        return _reason_in_dicom(path)
    if "Colour profile" in ours.facts.tags:
        return f"the colour profile “{ours.facts.tags['Colour profile']}” is applied"
    return _reason_in_tiff(path, ours) if reference == "tifffile" else _reason_in_pillow(path, ours)


def _reason_in_pillow(path: Path, ours: Picture) -> str:
    with Image.open(path) as image:
        image.load()
        if image.mode in _DEEP_MODES or ours.facts.bits > 8:
            return (
                f"{ours.facts.bits} bits: windowed from smallest to largest value; Pillow cuts off above 255"
            )
        if image.has_transparency_data:
            return "transparent pixels are white; Pillow shows the colour stored below them"
        return "Lab is converted by its definition" if image.mode == "LAB" else UNEXPLAINED


def _reason_in_tiff(path: Path, ours: Picture) -> str:
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages.first
        if ours.facts.orientation != 1:
            return "turned upright; tifffile returns the picture as stored"
        if page.photometric in {0, 3, 5, 6, 8}:
            return f"{page.photometric.name}: tifffile returns numbers, not colours"
        if page.bitspersample < 8:
            return f"{page.bitspersample} bits: spread to 0..255; tifffile returns numbers"
    return UNEXPLAINED


def _reason_in_dicom(path: Path) -> str:
    data = pydicom.dcmread(path, force=True)
    if "PixelPaddingValue" in data:
        return "the padding is black and does not count for the window"
    return UNEXPLAINED


def page(folder: Path) -> tuple[str, bool]:
    """Return the page in Markdown, and whether every difference has a reason."""
    found = list(differences(folder))
    rows = [one for _, _, one in found if one is not None]
    files = len({file for file, _, _ in found})
    lines = [
        "# Where the decoder differs from others",
        "",
        f"{len(found)} comparisons of {files} odd files: with Pillow (`convert('RGB')`, upright), tifffile",
        "(samples, spread to 0..255 if deep) and pydicom (`apply_modality_lut`, `apply_voi_lut`, its range",
        f"as 0..255). {len(found) - len(rows)} differ by at most {LEVELS} grey levels, or both refuse",
        "the file. The others:",
        "",
        "| file | reference | largest difference | samples over 2 | reason |",
        "|---|---|---|---|---|",
        *(f"| {one.file} | {one.reference} | {one.largest} | {one.share} | {one.reason} |" for one in rows),
        "",
        "Written by `python -m benchmarks.decoder_differences`.",
    ]
    return "\n".join(lines) + "\n", all(one.reason != UNEXPLAINED for one in rows)


def main() -> int:
    warnings.simplefilter("ignore")
    text, explained = page(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0 if explained else 1


if __name__ == "__main__":
    sys.exit(main())
