"""Projects made from real data sets: counts by hand (``find | wc``), labels by folder names and by a CSV."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tldesk.dataset import FilenamePattern, Filter, Project, Split, check

COFFEE = {
    "1_health": (110, 30, 38),
    "2_miner": (110, 30, 40),
    "3_rust": (110, 30, 40),
    "4_phoma": (110, 30, 40),
    "5_cercospora": (55, 15, 20),
}


def test_a_layout_of_train_val_and_test_is_kept(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "coffee", data_dir / "coffee_leaf") as project:
        assert project.last_scan().added == 808
        assert [one.name for one in project.classes] == list(COFFEE)
        assert project.split() == {Split.TRAIN: 495, Split.VALIDATION: 135, Split.TEST: 178}
        found = Counter((item.label, item.split) for item in project.snapshot().items)
    for label, counts in enumerate(COFFEE.values()):
        assert tuple(found[label, split] for split in Split) == counts


def test_a_layout_without_test_gets_none(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "ants", data_dir / "ants_bees") as project:
        assert project.split() == {Split.TRAIN: 52, Split.VALIDATION: 24, Split.TEST: 0}
        assert all("/val/" in item.path.as_posix() for item in project.snapshot().of(Split.VALIDATION))
        again = project.split(keep_given=False)
        assert (again[Split.TRAIN], again[Split.VALIDATION], again[Split.TEST]) == (53, 12, 11)


def test_class_folders_are_divided_and_copies_stay_together(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "brain", data_dir / "brain_mri/original") as project:
        assert dict(project.facts().class_counts) == {"no": 98, "yes": 155}
        counts = project.split()
        assert abs(counts[Split.TRAIN] - 177) <= 1
        assert abs(counts[Split.VALIDATION] - 38) <= 1
        assert abs(counts[Split.TEST] - 38) <= 1
        for split, yes in ((Split.TRAIN, 108.5), (Split.VALIDATION, 23.25), (Split.TEST, 23.25)):
            share = sum(item.label for item in project.snapshot().of(split))
            assert abs(share - yes) <= 2
        report = check(project)
        project.split(tie_alike=False)
        assert {one.kind for one in check(project).leakage} == {"near_duplicate"}, "why they are tied"
    contents = Counter(str(path) for one in report.duplicates for path in one.paths)
    assert len(report.duplicates) == 22, "by: md5sum * | sort | uniq -w32 -D"
    assert max(contents.values()) == 1
    assert report.leakage == ()
    assert {"Y20.jpg", "Y92.png"} in [{path.name for path in one.paths} for one in report.near_duplicates]


def test_a_file_name_pattern_keeps_augmented_copies_with_their_originals(
    data_dir: Path, tmp_path: Path
) -> None:
    pattern = FilenamePattern(r"^(?:aug_)?(.+?)(?:_\d+_\d+)?\.")
    with Project.create(tmp_path / "all", data_dir / "brain_mri") as project:
        project.split(by_group=pattern)
        images = project.images(project.ids())
        sides: dict[str, set[Split | None]] = {}
        for image in images:
            assert image.group is not None, image.path
            sides.setdefault(image.group, set()).add(image.split)
        copies = [image for image in images if image.path.name.startswith("aug_")]
        assert len(copies) == 100
        assert all(len(splits) == 1 for splits in sides.values())
        assert [one.name for one in project.classes] == ["no", "yes"], "not original and augmented"
        assert any("which belong together" in note for note in project.last_scan().notes)
        assert [one for one in check(project).leakage if one.kind == "group"] == []


def test_labels_from_a_table_whose_ids_have_no_extension(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "blood_cells"
    with Project.create(tmp_path / "cells", folder, labels=folder / "labels.csv") as project:
        facts, report = project.facts(), project.last_scan()
        assert dict(facts.class_counts) == {"1": 47, "2": 25, "3": 17, "4": 1}
        assert len(report.rows_without_file) == 210, "300 rows, 90 files"
        assert report.files_without_row == ()
        (first,) = project.images(project.ids(Filter(text="images/001")))
        assert first.class_name == "2"
        assert first.metadata == {"image ID": "1", "class label": "2"}
        assert project.history(first.id)[0].how == "table"


@pytest.mark.parametrize(("name", "files", "unreadable"), [("odd", 65, 10), ("dicom", 30, 5)])
def test_every_unreadable_file_is_in_quarantine_with_its_reason(
    data_dir: Path, tmp_path: Path, name: str, files: int, unreadable: int
) -> None:
    with Project.create(tmp_path / name, data_dir / name) as project:
        report = project.last_scan()
        assert (report.added, report.quarantined) == (files, unreadable)
        quarantine = project.images(project.ids(Filter(quarantined=True)))
        assert len(quarantine) == unreadable
        assert all(image.reason and image.reason.endswith(".") for image in quarantine)
        assert all(image.width > 0 for image in project.images(project.ids()) if image.reason is None)
        assert sum(project.split().values()) == files - unreadable
        assert project.snapshot().items == ()


def test_facts_of_dicom_files_can_group(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "dicom", data_dir / "dicom") as project:
        assert "PatientID" in project.grouping.columns()
        (image,) = project.images(project.ids(Filter(text="CT_small")))
        assert image.facts["PatientID"] == "1CT1"
        assert image.format == "DICOM"


def test_a_second_scan_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "ants", data_dir / "ants_bees") as project:
        project.split()
        before, snapshot = project.images(project.ids()), project.snapshot()
        list(project.scan())
        report = project.last_scan()
        assert (report.added, report.moved, report.changed, report.missing) == (0, 0, 0, 0)
        assert report.unchanged == 76
        assert project.images(project.ids()) == before
        assert project.snapshot() == snapshot
        history = [[event.field for event in project.history(image.id)] for image in before]
        assert history == [["label", "split"]] * 76
