"""What may identify a person is noticed, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import ExifTags, Image
from pydicom.dataset import Dataset, FileMetaDataset

from tldesk.imaging import read_picture

NAME, BIRTH = "Pseudonymus^Erika", "19640812"


def dicom(folder: Path, **elements: object) -> Path:
    """A small picture; ``None`` leaves an element out."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    wanted = {
        "SOPClassUID": pydicom.uid.MRImageStorage,
        "SOPInstanceUID": pydicom.uid.generate_uid(),
        "Modality": "MR",
        "Rows": 4,
        "Columns": 4,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": bytes(range(16)),
        **elements,
    }
    for name, value in wanted.items():
        if value is not None:
            setattr(dataset, name, value)
    dataset.save_as(folder / "a.dcm", enforce_file_format=True)
    return folder / "a.dcm"


@pytest.mark.parametrize(
    ("elements", "found"),
    [
        ({}, ()),
        ({"PatientName": "", "PatientID": "", "PatientBirthDate": ""}, ()),
        ({"PatientID": "17"}, ("patient number",)),
        ({"PatientName": NAME, "PatientBirthDate": BIRTH}, ("patient name", "birth date")),
        ({"PatientAddress": "Hof 1"}, ("address or telephone",)),
        ({"OperatorsName": ["A^B", "C^D"]}, ("names of staff",)),
        ({"PatientID": "17", "PatientName": "X", "PatientIdentityRemoved": "YES"}, ()),
        ({"BurnedInAnnotation": "YES", "PatientIdentityRemoved": "YES"}, ("text in the picture",)),
        ({"BurnedInAnnotation": "NO", "Modality": "US"}, ()),
        ({"Modality": "US"}, ("perhaps text in the picture",)),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"}, ("perhaps text in the picture",)),
    ],
)
def test_what_dicom_files_tell(tmp_path: Path, elements: dict[str, object], found: tuple[str, ...]) -> None:
    facts = read_picture(dicom(tmp_path, **elements)).facts
    assert facts.traces == found
    assert NAME not in str(facts)
    assert BIRTH not in str(facts)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_what_photos_tell(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Erika Mustermann"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = "4711"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (48.0, 8.0, 12.5)
    path = tmp_path / f"a{suffix}"
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(path, exif=exif)
    facts = read_picture(path).facts
    assert facts.traces == (
        "place it was taken",
        "serial number of the camera",
        "name of the photographer or owner",
    )
    assert "Mustermann" not in str(facts)
    assert "4711" not in str(facts)


def test_what_tiffs_tell(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Erika Mustermann"
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "a.tif", exif=exif)
    tifffile.imwrite(
        tmp_path / "deep.tif", np.ones((9, 9), np.uint16), extratags=[(315, "s", 0, "E. M.", True)]
    )
    tifffile.imwrite(tmp_path / "none.tif", np.ones((9, 9), np.uint16))
    found = [read_picture(tmp_path / name).facts.traces for name in ("a.tif", "deep.tif", "none.tif")]
    assert found == [("name of the photographer or owner",)] * 2 + [()]


def test_a_photo_with_camera_and_time_only_tells_nobody(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model], exif[ExifTags.Base.DateTime] = "Box", "2025:05:04 10:11:12"
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    facts = read_picture(tmp_path / "a.jpg").facts
    assert (facts.tags["Camera"], facts.traces) == ("Box", ())


def test_real_dicom_files(real_file: Callable[[str], Path]) -> None:
    found = {
        name: read_picture(real_file(f"dicom/{name}")).facts.traces
        for name in ("CT_small.dcm", "US1_J2KI.dcm")
    }
    assert found["CT_small.dcm"][:2] == ("patient number", "patient name")
    assert "perhaps text in the picture" in found["US1_J2KI.dcm"]
