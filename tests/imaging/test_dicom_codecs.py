"""Compressed DICOM: what is damaged is named, nothing reaches the terminal, and no bomb is unpacked."""

from __future__ import annotations

import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    SecondaryCaptureImageStorage,
)

from tldesk.imaging import UnreadableImage, dicom_file, read_picture

END = b"\xff\xd9"
RAMP = (np.arange(64 * 48).reshape(48, 64) * 21 % 65536).astype(np.uint16)
NOISE = np.random.default_rng(3).integers(0, 256, (96, 128, 3)).astype(np.uint8)


def write(path: Path, stored: NDArray[np.generic], syntax: UID, data: bytes, kind: str = "") -> None:
    """Write a DICOM file whose pixels of this shape and depth are ``data``."""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    file.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    file.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    file.SOPClassUID, file.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    file.Rows, file.Columns = stored.shape[:2]
    file.SamplesPerPixel = 3 if stored.ndim == 3 else 1
    file.PlanarConfiguration = 0
    file.PhotometricInterpretation = kind or ("RGB" if stored.ndim == 3 else "MONOCHROME2")
    file.BitsAllocated = file.BitsStored = 8 * stored.dtype.itemsize
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(stored.dtype.kind == "i")
    file.PixelData = encapsulate([data]) if syntax.is_encapsulated else data
    file["PixelData"].VR = "OW"
    file["PixelData"].is_undefined_length = syntax.is_encapsulated
    file.save_as(path, enforce_file_format=True)


@pytest.mark.parametrize("syntax", [JPEGLossless, JPEGLosslessSV1])
@pytest.mark.parametrize("signed", [False, True])
def test_lossless_jpeg_has_its_samples(tmp_path: Path, syntax: UID, signed: bool) -> None:
    stored = RAMP.view(np.int16) if signed else RAMP
    write(tmp_path / "a.dcm", stored, syntax, imagecodecs.jpeg8_encode(RAMP, lossless=True, predictor=1))
    values = read_picture(tmp_path / "a.dcm").values
    assert values is not None
    assert np.array_equal(values.samples, stored)


@pytest.mark.parametrize("jfif", [b"", b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"])
def test_lossless_colours_are_those_that_the_file_names(tmp_path: Path, jfif: bytes) -> None:
    data = imagecodecs.jpeg8_encode(NOISE, lossless=True, predictor=1)
    start = data.find(b"\xff\xee")  # Adobe's marker, which says "not converted"
    write(tmp_path / "a.dcm", NOISE, JPEGLossless, data[:2] + jfif + data[start + 16 :])
    assert np.array_equal(read_picture(tmp_path / "a.dcm").pixels, NOISE)


@pytest.mark.parametrize(
    ("syntax", "stored", "data"),
    [
        (JPEGBaseline8Bit, NOISE, imagecodecs.jpeg8_encode(NOISE)),
        (JPEGLosslessSV1, RAMP, imagecodecs.jpeg8_encode(RAMP, lossless=True, predictor=1)),
        (JPEG2000Lossless, RAMP, imagecodecs.jpeg2k_encode(RAMP, reversible=True, codecformat="j2k")),
    ],
    ids=["baseline", "lossless", "JPEG 2000"],
)
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_what_ends_early_is_named_and_nothing_reaches_the_terminal(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    syntax: UID,
    stored: NDArray[np.generic],
    data: bytes,
    share: float,
) -> None:
    kept = data[: int(len(data) * share)].rstrip(b"\xff") + END
    write(tmp_path / "a.dcm", stored, syntax, kept, "YBR_FULL" if stored.ndim == 3 else "")
    with pytest.raises(UnreadableImage, match=r"incomplete|damaged"):
        read_picture(tmp_path / "a.dcm")
    assert capfd.readouterr() == ("", "")


def test_a_deflated_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_file, "_MOST_INFLATED", 1 << 25)  # for speed
    path = tmp_path / "a.dcm"
    write(path, RAMP, DeflatedExplicitVRLittleEndian, RAMP.tobytes())
    assert read_picture(path).facts.width == 64
    head = path.read_bytes()
    begin = 144 + pydicom.dcmread(path).file_meta.FileMetaInformationGroupLength
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(zlib.decompress(head[begin:], -15)) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
    part = zeros.compress(bytes(1 << 22)) + zeros.flush(zlib.Z_FULL_FLUSH)  # can be repeated
    path.write_bytes(head[:begin] + packed + 16 * part)
    with pytest.raises(UnreadableImage, match="more than the 200 million pixels"):
        read_picture(path)
