"""``tldesk new`` on folders as people have them: wrapped, copied, with odd folders, from a DICOM medium."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from tldesk.dataset import Filter, Project, Split


def draw_all(root: Path, folders: Iterable[str], each: int = 2) -> Path:
    random = np.random.default_rng(7)
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(1, each + 1):
            Image.fromarray(random.integers(0, 256, (24, 32, 3), np.uint8)).save(
                root / folder / f"{number}.png"
            )
    return root


def test_split_words_and_a_folder_around_each_split(call: Call, tmp_path: Path) -> None:
    folders = [f"{s}/{s}/{c}" for s in ("training_set", "test_set") for c in ("cat", "dog")]
    images = draw_all(tmp_path / "x", folders, 4)
    found = call("new", tmp_path / "p", "--images", images, "--json").document
    assert found["classes"] == {"cat": 8, "dog": 8}
    with Project.open(tmp_path / "p") as project:
        tested = project.images(project.ids(Filter(split=Split.TEST)))
        assert sorted(one.class_name or "" for one in tested) == ["cat"] * 4 + ["dog"] * 4
        assert all("test_set" in one.path.parts for one in tested), "validation is taken from training"


def test_a_folder_beside_the_splits_has_no_label_and_is_named(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["train/cat", "train/dog", "val/cat", "val/dog", "unlabeled"])
    found = call("new", tmp_path / "p", "--images", images, "--json").document
    assert found["classes"] == {"cat": 4, "dog": 4}
    assert (found["images"], found["split"]) == (10, {"train": 4, "validation": 4, "test": 0})
    assert any('"unlabeled" is none: 2 images without a label' in note for note in found["notes"])


def test_a_tree_inside_itself_is_brought_in_once(call: Call, tmp_path: Path) -> None:
    tree = [f"{split}/{name}" for split in ("train", "val", "test") for name in ("NORMAL", "PNEUMONIA")]
    images = draw_all(tmp_path / "xray", tree)
    for path in tree:
        shutil.copytree(images / path, images / "xray" / path)
    found = call("new", tmp_path / "p", "--images", images, "--json").document
    assert found["classes"] == {"NORMAL": 6, "PNEUMONIA": 6}
    assert any('"xray" holds the pictures of the folder around it again' in note for note in found["notes"])
    again = call("check", tmp_path / "p", "--rescan", "--json").document
    assert (again["images"], again["near_duplicates"]) == (12, [])


def test_a_stray_picture_does_not_make_one_class_of_all(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "A", ["dataset/ant", "dataset/bee"], 3)
    draw_all(images, ["dataset"], 1)
    found = call("new", tmp_path / "p", "--images", images, "--json").document
    assert found["classes"] == {"ant": 3, "bee": 3}
    assert found["images"] == found["labelled"] + 1


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A DICOM medium with its DICOMDIR: 20 patients, two series of three pictures each."""
    random, root = np.random.default_rng(0), tmp_path / "medium"
    for patient in range(20):
        for place in [f"SE{series:06}/IM{number:06}" for series in (0, 1) for number in (0, 1, 2)]:
            file = root / f"DICOM/PT{patient:06}/ST000000" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = random.integers(0, 256, (48, 48), np.uint8)
            picture_of(f"P{patient:04}", pixels).save_as(file, enforce_file_format=True)
    listing = with_meta(Dataset(), MediaStorageDirectoryStorage)
    listing.FileSetID, listing.DirectoryRecordSequence = "CD1", []
    listing.save_as(root / "DICOMDIR", enforce_file_format=True)
    return root


def with_meta(one: Dataset, kind: UID) -> Dataset:
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.file_meta.MediaStorageSOPClassUID, one.file_meta.MediaStorageSOPInstanceUID = kind, generate_uid()
    return one


