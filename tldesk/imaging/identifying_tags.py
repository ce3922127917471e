"""Detects tags of a picture file that may identify its subject or author; their values are never stored.

For DICOM, these are the directly identifying ones among the attributes that the standard's Basic Application
Level Confidentiality Profile removes (PS3.15, annex E). Text burned into the pixels is detected only by the
attribute Burned In Annotation (0028,0301); ultrasound and secondary captures often contain such text without
declaring it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PIL import ExifTags

if TYPE_CHECKING:
    from PIL import Image
    from pydicom.dataset import Dataset


class Trace(StrEnum):
    """A kind of identifying information in a file. Projects store these words: do not change them."""

    NUMBER = "patient number"
    NAME = "patient name"
    BIRTH = "birth date"
    CONTACT = "address or telephone"
    STAFF = "names of staff"
    BURNED_IN = "text in the picture"
    MAYBE_BURNED_IN = "perhaps text in the picture"
    PLACE = "place it was taken"
    CAMERA = "serial number of the camera"
    OWNER = "name of the photographer or owner"


IN_THE_PICTURE = (Trace.BURNED_IN, Trace.MAYBE_BURNED_IN)
"""Traces visible in the pixels; all others are in the file's metadata."""

_DICOM = {
    Trace.NUMBER: ("PatientID", "OtherPatientIDs", "IssuerOfPatientID", "AccessionNumber"),
    Trace.NAME: ("PatientName", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName"),
    Trace.BIRTH: ("PatientBirthDate",),
    Trace.CONTACT: ("PatientAddress", "PatientTelephoneNumbers"),
    Trace.STAFF: ("ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName"),
}
_OFTEN_BURNED_IN = ("US", "SC", "OT")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_EXIF = {
    Trace.CAMERA: (ExifTags.Base.BodySerialNumber, ExifTags.Base.LensSerialNumber),
    Trace.OWNER: (ExifTags.Base.CameraOwnerName, ExifTags.Base.Artist),
}
_LATITUDE = ExifTags.GPS.GPSLatitude


def of_dicom(dataset: Dataset) -> tuple[Trace, ...]:
    """Return the traces in a DICOM file; only burned-in text if it declares that the identity was removed."""
    removed = str(dataset.get("PatientIdentityRemoved") or "").strip().upper() == "YES"
    named = [] if removed else [one for one, tags in _DICOM.items() if any(map(dataset.get, tags))]
    return (*named, *_burned_in(dataset))


def of_exif(exif: Image.Exif, details: Mapping[int, Any]) -> tuple[Trace, ...]:
    """Return the traces in a file's EXIF; ``details`` is its Exif IFD."""
    found = [one for one, tags in _EXIF.items() if any(details.get(tag) or exif.get(tag) for tag in tags)]
    located = exif.get_ifd(ExifTags.IFD.GPSInfo).get(_LATITUDE)
    return (Trace.PLACE, *found) if located else tuple(found)


def _burned_in(dataset: Dataset) -> list[Trace]:
    said = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if said in {"YES", "NO"}:
        return [Trace.BURNED_IN] if said == "YES" else []
    often = str(dataset.get("Modality") or "") in _OFTEN_BURNED_IN
    captured = str(dataset.get("SOPClassUID") or "").startswith(_SECONDARY_CAPTURE)
    return [Trace.MAYBE_BURNED_IN] if often or captured else []
