"""Which tags of a picture's file may identify its subject or author: only that they are there, never their
values.

For DICOM a part of the attributes that the standard's Basic Application Level Confidentiality Profile removes
(PS3.15, annex E): those that name a person at once. Text that is burned into the pixels is known from
Burned In Annotation (0028,0301) only; ultrasound and secondary captures often have it and do not say so.
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
    """One way in which a file may identify a person. The words are kept in projects: do not change them."""

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
"""Those that everyone sees who sees the pixels; all others stand in the file beside them."""

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
    """Traces in a DICOM file; only burned-in pixels if it says that the identity was removed."""
    removed = str(dataset.get("PatientIdentityRemoved") or "").strip().upper() == "YES"
    named = [] if removed else [one for one, tags in _DICOM.items() if any(map(dataset.get, tags))]
    return (*named, *_burned_in(dataset))


def of_exif(exif: Image.Exif, details: Mapping[int, Any]) -> tuple[Trace, ...]:
    """Traces in a photo; ``details`` is its Exif IFD."""
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
