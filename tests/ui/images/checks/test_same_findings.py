"""``tldesk check`` and the window name the same findings in the same order, for a project with every kind."""

from __future__ import annotations

import json
import shutil
import threading

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFilter
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from tldesk.cli.finding_words import HEADINGS, SENTENCES
from tldesk.cli.main import main
from tldesk.dataset import FindingKind, Project, Split
from tldesk.dataset.checks.network_inspection import AlikePair, DoubtfulLabel, Inspection
from tldesk.dataset.scan.scan import Scan

SIZE = (120, 96)


def noise(seed: int, low: int = 60, high: int = 200, size: tuple[int, int] = SIZE) -> Image.Image:
    """Sharp blocks, different for each seed."""
    cells = np.random.default_rng(seed).integers(low, high, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.NEAREST)


def draw_classes(folder) -> None:
    """80 PNGs of "a" and 36 JPEGs with a white frame of "b": uneven, and told apart by format and border."""
    for name, count, suffix in (("a", 80, "png"), ("b", 36, "jpg")):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            picture = noise(1000 * count + number)
            if name == "b":
                framed = Image.new("RGB", SIZE, "white")
                framed.paste(picture.crop((10, 10, 110, 86)), (10, 10))
                picture = framed
            picture.save(folder / name / f"plant{name}{number // 2}_{number % 2}.{suffix}")


def draw_odd_pictures(folder) -> None:
    Image.new("RGB", SIZE, (90, 90, 90)).save(folder / "grey.png")
    Image.new("RGB", SIZE, (80, 80, 80)).save(folder / "grey too.png")
    noise(1, 0, 14).save(folder / "dark.png")
    noise(2, 235, 256).save(folder / "bright.png")
    noise(3, size=(30, 24)).save(folder / "small.png")
    noise(4, size=(480, 96)).save(folder / "long.png")
    noise(10).save(folder / "0 first.png")
    noise(5).filter(ImageFilter.GaussianBlur(8)).save(folder / "blurred.png")


def draw_copies(folder) -> None:
    """Two identical files, two with different labels, ten changed copies."""
    shutil.copy(folder / "a" / "planta0_0.png", folder / "a" / "same.png")
    shutil.copy(folder / "a" / "planta0_1.png", folder / "b" / "other class.png")
    for number in range(10, 20):
        one = folder / "a" / f"planta{number}_0.png"
        Image.open(one).resize((240, 192)).save(one.with_name(f"large {number}.png"))


def draw_traces_of_persons(folder) -> None:
    exif = Image.Exif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (48.0, 8.0, 12.5)
    noise(6).save(folder / "field.jpg", exif=exif)
    scan = Dataset()
    scan.file_meta = FileMetaDataset()
    scan.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    scan.file_meta.MediaStorageSOPClassUID = scan.SOPClassUID = SecondaryCaptureImageStorage
    scan.file_meta.MediaStorageSOPInstanceUID = scan.SOPInstanceUID = generate_uid()
    scan.Modality, scan.BurnedInAnnotation = "OT", "YES"
    scan.Rows, scan.Columns, scan.SamplesPerPixel = SIZE[1], SIZE[0], 1
    scan.PhotometricInterpretation, scan.PixelRepresentation = "MONOCHROME2", 0
    scan.BitsAllocated, scan.BitsStored, scan.HighBit = 8, 8, 7
    scan.PixelData = np.asarray(noise(7).convert("L")).tobytes()
    scan.save_as(folder / "screen.dcm", enforce_file_format=True)


@pytest.fixture
def everything(tmp_path):
    """A project with every kind of finding that needs no network; its folder."""
    folder = tmp_path / "images"
    draw_classes(folder)
    draw_odd_pictures(folder / "a")
    draw_copies(folder)
    draw_traces_of_persons(folder / "a")
    (folder / "a" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "a" / "raw.NEF").write_bytes(b"raw")
    with Project.create(tmp_path / "p.tldesk", folder) as project:
        add_a_drive(project, tmp_path / "drive")
        project.split(tie_alike=False)
        by_name = {image.path.name: image.id for image in project.images(project.ids())}
        project.edit.put_together([one_of_each_split(project)])
        project.edit.add_class("A")  # differs by case only, and has no images
        (folder / "a" / "planta31_0.png").rename(folder / "b" / "planta31_0.png")
        project.edit.dismiss("blank", [by_name["grey too.png"]])
        shutil.rmtree(tmp_path / "drive" / "far")  # taken out
        change_files_and_stop_reading(project, folder / "a")
    return tmp_path / "p.tldesk"


def add_a_drive(project, drive) -> None:
    """A further folder of pictures, of a class of its own."""
    (drive / "far").mkdir(parents=True)
    for number in range(6):
        noise(7000 + number).save(drive / "far" / f"far{number}.png")
    project.folders.add(drive)
    for _ in project.scan():
        pass


def one_of_each_split(project) -> list[int]:
    images = [image for image in project.images(project.ids()) if image.class_name != "far"]
    by_split = {image.split: image.id for image in images if image.split is not None}
    assert set(by_split) == set(Split)
    return list(by_split.values())


def change_files_and_stop_reading(project, folder) -> None:
    """A scan that misses one file, reads a changed one first, and is stopped before it has read new ones."""
    (folder / "planta30_0.png").unlink()
    noise(9).save(folder / "0 first.png")
    for number in range(40):
        noise(5000 + number).save(folder / f"new{number}.png")
    stop = threading.Event()
    for step in Scan(project._database, project.sources(), stop, project.prepared()).run():
        if step.what == "Reading pictures" and step.done:
            stop.set()


def by_a_network(project) -> Inspection:
    """What a network could have found: a doubtful label, and two alike images in different splits."""
    images = [one for one in project.images(project.ids()) if one.split is not None and one.was_read]
    first = images[0]
    other = next(one for one in images if one.split != first.split)
    return Inspection((DoubtfulLabel(first.id, "a", "b", 0.1),), (AlikePair(first.id, other.id, 0.99),))


def test_shell_and_window_name_every_kind_in_the_same_order(everything, window, qtbot, capfd, monkeypatch):
    def inspecting(project, _recipe, _stop=None):
        yield from ()
        return by_a_network(project)

    monkeypatch.setattr("tldesk.run.network_check.inspecting", inspecting)
    monkeypatch.setattr("tldesk.run.network_check.recipe_to_look_with", lambda _project, _library: None)
    assert main(["check", str(everything), "--deep", "--json"]) == 0
    in_shell = [one["kind"] for one in json.loads(capfd.readouterr().out)["findings"]]
    assert list(dict.fromkeys(in_shell)) == list(map(str, FindingKind)), "every kind, in the order of kinds"
    window.session.open_project(everything)
    qtbot.waitUntil(lambda: window.pages.images.grid.images.rowCount() > 0, timeout=20_000)
    page = window.pages.images
    page.checking.check_deeply()
    qtbot.waitUntil(lambda: bool(page.checking.findings) and not window.tasks.busy, timeout=60_000)
    qtbot.waitUntil(lambda: page.files._seen is not None, timeout=20_000)
    assert [str(one.kind) for one in page.checking.findings] == in_shell
    assert all(one.title and one.words and "{" not in one.words for one in page.checking.findings)


def test_the_shell_has_words_for_every_kind():
    assert set(HEADINGS) | set(SENTENCES) == set(FindingKind)
    assert not set(HEADINGS) & set(SENTENCES)
