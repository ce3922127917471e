"""Rules for what belongs together: names of copies, parts of names, columns, folders, and time."""

from __future__ import annotations

from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree
from PIL import ExifTags, Image

from tldesk.dataset import (
    BurstGroups,
    ColumnGroups,
    Columns,
    CopyGroups,
    FilenamePattern,
    FolderGroups,
    GroupBy,
    GroupProposal,
    Project,
    Split,
    check,
    group_by_text,
    parse_group_by,
)
from tldesk.dataset.files.augmented_copies import is_copy, original_name


def draw_all(root: Path, paths: list[str]) -> Path:
    for number, path in enumerate(paths):
        draw(root / path, number)
    return root


def proposals(folder: Path, images: Path, **more: object) -> tuple[GroupProposal, ...]:
    with Project.create(folder / "project", images, **more) as project:  # type: ignore[arg-type]
        return project.grouping.proposals()


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("7 no.jpg", "7 no"),
        ("aug_7 no_0_2521.jpg", "7 no"),
        ("aug_1 no._0_2818.jpg", "1 no"),
        ("augmented-leaf12_3_77.png", "leaf12"),
        ("leaf12_rot90.png", "leaf12"),
        ("leaf12_flip_noise2.png", "leaf12"),
        ("rotated_leaf12.png", "leaf12"),
        ("Copy of leaf12.png", "leaf12"),
        ("leaf12 - Copy.png", "leaf12"),
        ("leaf12 (2).png", "leaf12"),
        ("IMG_20200102_123456.jpg", "IMG_20200102_123456"),
        ("flipped.png", "flipped"),
        ("augenarzt.jpg", "augenarzt"),
        (".hidden", ".hidden"),
    ],
)
def test_names_of_copies(name: str, original: str) -> None:
    assert original_name(name) == original
    assert is_copy(name) == (original != (Path(name).stem if "." in name[1:] else name))


def test_changed_copies_are_proposed_with_their_originals(tmp_path: Path) -> None:
    originals = [f"rust/{number}.png" for number in range(6)]
    copies = [f"rust/{number}_rot90.png" for number in range(6)] + ["rust/aug_0_0_17.png"]
    (first, *_) = proposals(tmp_path, draw_all(tmp_path / "pictures", originals + copies))
    assert (first.kind, first.by) == ("copies", CopyGroups())
    assert (first.gives.groups, first.gives.images, first.gives.shared, first.gives.largest) == (6, 13, 13, 3)
    assert first.gives.examples[0] == ("0", ("rust/0.png", "rust/0_rot90.png", "rust/aug_0_0_17.png"))


def test_a_patient_s_copies_go_with_the_patient(tmp_path: Path) -> None:
    names = [
        f"patient{number}_{day}{copy}.png" for number in range(6) for day in (1, 2) for copy in ("", "_flip")
    ]
    (only,) = proposals(tmp_path, draw_all(tmp_path / "pictures", names))
    assert only.kind == "name"
    assert (only.gives.groups, only.gives.largest) == (6, 4)


def test_parts_of_names_are_proposed_where_several_pictures_share_them(tmp_path: Path) -> None:
    names = [f"{folder}/{plant}_{day}.png" for folder in "ab" for plant in range(6) for day in (1, 2)]
    (only,) = proposals(tmp_path, draw_all(tmp_path / "pictures", names))
    assert (only.kind, only.by) == ("name", FilenamePattern(r"^([^ _.-]+)[ _-]"))
    assert (only.gives.groups, only.gives.images, only.gives.largest) == (6, 24, 4)


def test_named_things_come_before_other_parts(tmp_path: Path) -> None:
    names = [f"x_{day}_patient{number}_{side}.png" for number in range(6) for day in (1, 2) for side in "lr"]
    found = proposals(tmp_path, draw_all(tmp_path / "pictures", names))
    assert found[0].kind == "name"
    assert "patient" in found[0].by.regex  # type: ignore[union-attr]
    assert (found[0].gives.groups, found[0].gives.largest) == (6, 4)


def test_class_names_in_file_names_are_no_groups(tmp_path: Path) -> None:
    names = [
        f"{name}/{name}_{number}.png" for name in ("fe", "k", "mg", "n", "p", "zn") for number in range(4)
    ]
    assert proposals(tmp_path, draw_all(tmp_path / "pictures", names)) == ()


def test_names_that_say_nothing_give_no_proposal(tmp_path: Path) -> None:
    assert proposals(tmp_path, draw_tree(tmp_path / "pictures", {"rust": 8, "mildew": 8})) == ()


def test_no_picture_no_proposal(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    assert proposals(tmp_path, tmp_path / "pictures") == ()


def test_inner_folders_are_proposed(tmp_path: Path) -> None:
    counts = {
        f"{label}/p{number}": 2
        for label, numbers in (("a", range(3)), ("b", range(3, 6)))
        for number in numbers
    }
    (only,) = proposals(tmp_path, draw_tree(tmp_path / "pictures", counts))
    assert (only.kind, only.by, only.gives.groups, only.gives.shared) == ("folder", FolderGroups(), 6, 12)


def test_a_column_that_names_somebody_comes_first(tmp_path: Path) -> None:
    images = draw_tree(tmp_path / "pictures", {".": 12})
    rows = [f"{index:03d}.png,{'ab'[index % 2]},{index // 2},{30 + index % 6}" for index in range(12)]
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(["file,label,patient,age", *rows]) + "\n", encoding="utf-8")
    found = proposals(tmp_path, images, labels=table, columns=Columns("file", "label"))
    assert [one.by for one in found] == [ColumnGroups("patient")]
    assert (found[0].gives.groups, found[0].gives.largest) == (6, 2)


