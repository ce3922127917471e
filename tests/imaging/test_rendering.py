"""The rule by which deep pictures and stacks are read: what it means and shows, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset

from tldesk.base import ProblemError
from tldesk.imaging import (
    AS_STORED,
    CT_WINDOWS,
    PreparedCache,
    Rendering,
    UnreadableImage,
    content_hash,
    matters_for,
)
from tldesk.imaging import read_picture as read

STORED = np.arange(0, 4000, 40, dtype=np.uint16).reshape(10, 10)  # -1024 to 2936 HU


def ct(folder: Path, stored: np.ndarray = STORED, **elements: object) -> Path:
    """A CT slice, or a stack of them, in Hounsfield units."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = pydicom.uid.CTImageStorage, pydicom.uid.generate_uid()
    dataset.Modality, dataset.RescaleSlope, dataset.RescaleIntercept = "CT", "1", "-1024"
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation, dataset.PixelData = 0, stored.tobytes()
    dataset.WindowCenter, dataset.WindowWidth = ["40", "-600"], ["400", "1500"]
    dataset.WindowCenterWidthExplanation = ["SOFT", "Lung wide"]
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset.save_as(folder / "slice.dcm", enforce_file_format=True)
    return folder / "slice.dcm"


def grey(path: Path, *rule: str) -> np.ndarray:
    return read(path, rendering=Rendering(*rule)).pixels[:, :, 0].astype(int)


