"""DICOM files as people have them, and the bits of their samples; values are worked out by hand."""

from __future__ import annotations

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from tldesk.imaging import UnreadableImage, is_candidate, read_picture

RAMP = np.tile(np.arange(0, 4096, 16, dtype=np.uint16), (8, 1))
GREYS = np.rint((RAMP / 4080) * 255)
PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)
COMPRESSED = (RLELossless, JPEGLSLossless)


def dicom(samples: np.ndarray, syntax: str = ExplicitVRLittleEndian, **given: object) -> Dataset:
    """A data set with these samples; ``given``: elements that differ from what the samples need."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax in COMPRESSED else syntax
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3"
    data.Rows, data.Columns = samples.shape[:2]
    data.SamplesPerPixel = 1 if samples.ndim == 2 else 3
    if samples.ndim == 3:
        data.PlanarConfiguration = 0
    data.PhotometricInterpretation = "MONOCHROME2" if samples.ndim == 2 else "RGB"
    data.BitsAllocated = data.BitsStored = 8 * samples.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, 0
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    data.PixelData = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    data["PixelData"].VR = "OW" if samples.itemsize > 1 else "OB"
    if syntax in COMPRESSED:
        data.compress(syntax, generate_instance_uid=False)
    for name, value in given.items():
        setattr(data, name, value)
    return data


def saved(data: Dataset, path: Path) -> bytes:
    data.save_as(path, enforce_file_format=True)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.dcm"


@pytest.mark.parametrize("syntax", [*PLAIN, *COMPRESSED])
def test_overlays_above_the_stored_bits_do_not_show(path: Path, syntax: str) -> None:
    saved(dicom(RAMP | 0x5000, syntax, BitsStored=12, HighBit=11), path)
    assert np.array_equal(read_picture(path).pixels[:, :, 0], GREYS)


@pytest.mark.parametrize("syntax", [*PLAIN, *COMPRESSED])
def test_signed_samples_have_the_sign_of_the_highest_stored_bit(path: Path, syntax: str) -> None:
    stored = (RAMP.astype(np.int16) - 2048).astype(np.uint16) & 0xFFF | 0x1000
    saved(dicom(stored, syntax, BitsStored=12, HighBit=11, PixelRepresentation=1), path)
    picture = read_picture(path)
    assert np.array_equal(picture.pixels[:, :, 0], GREYS)
    assert picture.values is not None
    assert (picture.values.samples.min(), picture.values.samples.max()) == (-2048, 2032)


@pytest.mark.parametrize("high", [12, 13, 15])
@pytest.mark.parametrize("syntax", [*PLAIN, RLELossless])
def test_samples_that_begin_above_bit_0(path: Path, syntax: str, high: int) -> None:
    below = (1 << (high - 11)) - 1
    saved(dicom(RAMP << (high - 11) | below, syntax, BitsStored=12, HighBit=high), path)
    picture = read_picture(path)
    assert np.array_equal(picture.pixels[:, :, 0], GREYS)
    assert picture.values is not None
    assert np.array_equal(picture.values.samples, RAMP)


@pytest.mark.parametrize("high", [3, 10, 16, 99])
def test_a_high_bit_that_cannot_be_is_refused(path: Path, high: int) -> None:
    saved(dicom(RAMP, BitsStored=12, HighBit=high), path)
    with pytest.raises(UnreadableImage, match=f"12 up to bit {high}"):
        read_picture(path)


def test_a_codec_has_no_bits_below(path: Path) -> None:
    saved(dicom(RAMP << 4, JPEGLSLossless, BitsStored=12, HighBit=15), path)
    with pytest.raises(UnreadableImage, match="do not begin at bit 0"):
        read_picture(path)


@pytest.mark.parametrize("entries", [8, 16])
@pytest.mark.parametrize("syntax", PLAIN)
def test_palettes_in_either_byte_order(path: Path, syntax: str, entries: int) -> None:
    data = dicom(np.tile(np.arange(256, dtype=np.uint8), (8, 1)), syntax)
    data.PhotometricInterpretation = "PALETTE COLOR"
    levels = np.arange(256)
    colours = {"Red": levels, "Green": 255 - levels, "Blue": levels // 3 * 2}
    for name, colour in colours.items():
        setattr(data, f"{name}PaletteColorLookupTableDescriptor", [256, 0, entries])
        words = colour * 256 + 5 if entries == 16 else colour.reshape(-1, 2) @ [1, 256]
        order = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
        setattr(data, f"{name}PaletteColorLookupTableData", words.astype(order).tobytes())
        data[f"{name}PaletteColorLookupTableData"].VR = "OW"
    saved(data, path)
    wanted = np.stack(list(colours.values()), axis=1)
    assert np.abs(read_picture(path).pixels[0].astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("syntax", [*PLAIN, *COMPRESSED])
@pytest.mark.parametrize("lost", ["preamble", "preamble and magic word", "header", "magic word"])
def test_the_beginning_may_be_lost(path: Path, syntax: str, lost: str) -> None:
    whole = saved(dicom(RAMP, syntax, BitsStored=12, HighBit=11), path)
    wanted = read_picture(path).pixels
    header = 144 + int.from_bytes(whole[140:144], "little")
    left = {
        "preamble": whole[128:],
        "preamble and magic word": whole[132:],
        "header": whole[header:],
        "magic word": whole[:128] + whole[132:],
    }[lost]
    path.write_bytes(left)
    assert np.array_equal(read_picture(path).pixels, wanted)


def test_a_file_that_lost_preamble_and_name_counts_as_a_picture(tmp_path: Path) -> None:
    whole = saved(dicom(RAMP), tmp_path / "a.dcm")
    for name, data in (("IM000001", whole[132:]), ("1.2.840.10", whole[128:])):
        (tmp_path / name).write_bytes(data)
        assert is_candidate(tmp_path / name)


def test_a_data_set_that_turns_into_zeros_is_given_up(path: Path) -> None:
    whole = saved(dicom(RAMP), path)
    pixels = whole.index(b"\xe0\x7f\x10\x00")
    with path.open("wb") as file:
        file.write(whole[:pixels])
        file.truncate(2 * 1024**3)
    with pytest.raises(UnreadableImage, match="incomplete"):
        read_picture(path)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_in_dicom_that_ends_early_is_refused(path: Path, mode: str) -> None:
    values = np.random.default_rng(6).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    image = Image.fromarray(values).convert(mode)
    out = io.BytesIO()
    image.save(out, "JPEG")
    for kept in (len(out.getvalue()) - 2, len(out.getvalue()) // 2):
        data = dicom(np.asarray(image))
        data.PixelData = encapsulate([out.getvalue()[:kept] + b"\xff\xd9"])
        data["PixelData"].VR = "OB"
        data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        if mode == "RGB":
            data.PhotometricInterpretation = "YBR_FULL_422"
        saved(data, path)
        if kept == len(out.getvalue()) - 2:
            assert read_picture(path).pixels.shape == (64, 96, 3)
    with pytest.raises(UnreadableImage, match="incomplete"):
        read_picture(path)


def test_a_colour_profile_in_dicom_is_applied(path: Path) -> None:
    profile = imagecodecs.cms_profile("adobergb")
    colours = np.random.default_rng(5).integers(0, 256, (8, 9, 3)).astype(np.uint8)
    saved(dicom(colours, ICCProfile=profile), path)
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    wanted = ImageCms.profileToProfile(
        Image.fromarray(colours), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert np.array_equal(read_picture(path).pixels, np.asarray(wanted))
    assert not np.array_equal(dcmread(path).pixel_array, np.asarray(wanted))