def photo(path: Path, number: int, camera: str, taken: str) -> None:
    """A JPEG that says when and with what it was taken."""
    draw(path.with_suffix(".png"), number)
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = camera
    exif[ExifTags.Base.DateTime] = taken
    with Image.open(path.with_suffix(".png")) as image:
        image.save(path, exif=exif)
    path.with_suffix(".png").unlink()


def test_pictures_taken_within_a_minute_are_bursts_of_their_camera(tmp_path: Path) -> None:
    times = ["10:00:00", "10:00:50", "10:01:45", "11:00:00", "12:00:00", "12:00:30", "13:00:00", "14:00:00"]
    for number, time in enumerate(times):
        photo(tmp_path / "pictures" / f"a{number}x.jpg", number, "A", f"2024:05:01 {time}")
    photo(tmp_path / "pictures" / "b.jpg", 100, "B", "2024:05:01 10:00:20")
    for number, name in enumerate(("without", "one", "other")):
        draw(tmp_path / "pictures" / f"{name}.png", 200 + number)
    with Project.create(tmp_path / "project", tmp_path / "pictures") as project:
        project.set_groups(BurstGroups())
        groups = {image.path.name: image.group for image in project.images(project.ids())}
        assert project.grouping.preview(BurstGroups(20)).groups == 9
        assert BurstGroups() in [one.by for one in project.grouping.proposals()]
    long = "A 2024-05-01 10:00:00"
    assert [groups[f"a{number}x.jpg"] for number in range(4)] == [long, long, long, "A 2024-05-01 11:00:00"]
    assert groups["a4x.jpg"] == groups["a5x.jpg"] != groups["a6x.jpg"]
    assert groups["b.jpg"] == "B 2024-05-01 10:00:20"
    assert groups["without.png"] is None


@pytest.mark.parametrize(
    "by",
    [
        FilenamePattern(r"plant(\d+)"),
        FolderGroups(),
        ColumnGroups("patient"),
        CopyGroups(),
        BurstGroups(),
        BurstGroups(5),
    ],
)
def test_a_rule_survives_command_line_and_restart(by: GroupBy, tmp_path: Path) -> None:
    assert parse_group_by(group_by_text(by), ["patient"]) == by
    photo(tmp_path / "pictures" / "p" / "plant1 x.jpg", 0, "A", "2024:05:01 10:00:00")
    table = tmp_path / "labels.csv"
    table.write_text("file,label,patient\np/plant1 x.jpg,a,7\n", encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "pictures", labels=table) as project:
        project.set_groups(by)
        (before,) = project.images(project.ids())
    photo(tmp_path / "pictures" / "p" / "plant1 x_copy.jpg", 1, "A", "2024:05:01 10:00:02")
    table.write_text("file,label,patient\np/plant1 x.jpg,a,7\np/plant1 x_copy.jpg,a,7\n", encoding="utf-8")
    with Project.open(tmp_path / "project.tldesk") as project:
        list(project.scan())
        assert {image.group for image in project.images(project.ids())} == {before.group}
    assert before.group


def test_real_copies_are_put_with_their_originals(data_dir: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "brain", data_dir / "brain_mri") as project:
        (first, *_) = project.grouping.proposals()
        assert first.by == CopyGroups()
        project.split(by_group=first.by)
        images = project.images(project.ids())
        originals = {image.path.stem: image.group for image in images if image.path.parts[-3] == "original"}
        copies = [image for image in images if image.path.parts[-3] == "augmented"]
        assert len(copies) == 100
        for image in copies:
            stem = image.path.stem.removeprefix("aug_").rsplit("_", 2)[0].rstrip(".")
            assert image.group == originals[stem]
        assert [one for one in check(project).leakage if one.kind == "group"] == []


def test_crops_of_one_leaf_and_pictures_of_one_patient_are_found(data_dir: Path, tmp_path: Path) -> None:
    found = proposals(tmp_path / "coffee", data_dir / "coffee_leaf")
    assert found[0].by == FilenamePattern(r"^([^ _.-]+)[ _-]"), "photo_x_y_width_height.jpg"
    assert found[0].gives.shared == 169
    found = proposals(tmp_path / "dicom", data_dir / "dicom")
    assert (found[0].by, found[0].gives.groups) == (ColumnGroups("PatientID"), 10)


def test_a_check_tells_of_images_in_different_splits_that_may_belong_together(tmp_path: Path) -> None:
    names = [
        f"{side}/{'ab'[plant % 2]}/{plant}_{day}.png"
        for plant in range(6)
        for day, side in enumerate(("train", "val"))
    ]
    names.append("train/a/6_0.png")
    with Project.create(tmp_path / "project", draw_all(tmp_path / "pictures", names)) as project:
        project.split()
        report = check(project)
        (leak,) = report.possible_leakage
        assert (leak.proposal.kind, leak.groups) == ("name", 6)
        assert sorted(path.relative_to(tmp_path / "pictures").as_posix() for path in leak.paths) == sorted(
            names[:-1]
        )
        assert {split: path.name for split, path in leak.example.items()} == {
            Split.TRAIN: "0_0.png",
            Split.VALIDATION: "0_1.png",
        }
        assert report.leakage == ()
        assert report.as_dict()["possible_leakage"][0]["group_by"] == group_by_text(leak.proposal.by)
        project.split(by_group=leak.proposal.by, keep_given=False)
        report = check(project)
        assert report.possible_leakage == report.leakage == ()