def windowed(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((values - low) / (high - low), 0, 1) * 255


@pytest.mark.parametrize("rule", ["first file", "middle lung", "12 -160..240", "last 0.25..1000.5"])
def test_a_rule_is_what_its_text_says(rule: str) -> None:
    assert Rendering.of(rule).text == rule
    assert Rendering.of(rule) == Rendering.of(f" {rule.upper()} ".strip())


def test_names_of_a_file_s_windows_keep_their_letters() -> None:
    assert Rendering(window=" file: Lung  wide ").window == "file:Lung wide"
    assert Rendering(window="file:").window == "file"
    assert Rendering("1") == AS_STORED
    assert Rendering(window="−1e3 .. 4e2").window == "-1000..400"


@pytest.mark.parametrize("frame", ["0", "-1", "second", "", "1.5"])
def test_a_frame_that_means_nothing_is_refused(frame: str) -> None:
    with pytest.raises(
        ProblemError, match=r"^frame: .* is not a frame\. Write first, middle, last or a number"
    ):
        Rendering(frame)


@pytest.mark.parametrize("window", ["", "heart", "200..100", "5..5", "1..", "0..1e999", "nan..1"])
def test_a_window_that_means_nothing_is_refused(window: str) -> None:
    with pytest.raises(ProblemError, match=r"^window: "):
        Rendering(window=window)


def test_the_default_has_no_key_and_every_other_rule_has_one_of_its_own() -> None:
    assert AS_STORED.key == Rendering("first", "file").key == ""
    rules = [Rendering(frame, window) for frame in ("first", "last", "7") for window in ("file", *CT_WINDOWS)]
    keys = {rule.key for rule in [*rules, Rendering(window="range"), Rendering(window="file:SOFT")]}
    assert len(keys) == len(rules) + 2
    assert Rendering("middle", "lung").key == "514c4b00fd7818e2"  # kept on disk: must never change by itself


def test_which_frame() -> None:
    wanted = {"first": [0, 0, 0], "middle": [0, 1, 2], "last": [0, 2, 3], "3": [0, 2, 2], "9": [0, 2, 3]}
    assert {name: [Rendering(name).frame_of(n) for n in (1, 3, 4)] for name in wanted} == wanted


def test_presets_are_level_and_width_in_hounsfield_units(tmp_path: Path) -> None:
    path, values = ct(tmp_path), STORED.astype(float) - 1024
    for name, level, width in (
        ("brain", 40, 80),
        ("lung", -600, 1500),
        ("soft-tissue", 50, 350),
        ("abdomen", 50, 400),
        ("liver", 30, 150),
        ("bone", 400, 1800),
        ("stroke", 40, 40),
        ("temporal-bone", 600, 2800),
    ):
        wanted = windowed(values, level - width / 2, level + width / 2)
        assert np.abs(grey(path, "first", name) - wanted).max() <= 0.51, name


def test_presets_leave_alone_what_is_not_in_hounsfield_units(tmp_path: Path) -> None:
    for change in ({"Modality": "MR"}, {"RescaleType": "US"}):
        path = ct(tmp_path, **change)
        assert np.array_equal(grey(path, "first", "lung"), grey(path))
    path = ct(tmp_path, Modality="PT", RescaleType="HU")
    assert not np.array_equal(grey(path, "first", "lung"), grey(path))
    tifffile.imwrite(tmp_path / "a.tif", STORED)
    assert np.array_equal(grey(tmp_path / "a.tif", "first", "lung"), grey(tmp_path / "a.tif"))


def test_a_window_that_the_file_offers_by_name(tmp_path: Path) -> None:
    path, values = ct(tmp_path), STORED.astype(float) - 1024
    soft, lung = (
        windowed(values, 39.5 - 199.5, 39.5 + 199.5),
        windowed(values, -600.5 - 749.5, -600.5 + 749.5),
    )
    assert np.abs(grey(path) - soft).max() <= 0.51  # PS3.3, C.11.2.1.2.1
    assert np.abs(grey(path, "first", "file:lung WIDE") - lung).max() <= 0.51
    assert np.array_equal(grey(path, "first", "file:bone"), grey(path))
    found = read(path, rendering=Rendering(window="file:Lung wide")).values
    assert found is not None
    assert (found.offered, found.unit) == (("SOFT", "Lung wide"), "HU")
    assert found.window is not None
    assert (found.window.low, found.window.high) == (-1350, 149)


def test_range_and_percentiles(tmp_path: Path) -> None:
    path = ct(tmp_path)
    assert np.abs(grey(path, "first", "range") - windowed(STORED, 0, 3960)).max() <= 0.51
    spotted = STORED.copy()
    spotted[0, 0] = 4095
    low, high = np.percentile(spotted, 1), np.percentile(spotted, 99)
    for place in (ct(tmp_path, spotted), tmp_path / "a.png", tmp_path / "a.tif"):
        if place.suffix == ".png":
            Image.fromarray(spotted).save(place)
        elif place.suffix == ".tif":
            tifffile.imwrite(place, spotted)
        assert np.abs(grey(place, "first", "percentiles") - windowed(spotted, low, high)).max() <= 0.51
    assert high < 4095


def test_percentiles_leave_out_padding_and_do_not_flatten_a_spot(tmp_path: Path) -> None:
    padded = STORED.copy()
    padded[:5] = 4000
    shown = grey(ct(tmp_path, padded, PixelPaddingValue=4000), "first", "percentiles")
    inside = padded[5:]
    low, high = np.percentile(inside, 1), np.percentile(inside, 99)
    assert np.abs(shown[5:] - windowed(inside, low, high)).max() <= 0.51
    spot = np.zeros((40, 40), np.uint16)
    spot[3, 3] = 9000
    tifffile.imwrite(tmp_path / "spot.tif", spot)
    assert grey(tmp_path / "spot.tif", "first", "percentiles")[3, 3] == 255


def test_a_rule_leaves_ordinary_pictures_alone(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", noise)
    for name in ("a.png", "a.jpg", "a.bmp"):
        Image.fromarray(noise).save(tmp_path / name)
    for path in tmp_path.iterdir():
        plain = read(path)
        for window in ("range", "percentiles", "10..20", "bone"):
            other = read(path, rendering=Rendering("last", window))
            assert np.array_equal(other.pixels, plain.pixels)
        assert plain.values is None
        assert not matters_for(plain.facts)


def test_what_phones_put_behind_a_photo_is_no_stack(tmp_path: Path) -> None:
    photo, map_of_depth = Image.new("RGB", (40, 30), (200, 40, 40)), Image.new("RGB", (40, 30), "black")
    photo.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[map_of_depth])
    with Image.open(tmp_path / "a.jpg") as written:
        assert written.n_frames == 2
    seen = read(tmp_path / "a.jpg", rendering=Rendering("last"))
    assert (seen.frame, seen.facts.frames, seen.facts.format) == (0, 1, "JPEG")
    assert abs(int(seen.pixels[9, 9, 0]) - 200) < 4


def test_frames_of_a_dicom_stack_and_of_a_deep_tiff(tmp_path: Path) -> None:
    stack = np.stack([np.full((6, 6), level, np.uint16) for level in (1000, 1100, 1200, 1300)])
    stack[:, 0, 0] = 0
    path = ct(tmp_path, stack, NumberOfFrames=4)
    assert [int(grey(path, which, "0..300")[5, 5]) for which in ("first", "middle", "last")] == [0, 150, 235]
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")
    shown = [int(grey(tmp_path / "stack.tif", which, "1000..1300")[5, 5]) for which in ("2", "3", "9")]
    assert shown == [85, 170, 255]
    assert matters_for(read(path).facts)
    assert matters_for(read(tmp_path / "stack.tif").facts)


def test_what_is_known_of_the_values(tmp_path: Path) -> None:
    found = read(ct(tmp_path), rendering=Rendering(window="lung")).values
    assert found is not None
    assert (float(found.samples.min()), float(found.samples.max())) == (-1024, 2936)
    assert found.window == CT_WINDOWS["lung"]
    path = ct(tmp_path, VOILUTFunction="SIGMOID")
    sigmoid = read(path).values
    assert sigmoid is not None
    assert sigmoid.window is None


def test_every_real_file_can_be_read_by_every_rule_or_tells_why(data_dir: Path) -> None:
    rules = [Rendering("last", "percentiles"), Rendering("middle", "lung"), Rendering("2", "0..100")]
    for path in sorted([*(data_dir / "dicom").iterdir(), *(data_dir / "odd").iterdir()]):
        for rule in rules:
            try:
                plain = read(path, min_side=64)
                other = read(path, min_side=64, rendering=rule)
            except UnreadableImage:
                continue
            # Frames of a GIF differ in their mode, pages of a TIFF in their size.
            same = ("format", "bits", "frames", "tags")
            assert [getattr(other.facts, name) for name in same] == [
                getattr(plain.facts, name) for name in same
            ], path.name
            if not matters_for(plain.facts):
                assert np.array_equal(other.pixels, plain.pixels), path.name


def test_prepared_pictures_of_two_rules_are_not_mixed(tmp_path: Path) -> None:
    path = ct(tmp_path, np.kron(STORED, np.ones((40, 40), np.uint16)))
    content, folder = content_hash(path), tmp_path / "prepared"
    caches = [PreparedCache(folder, rendering=rule) for rule in (AS_STORED, Rendering(window="lung"))]
    plain, lung = (cache.read(path, content) for cache in caches)
    assert not np.array_equal(plain, lung)
    for cache, pixels in zip(caches, (plain, lung), strict=True):
        again = PreparedCache(folder, rendering=cache.rendering)
        kept = again.kept(content)
        assert kept is not None
        assert np.array_equal(kept, pixels)
        assert again.missing([(path, content)]) == []
    assert PreparedCache(folder, rendering=Rendering(window="bone")).missing([(path, content)])
    assert (folder / "288" / content[:2] / f"{content}.rgb").is_file()  # as before there was a choice


def test_a_real_ct_slice_in_a_bone_window(real_file: Callable[[str], Path]) -> None:
    path = real_file("dicom/CT_small.dcm")
    dataset = pydicom.dcmread(path)
    values = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    assert np.abs(grey(path, "first", "bone") - windowed(values, -500, 1300)).max() <= 0.51
    low, high = np.percentile(values, 1), np.percentile(values, 99)
    assert np.abs(grey(path, "first", "percentiles") - windowed(values, low, high)).max() <= 0.51


def test_the_middle_of_a_real_stack(real_file: Callable[[str], Path]) -> None:
    path = real_file("dicom/emri_small.dcm")
    frame = pydicom.dcmread(path).pixel_array[5].astype(float)
    assert np.abs(grey(path, "middle", "0..255") - windowed(frame, 0, 255)).max() <= 0.51