def picture_of(patient: str, pixels: np.ndarray) -> Dataset:
    one = with_meta(Dataset(), SecondaryCaptureImageStorage)
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID
    one.PatientID, one.PatientName, one.Modality = patient, f"Name^{patient}", "OT"
    one.Rows, one.Columns = pixels.shape
    one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 0
    one.BitsAllocated, one.BitsStored, one.HighBit = 8, 8, 7
    one.PixelData = pixels.tobytes()
    return one


def test_a_dicom_medium_has_no_classes_and_no_patient_is_in_two_splits(
    medium: Path, call: Call, tmp_path: Path
) -> None:
    assert (medium / "DICOMDIR").is_file()
    found = call("new", tmp_path / "p", "--images", medium, "--json").document
    assert (found["images"], found["quarantine"], found["classes"], found["groups"]) == (120, [], {}, 20)
    assert any("same PatientID stay in one split" in note for note in found["notes"])
    with Project.open(tmp_path / "p") as project:
        images = project.images(project.ids())
        sides: dict[str, set[Split | None]] = {one.facts["PatientID"]: set() for one in images}
        for one in images:
            sides[one.facts["PatientID"]].add(one.split)
        assert {len(splits) for splits in sides.values()} == {1}
        assert all(project.count(Filter(split=split)) for split in Split)


def test_no_groups_can_be_asked_for(medium: Path, call: Call, tmp_path: Path) -> None:
    found = call("new", tmp_path / "p", "--images", medium, "--group-by", "none", "--json").document
    assert found["groups"] == 0


def test_what_will_be_found_is_shown_before_and_nothing_is_made(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["train/no", "train/yes", "test/no", "test/yes"], 3)
    ended = call("new", tmp_path / "p", "--images", images, "--dry-run", "--json")
    found = ended.document["found"]
    assert found["sentence"] == "2 classes: no 6, yes 6, by folder; training 6, test 6 given"
    assert (found["classes"], found["splits"]) == ({"no": 6, "yes": 6}, {"train": 6, "test": 6})
    assert found["sentence"] in ended.err
    assert not (tmp_path / "p.tldesk").exists()
    made = call("new", tmp_path / "p", "--images", images, "--ignore-splits", "--json").document
    assert made["found"]["splits"] == {}
    assert made["classes"] == found["classes"]


def test_other_folders_can_be_the_classes_and_stay_so_when_scanned_again(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["east/no", "east/yes", "west/no", "west/yes"])
    ended = call("new", tmp_path / "o", "--images", images)
    assert "2 classes: east 4, west 4, by folder" in ended.err
    assert "--layout inner (no, yes)" in ended.err
    found = call("new", tmp_path / "p", "--images", images, "--layout", "inner", "--json").document
    assert found["classes"] == {"no": 4, "yes": 4}
    draw_all(images, ["north/maybe"])
    again = call("check", tmp_path / "p", "--rescan", "--json").document
    assert again["classes"] == {"maybe": 2, "no": 4, "yes": 4}
    none = call("new", tmp_path / "q", "--images", images, "--layout", "none", "--json").document
    assert (none["classes"], none["labelled"]) == ({}, 0)


def test_the_table_is_shown_as_the_scan_reads_it(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["a", "b"])
    (tmp_path / "t.csv").write_text("file,species\na/1.png,fox\nb/1.png,owl\nb/2.png,owl\n", encoding="utf-8")
    options = ("--images", images, "--labels", tmp_path / "t.csv", "--json")
    found = call("new", tmp_path / "p", *options).document
    assert found["found"]["sentence"] == "2 classes: fox 1, owl 2, by table; 1 without a label"
    assert found["classes"] == found["found"]["classes"]


