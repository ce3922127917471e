"""What is shown of DICOM values, against the standard's formulas and against pydicom's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence

from tldesk.imaging import Rendering, read_picture

STEPS = np.arange(-100, 300, 4, dtype=np.int16).reshape(10, 10)


def save(folder: Path, values: np.ndarray = STEPS, **elements: object) -> Path:
    dataset = Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = pydicom.uid.generate_uid()
    dataset.Rows, dataset.Columns = values.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = values.dtype.itemsize * 8
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, int(values.dtype.kind == "i")
    dataset.PixelData = values.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset.save_as(folder / "a.dcm", enforce_file_format=True)
    return folder / "a.dcm"


def grey(path: Path, **how: object) -> np.ndarray:
    return read_picture(path, **how).pixels[:, :, 0].astype(int)


@pytest.mark.parametrize("name", ["MR_small.dcm", "693_J2KR.dcm", "vlut_04.dcm", "RG3_J2KI.dcm"])
def test_windows_and_tables_as_pydicom_applies_them(real_file: Callable[[str], Path], name: str) -> None:
    dataset = pydicom.dcmread(real_file(f"dicom/{name}"))
    values = apply_modality_lut(dataset.pixel_array, dataset)
    shown = apply_voi_lut(values.astype(np.int32) if name != "vlut_04.dcm" else values, dataset).astype(float)
    signed = dataset.PixelRepresentation == 1
    low, high = (-(2**15), 2**15 - 1) if signed else (0, 2**dataset.BitsStored - 1)
    if name == "vlut_04.dcm":
        high = 65535
    elif name == "693_J2KR.dcm":  # pydicom's output range after rescaling
        low, high = -(2**15) - 1024, 2**15 - 1 - 1024
    wanted = (shown - low) / (high - low) * 255
    wanted = 255 - wanted if dataset.PhotometricInterpretation == "MONOCHROME1" else wanted
    assert np.abs(grey(real_file(f"dicom/{name}")) - wanted).max() <= 1.01


def test_without_a_window_the_smallest_value_is_black_and_the_largest_white(tmp_path: Path) -> None:
    shown = grey(save(tmp_path))
    assert np.array_equal(shown, np.rint((STEPS + 100.0) / 396 * 255))


def test_linear_window_by_the_formula_of_the_standard(tmp_path: Path) -> None:
    shown = grey(
        save(tmp_path, RescaleSlope="2", RescaleIntercept="-50", WindowCenter="100", WindowWidth="201")
    )
    x = STEPS * 2.0 - 50
    wanted = np.clip(((x - 99.5) / 200 + 0.5) * 255, 0, 255)
    assert np.abs(shown - wanted).max() <= 0.51


def test_exact_and_sigmoid_windows(tmp_path: Path) -> None:
    window = {"WindowCenter": "100", "WindowWidth": "200"}
    exact = grey(save(tmp_path, VOILUTFunction="LINEAR_EXACT", **window))
    assert np.abs(exact - np.clip(((STEPS - 100.0) / 200 + 0.5) * 255, 0, 255)).max() <= 0.51
    sigmoid = grey(save(tmp_path, VOILUTFunction="SIGMOID", **window))
    assert np.abs(sigmoid - 255 / (1 + np.exp(-4 * (STEPS - 100.0) / 200))).max() <= 0.51


def test_the_first_of_several_windows_and_a_window_of_width_one(tmp_path: Path) -> None:
    first = grey(save(tmp_path, WindowCenter=["100", "0"], WindowWidth=["201", "10"]))
    assert np.array_equal(first, grey(save(tmp_path, WindowCenter="100", WindowWidth="201")))
    threshold = grey(save(tmp_path, WindowCenter="100", WindowWidth="1"))
    assert np.array_equal(threshold, np.where(STEPS >= 100, 255, 0))


def test_a_given_window_is_in_rescaled_units(tmp_path: Path) -> None:
    path = save(tmp_path, RescaleSlope="1", RescaleIntercept="-1000", WindowCenter="0", WindowWidth="10")
    shown = grey(path, rendering=Rendering(window="-1100..-900"))
    assert shown[0, 0] == 0  # -100 - 1000
    assert abs(shown[2, 5] - 127.5) <= 0.51  # 0 - 1000
    assert shown[5, 0] == 255  # 100 - 1000


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    plain = grey(save(tmp_path))
    assert np.array_equal(grey(save(tmp_path, PhotometricInterpretation="MONOCHROME1")), 255 - plain)


def test_padding_does_not_stretch_the_window(tmp_path: Path) -> None:
    values = STEPS.copy()
    values[0] = -2000
    shown = grey(save(tmp_path, values, PixelPaddingValue=-2000))
    assert (shown[0] == 0).all()
    assert shown[1, 0] == 0
    assert shown[9, 9] == 255


@pytest.mark.parametrize("value", [-2000, 2000])
@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("window", [{}, {"WindowCenter": "100", "WindowWidth": "201"}])
def test_padding_is_black_whatever_its_value(
    tmp_path: Path, value: int, kind: str, window: dict[str, str]
) -> None:
    values = STEPS.copy()
    values[0] = value
    shown = grey(save(tmp_path, values, PixelPaddingValue=value, PhotometricInterpretation=kind, **window))
    assert (shown[0] == 0).all()
    whole = grey(save(tmp_path, STEPS[1:], PhotometricInterpretation=kind, **window))
    assert np.array_equal(shown[1:], whole)


def test_eight_bit_values_stay_as_they_are(tmp_path: Path) -> None:
    values = np.arange(20, 120, dtype=np.uint8).reshape(10, 10)
    assert np.array_equal(grey(save(tmp_path, values)), values)


def test_each_frame_has_the_window_of_its_functional_group(tmp_path: Path) -> None:
    groups = []
    for centre in (0, 200):
        voi, group = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = str(centre), "101"
        group.FrameVOILUTSequence = Sequence([voi])
        groups.append(group)
    path = save(
        tmp_path,
        np.stack([STEPS, STEPS]),
        NumberOfFrames=2,
        PerFrameFunctionalGroupsSequence=Sequence(groups),
    )
    assert grey(path, rendering=Rendering("1"))[5, 0] == 255  # 100, above the first window
    assert grey(path, rendering=Rendering("2"))[5, 0] == 0  # 100, below the second


def test_pixels_cut_off_after_the_header_are_reported_as_incomplete(
    tmp_path: Path, real_file: Callable[[str], Path]
) -> None:
    dataset = pydicom.dcmread(real_file("dicom/CT_small.dcm"))
    del dataset.PixelData
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    (tmp_path / "a.dcm").write_bytes(buffer.getvalue())
    with pytest.raises(Exception, match="incomplete"):
        read_picture(tmp_path / "a.dcm")
