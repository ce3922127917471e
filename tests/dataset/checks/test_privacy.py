"""Images that may identify a person are found by scan and check; what identifies them is not kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from dataset_pictures import draw_tree
from PIL import ExifTags, Image

from tldesk.dataset import Project, check


def test_what_may_identify_a_person_is_told(tmp_path: Path, real_file: Callable[[str], Path]) -> None:
    pictures = draw_tree(tmp_path / "pictures", {"a": 2})
    for name in ("CT_small.dcm", "US1_J2KI.dcm", "MR_small.dcm"):
        shutil.copy(real_file(f"dicom/{name}"), pictures / "a" / name)
    exif = Image.Exif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (48.0, 8.0, 12.5)
    Image.new("RGB", (30, 20), "red").save(pictures / "a" / "field.jpg", exif=exif)
    with Project.create(tmp_path / "p", pictures) as project:
        found = {str(one.trace): [path.name for path in one.paths] for one in check(project).identifying}
        assert found["patient number"] == ["CT_small.dcm", "MR_small.dcm", "US1_J2KI.dcm"]
        assert found["place it was taken"] == ["field.jpg"]
        assert "US1_J2KI.dcm" in found["perhaps text in the picture"]
        assert "000.png" not in str(found)
        assert project.last_scan().identifying.startswith(
            "4 images may identify a person (patient number, patient name"
        )
        assert "identifying" not in project.grouping.columns()
        assert "identifying" not in project.columns()
        documents = {one["what"]: one["in_the_picture"] for one in check(project).as_dict()["identifying"]}
        assert documents["perhaps text in the picture"] is True
        assert documents["patient name"] is False
        with project._database.read() as connection:
            kept = "".join(str(row) for row in connection.execute("SELECT facts FROM images"))
    assert "CompressedSamples" not in kept  # the family name of pydicom's patients


def test_a_project_scanned_before_still_names_its_patients(
    tmp_path: Path, real_file: Callable[[str], Path]
) -> None:
    (tmp_path / "pictures").mkdir()
    shutil.copy(real_file("dicom/CT_small.dcm"), tmp_path / "pictures")
    with Project.create(tmp_path / "p", tmp_path / "pictures") as project:
        with project._database.write() as connection:
            connection.execute("UPDATE images SET facts = json_remove(facts, '$.identifying')")
        assert [str(one.trace) for one in check(project).identifying] == ["patient number"]


def test_a_file_that_says_that_its_patient_was_removed_is_believed(
    tmp_path: Path, real_file: Callable[[str], Path]
) -> None:
    (tmp_path / "pictures").mkdir()
    shutil.copy(real_file("dicom/693_J2KR.dcm"), tmp_path / "pictures")
    with Project.create(tmp_path / "p", tmp_path / "pictures") as project:
        assert project.image(1).facts["PatientID"] == "CQ500-CT-310"
        assert check(project).identifying == ()


def test_ordinary_pictures_tell_nobody(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", draw_tree(tmp_path / "pictures", {"a": 2, "b": 2})) as project:
        assert check(project).identifying == ()
        assert project.last_scan().identifying == ""