def test_a_table_of_labels_keeps_the_splits_of_the_folders(call: Call, tmp_path: Path) -> None:
    images, table = draw_all(tmp_path / "x", ["train/a", "test/b"]), tmp_path / "t.csv"
    text = "Path,Label\ntrain/a/1.png,x\ntrain/a/2.png,y\ntest/b/1.png,y\ntest/b/2.png,x\n"
    table.write_text(text, encoding="utf-8")
    options = ("--images", images, "--labels", table, "--json")
    found = call("new", tmp_path / "p", *options).document
    assert found["found"]["sentence"] == "2 classes: x 2, y 2, by table; training 2, test 2 given"
    assert "The splits that the folders give are kept (test, train)" in found["found"]["notes"]
    assert in_test(tmp_path / "p") == ["test/b/1.png", "test/b/2.png"]
    draw_all(images, ["test/c"])
    call("check", tmp_path / "p", "--rescan")
    assert in_test(tmp_path / "p") == [f"test/{place}.png" for place in ("b/1", "b/2", "c/1", "c/2")]
    anew = call("new", tmp_path / "q", *options, "--ignore-splits").document
    assert anew["found"]["splits"] == {}
    assert not any("splits that the folders give" in note for note in anew["notes"])


def test_a_column_of_splits_is_followed_against_the_folders_and_that_is_said(
    call: Call, tmp_path: Path
) -> None:
    images, table = draw_all(tmp_path / "x", ["train/a", "test/b"]), tmp_path / "t.csv"
    text = "Path,Label,Split\ntrain/a/1.png,x,test\ntrain/a/2.png,y,train\ntest/b/1.png,y,train\n"
    table.write_text(text + "test/b/2.png,x,test\n", encoding="utf-8")
    found = call("new", tmp_path / "p", "--images", images, "--labels", table, "--json").document
    said = 'The column "Split" puts 2 images into another split than the folders do; the column was followed'
    for notes in (found["notes"], found["found"]["notes"]):
        assert [note for note in notes if said in note] == [f"{said}, the first: test/b/1.png"]
    assert in_test(tmp_path / "p") == ["test/b/2.png", "train/a/1.png"]


def in_test(path: Path) -> list[str]:
    with Project.open(path) as project:
        images = project.images(project.ids(Filter(split=Split.TEST)))
        return sorted("/".join(one.path.parts[-3:]) for one in images)


def test_a_test_folder_that_appears_later_moves_no_image_and_that_is_said(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["train/a", "train/b"], 10)
    made = call("new", tmp_path / "p", "--images", images, "--json").document
    dealt = made["split"]["validation"] + made["split"]["test"]
    assert not any("only now" in note for note in made["notes"])
    before = in_test(tmp_path / "p")
    draw_all(images, ["test/a", "test/b"])
    said = f"given by folders or the table only now: {dealt} images put into validation or test before stay"
    again = call("check", tmp_path / "p", "--rescan")
    assert said in again.out + again.err
    assert set(before) < set(in_test(tmp_path / "p"))
    (images / "test" / "a" / "1.png").rename(images / "test" / "a" / "0.png")
    again = call("check", tmp_path / "p", "--rescan")
    assert said not in again.out + again.err


def test_a_further_part_of_the_classes_is_found_when_scanned_again(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["a", "b"], 3)
    call("new", tmp_path / "p", "--images", images)
    draw_all(images, ["batch2/b", "batch2/a"], 2)
    again = call("check", tmp_path / "p", "--rescan", "--json").document
    assert again["classes"] == {"a": 5, "b": 5}
    made = call("new", tmp_path / "q", "--images", images, "--json").document
    assert made["classes"] == {"a": 5, "b": 5}
    assert any('"batch2" holds folders of the folder around it again (a, b)' in n for n in made["notes"])


def test_patients_around_the_classes_are_groups_without_being_asked(call: Call, tmp_path: Path) -> None:
    places = [f"P{number:03}/{name}" for number in range(1, 9) for name in ("benign", "malignant")]
    images = draw_all(tmp_path / "x", places, 3)
    made = call("new", tmp_path / "p", "--images", images, "--json").document
    assert (made["classes"], made["groups"]) == ({"benign": 24, "malignant": 24}, 8)
    assert any("same folder of a person stay in one split" in note for note in made["notes"])
    with Project.open(tmp_path / "p") as project:
        for person in range(1, 9):
            found = [one for one in project.images(project.ids()) if f"P{person:03}" in one.path.parts]
            assert len({one.split for one in found}) == 1
    none = call("new", tmp_path / "n", "--images", images, "--group-by", "none", "--json").document
    assert none["groups"] == 0
    outer = call("new", tmp_path / "q", "--images", images, "--layout", "outer", "--json").document
    assert (min(outer["classes"]), outer["groups"]) == ("P001", 0)


