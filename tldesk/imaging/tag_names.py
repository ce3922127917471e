"""Names of the tags of a file that are kept as facts about its picture. Loads no decoder."""

from __future__ import annotations

CAMERA, TAKEN = "Camera", "DateTime"
"""From EXIF: maker and model of the camera, and when the picture was taken."""

DICOM_TAGS = (
    "PatientID", "PatientSex", "PatientAge", "StudyDate", "Modality", "Manufacturer", "ManufacturerModelName",
    "InstitutionName", "BodyPartExamined", "ViewPosition", "Laterality",
)  # fmt: skip
"""From DICOM's header, under its keywords."""

TAG_NAMES = frozenset({CAMERA, TAKEN, *DICOM_TAGS})