@pytest.mark.parametrize(
    "places",
    [
        [f"{name}/patient_{number}" for name in ("benign", "malignant") for number in range(1, 5)],
        [
            f"{'benign' if number % 2 else 'malignant'}/P0{number}/day {d}"
            for number in range(8)
            for d in (1, 2)
        ],
        [f"day {day}/subject {number}" for day in (1, 2) for number in range(1, 5)],
        [f"sub-0{number}/session {day}/eye" for number in range(1, 5) for day in (1, 2)],
    ],
)
def test_a_person_s_folders_are_one_group_wherever_they_lie(
    places: list[str], call: Call, tmp_path: Path
) -> None:
    images = draw_all(tmp_path / "x", places)
    made = call("new", tmp_path / "p", "--images", images, "--json").document
    persons: dict[str, set[Split | None]] = {}
    with Project.open(tmp_path / "p") as project:
        for one in project.images(project.ids()):
            (person,) = [part for part in one.path.parts if part[:2] in ("pa", "P0", "su")]
            assert one.group == person
            persons.setdefault(person, set()).add(one.split)
    assert made["groups"] == len(persons)
    assert {len(splits) for splits in persons.values()} == {1}


def test_folders_that_number_no_persons_are_not_taken_as_such(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", [f"{name}/tray {n}" for name in ("ok", "rust") for n in range(4)])
    assert call("new", tmp_path / "p", "--images", images, "--json").document["groups"] == 0


def test_a_dry_run_gives_its_result_on_stdout_and_refuses_what_new_would_refuse(
    call: Call, tmp_path: Path
) -> None:
    images, table = draw_all(tmp_path / "x", ["a", "b"]), tmp_path / "t.csv"
    table.write_text("Path,Label,Who (\na/1.png,x,p\nb/1.png,y,q\na/2.png,x,q\n", encoding="utf-8")
    options = ("new", tmp_path / "p", "--images", images, "--dry-run")
    quiet = call(*options, "--quiet")
    assert (quiet.out, quiet.err) == (f"{images}: 2 classes: a 2, b 2, by folder\n", "")
    by_table = call(*options, "--labels", table, "--quiet").out.splitlines()
    assert by_table[1] == 't.csv: the column "Path" names the image and "Label" its class'
    found = call(*options, "--labels", table, "--group-by", "Who (", "--json").document["found"]
    assert (found["columns"]["image"], found["columns"]["class"]) == ("Path", ["Label"])
    assert "not a valid regular expression" in one_line(call(*options, "--group-by", "p(", "--quiet"))
    assert "not a valid regular expression" in one_line(
        call("new", tmp_path / "p", "--images", images, "--group-by", "p(", "--quiet")
    )
    call("new", tmp_path / "p", "--images", images)
    assert "there is a project already" in one_line(call(*options, "--quiet"))


def test_a_class_folder_without_a_picture_that_is_read_is_named(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["a", "b"])
    for place in ("c/1.CR2", "a/raw/1.NEF", "a/2.CR2", "notes/1.txt"):
        (images / place).parent.mkdir(exist_ok=True)
        (images / place).write_bytes(b"II*\0 raw")
    said = "a/raw, c: no picture that tldesk reads"
    assert said in call("new", tmp_path / "p", "--images", images, "--dry-run").out.splitlines()
    made = call("new", tmp_path / "p", "--images", images, "--json").document
    assert said in made["notes"]
    assert said in made["found"]["notes"]


@pytest.mark.parametrize(
    ("how", "words"), [("sideways", '"sideways" is no layout'), ("3", "there are no folders at depth 3")]
)
def test_a_layout_that_is_none_is_refused(call: Call, tmp_path: Path, how: str, words: str) -> None:
    images = draw_all(tmp_path / "x", ["a", "b"])
    ended = call("new", tmp_path / "p", "--images", images, "--layout", how, "--quiet")
    assert words in one_line(ended)
    assert not (tmp_path / "p.tldesk").exists()


def test_a_packed_folder_says_so(call: Call, tmp_path: Path) -> None:
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    line = one_line(call("new", tmp_path / "p", "--images", tmp_path / "x.rar"))
    assert "this is a packed folder. Unpack it first" in line


def test_a_zip_file_is_shown_and_unpacked_into_the_project(call: Call, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "x", ["set/train/a", "set/train/b", "set/test/a", "set/test/b"], 3)
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(images.rglob("*.png")):
            opened.write(path, path.relative_to(images))
    shutil.rmtree(images)
    assert "Unpack it first" in (said := one_line(call("new", tmp_path / "p", "--images", archive)))
    assert "--copy" in said
    looked = call("new", tmp_path / "p", "--images", archive, "--dry-run", "--json").document["found"]
    assert looked["sentence"] == "2 classes: a 6, b 6, by folder; training 6, test 6 given"
    made = call("new", tmp_path / "p", "--images", archive, "--copy", "--json").document
    assert (made["classes"], made["found"]["classes"]) == ({"a": 6, "b": 6}, {"a": 6, "b": 6})
    archive.unlink()
    (tmp_path / "p.tldesk").rename(tmp_path / "away.tldesk")
    again = call("check", tmp_path / "away", "--rescan", "--json").document
    assert (again["images"], again["quarantine"]) == (12, [])


def test_a_broken_zip_file_leaves_no_project(call: Call, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04")
    assert "damaged" in one_line(call("new", tmp_path / "p", "--images", tmp_path / "x.zip", "--copy"))
    assert not (tmp_path / "p.tldesk").exists()


def test_classes_in_names_are_noticed_where_nothing_else_gives_any(call: Call, tmp_path: Path) -> None:
    images = tmp_path / "flat"
    for number, name in enumerate(("cat.0.png", "dog.1.png", "cat.2.png", "dog.3.png")):
        draw(images / name, number)
    told = call("new", tmp_path / "p", "--images", images).err
    assert "begin with one of 2 words (cat 2, dog 2), but names give no classes" in told
    found = call("new", tmp_path / "q", "--images", images, "--dry-run", "--json").document["found"]
    assert any("cat 2, dog 2" in note for note in found["notes"])
    assert found["classes"] == {}
    for number in range(4):
        draw(images / "test1" / f"{number}.png", 9 + number)
    for path in sorted(images.glob("*.png")):
        (images / "train").mkdir(exist_ok=True)
        path.rename(images / "train" / path.name)
    found = call("new", tmp_path / "r", "--images", images, "--dry-run", "--json").document["found"]
    assert any("cat 2, dog 2" in note for note in found["notes"]), "test1/0.png says nothing"


def test_persons_who_stay_together_are_named_in_a_dry_run(call: Call, tmp_path: Path) -> None:
    folders = [f"{kind}/patient_{number}" for kind in ("benign", "malignant") for number in range(4)]
    images = draw_all(tmp_path / "x", folders)
    said = "The images of each of 4 persons (patient_0, patient_1, patient_2 …) stay in one split"
    dry = ("new", tmp_path / "p", "--images", images, "--dry-run")
    assert said in call(*dry).out.splitlines()
    assert said not in call(*dry, "--group-by", "none").out, "nor will they be"
    table = tmp_path / "t.csv"
    rows = [
        f"{path.relative_to(images).as_posix()},{path.parts[-3]},{path.parts[-2]}"
        for path in sorted(images.rglob("*.png"))
    ]
    table.write_text("\n".join(["file,class,Subject ID", *rows]), encoding="utf-8")
    by_table = call(*dry, "--labels", table, "--label-column", "class").out
    assert '4 groups (column "Subject ID": patient_0, ' in by_table
