"""Every file of the odd and dicom folders, decided by hand: its upright size, or a word of its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tldesk.imaging import Picture, Rendering, UnreadableImage, read_picture

HOPPER = (128, 128)
ODD: dict[str, tuple[int, int] | str] = {
    "12in16bit.tif": (100, 100),
    "16bit.MM.deflate.tif": (64, 64),
    "16bit.cropped.tif": (64, 64),
    "16bit.deflate.tif": (64, 64),
    "16bit.r.tif": (64, 64),
    "broken.png": "damaged",
    "broken_data_stream.png": "damaged",
    "broken_exif_dpi.jpg": (100, 100),
    "caption_6_33_22.png": (256, 256),
    "crash-2020-10-test.tif": "damaged",
    "decompression_bomb.gif": "200 million pixels",
    "empty.jpg": "empty",
    "exif-ifd-offset.jpg": (200, 200),
    "exif.png": (512, 512),
    "exif_gps_typeerror.jpg": (800, 531),
    "exif_imagemagick_orientation.png": (512, 512),
    "exif_typeerror.jpg": (800, 531),
    "first_frame_transparency.gif": (75, 50),
    "flower.jpg": (480, 360),
    "flower2.jpg": (300, 225),
    "g4_orientation_6.tif": (590, 88),
    "hopper.Lab.tif": HOPPER,
    "hopper.bmp": HOPPER,
    "hopper.gif": HOPPER,
    "hopper.ico": (16, 16),
    "hopper.jpg": HOPPER,
    "hopper.pfm": HOPPER,
    "hopper.png": HOPPER,
    "hopper.ppm": HOPPER,
    "hopper.psd": HOPPER,
    "hopper.tif": HOPPER,
    "hopper.webp": HOPPER,
    "hopper_16bit.pgm": HOPPER,
    "hopper_16bit_qtables.jpg": HOPPER,
    "hopper_1bit.pbm": HOPPER,
    "hopper_bad_exif.jpg": (500, 500),
    "hopper_bigtiff.tif": HOPPER,
    "hopper_float_dpi_2.tif": HOPPER,
    "hopper_gray.jpg": HOPPER,
    "hopper_gray_4bpp.tif": HOPPER,
    "hopper_lzw.tif": HOPPER,
    "hopper_merged.psd": HOPPER,
    **{f"hopper_orientation_{n}.jpg": HOPPER for n in range(2, 9)},
    "hopper_orientation_6.webp": HOPPER,
    "hopper_rle8.bmp": HOPPER,
    "i_trns.png": (64, 64),
    "l_trns.png": (64, 64),
    "multipage-lastframe.tif": (20, 20),
    "multipage.tiff": (10, 10),
    "pil_sample_cmyk.jpg": (100, 100),
    "pil_sample_rgb.jpg": (100, 100),
    "rgb_trns.png": (64, 64),
    "text.jpg": "not a picture",
    "tiny.png": (4, 4),
    "transparent.png": (200, 150),
    "truncated_end_chunk.png": "incomplete",
    "truncated_image.png": "incomplete",
    "truncated_jpeg.jpg": "incomplete",
    "truncated_photo.jpg": "incomplete",
}
DICOM: dict[str, tuple[int, int] | str] = {
    "693_J2KR.dcm": (512, 512),
    "CT_small.dcm": (128, 128),
    "JPEG-LL.dcm": (256, 1024),
    "JPEG-lossy.dcm": (256, 1024),
    "JPEG2000.dcm": (256, 1024),
    "MR_small.dcm": (64, 64),
    "MR_small_RLE.dcm": (64, 64),
    "MR_small_bigendian.dcm": (64, 64),
    "MR_small_jp2klossless.dcm": (64, 64),
    "MR_small_jpeg_ls_lossless.dcm": (64, 64),
    "MR_truncated.dcm": "incomplete",
    "OBXXXX1A_rle.dcm": (800, 600),
    "RG3_J2KI.dcm": (1760, 1760),
    "SC_rgb.dcm": (100, 100),
    "SC_rgb_16bit.dcm": (100, 100),
    "SC_rgb_2frame.dcm": (100, 100),
    "SC_rgb_jpeg_dcmtk.dcm": (100, 100),
    "SC_rgb_rle.dcm": (100, 100),
    "SC_ybr_full_422_uncompressed.dcm": (100, 100),
    "US1_J2KI.dcm": (640, 480),
    "badVR.dcm": "number of frames",
    "color-pl.dcm": (256, 120),
    "color-px.dcm": (256, 120),
    "emri_small.dcm": (64, 64),
    "emri_small_jpeg_2k_lossless_too_short.dcm": "incomplete",
    "liver_1frame.dcm": (512, 512),
    "no_meta.dcm": (128, 128),
    "reportsi.dcm": "holds no picture",
    "rtplan.dcm": "holds no picture",
    "vlut_04.dcm": (512, 512),
}
ALL = [(f"odd/{name}", want) for name, want in ODD.items()]
ALL += [(f"dicom/{name}", want) for name, want in DICOM.items()]


@pytest.mark.parametrize(("name", "want"), ALL, ids=[name for name, _ in ALL])
def test_every_file_is_read_or_has_its_reason(
    real_file: Callable[[str], Path], name: str, want: tuple[int, int] | str
) -> None:
    if isinstance(want, str):
        with pytest.raises(UnreadableImage) as caught:
            read_picture(real_file(name))
        assert want in caught.value.reason
        assert caught.value.reason.endswith(".")
        return
    picture = read_picture(real_file(name))
    assert (picture.facts.width, picture.facts.height) == want
    assert picture.pixels.shape == (want[1], want[0], 3)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    assert picture.pixels.flags.writeable
    small = read_picture(real_file(name), min_side=30)
    assert small.facts == picture.facts
    assert min(small.pixels.shape[:2]) >= min(30, *want)


def test_the_tables_name_every_file(data_dir: Path) -> None:
    assert {path.name for path in (data_dir / "odd").iterdir()} == set(ODD)
    assert {path.name for path in (data_dir / "dicom").iterdir()} == set(DICOM)


def difference(one: Picture, other: Picture) -> float:
    return float(np.abs(one.pixels.astype(int) - other.pixels.astype(int)).mean())


@pytest.mark.parametrize(
    "name", [f"hopper_orientation_{n}.jpg" for n in range(2, 9)] + ["hopper_orientation_6.webp"]
)
def test_orientations_come_out_upright(real_file: Callable[[str], Path], name: str) -> None:
    upright = read_picture(real_file("odd/hopper.jpg"))
    turned = read_picture(real_file(f"odd/{name}"))
    assert turned.facts.orientation == int(name.split("_")[2][0])
    assert (
        difference(upright, turned) < 6
    )  # two lossy compressions of one picture; any wrong turn gives over 50


def test_png_exif_and_raw_profile_orientation_agree(real_file: Callable[[str], Path]) -> None:
    plain = read_picture(real_file("odd/exif.png"))
    turned = read_picture(real_file("odd/exif_imagemagick_orientation.png"))
    assert turned.facts.orientation == 3
    assert np.array_equal(turned.pixels[::-1, ::-1], plain.pixels)  # stored alike, one is to be turned by 180


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("hopper.tif", 0.0),
        ("hopper_lzw.tif", 0.0),
        ("hopper_bigtiff.tif", 0.0),
        ("hopper.bmp", 0.0),
        ("hopper.jpg", 0.1),
        ("hopper.ppm", 1.5),
        ("hopper.psd", 1.7),
        ("hopper_merged.psd", 1.7),
        ("hopper.Lab.tif", 2.2),
        ("hopper.gif", 4.1),
        ("hopper_rle8.bmp", 4.1),
        ("hopper.webp", 4.1),
    ],
)
def test_one_picture_in_many_formats(real_file: Callable[[str], Path], name: str, limit: float) -> None:
    plain = read_picture(real_file("odd/hopper.png"))
    assert difference(plain, read_picture(real_file(f"odd/{name}"))) <= limit


def test_sixteen_bit_variants_agree_whatever_the_byte_order(real_file: Callable[[str], Path]) -> None:
    little = read_picture(real_file("odd/16bit.deflate.tif"))
    big = read_picture(real_file("odd/16bit.MM.deflate.tif"))
    assert np.array_equal(little.pixels, big.pixels)
    assert len(np.unique(little.pixels)) > 100  # 291..694 squeezed into 8 bits the naive way is 2 or 3 values


def test_cmyk_is_close_to_its_rgb_twin(real_file: Callable[[str], Path]) -> None:
    cmyk = read_picture(real_file("odd/pil_sample_cmyk.jpg"))
    assert difference(cmyk, read_picture(real_file("odd/pil_sample_rgb.jpg"))) < 10


def test_transparent_pixels_are_white(real_file: Callable[[str], Path]) -> None:
    for name in ("transparent.png", "first_frame_transparency.gif"):
        assert read_picture(real_file(f"odd/{name}")).pixels[0, 0].tolist() == [255, 255, 255]
    for name in ("i_trns.png", "l_trns.png", "rgb_trns.png"):
        assert read_picture(real_file(f"odd/{name}")).pixels[32, 32].tolist() == [255, 255, 255]


def test_one_magnetic_resonance_slice_in_five_encodings(real_file: Callable[[str], Path]) -> None:
    plain = read_picture(real_file("dicom/MR_small.dcm"))
    for name in ("RLE", "bigendian", "jp2klossless", "jpeg_ls_lossless"):
        assert np.array_equal(read_picture(real_file(f"dicom/MR_small_{name}.dcm")).pixels, plain.pixels)


def test_a_data_set_that_lost_its_header_is_read_like_the_whole_file(
    real_file: Callable[[str], Path],
) -> None:
    whole = read_picture(real_file("dicom/CT_small.dcm"))
    assert np.array_equal(read_picture(real_file("dicom/no_meta.dcm")).pixels, whole.pixels)
    assert whole.facts.tags["PatientID"] == "1CT1"
    assert whole.facts.tags["Modality"] == "CT"


def test_colour_dicom_has_the_colours_it_was_made_with(real_file: Callable[[str], Path]) -> None:
    # pydicom's SC files are ten stripes; the first red, the third green, the fifth blue, the last white.
    for name in ("rgb", "rgb_16bit", "rgb_2frame", "rgb_rle", "rgb_jpeg_dcmtk", "ybr_full_422_uncompressed"):
        stripes = read_picture(real_file(f"dicom/SC_{name}.dcm")).pixels[[5, 25, 45, 95], 50].astype(int)
        wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]])
        assert np.abs(stripes - wanted).max() <= 5, name  # one of them is a lossy JPEG


def test_frames(real_file: Callable[[str], Path]) -> None:
    path = real_file("dicom/emri_small.dcm")
    frames = [read_picture(path, rendering=Rendering(str(n + 1))).pixels for n in range(10)]
    assert read_picture(path).facts.frames == 10
    assert all(not np.array_equal(frames[0], other) for other in frames[1:])
    beyond = read_picture(path, rendering=Rendering("11"))
    assert beyond.frame == 9
    assert np.array_equal(beyond.pixels, frames[9])
    middle, last = (read_picture(path, rendering=Rendering(which)).frame for which in ("middle", "last"))
    assert (middle, last) == (5, 9)
    pages = [
        read_picture(real_file("odd/multipage.tiff"), rendering=Rendering(n)).pixels[0, 0].tolist()
        for n in ("1", "2", "3")
    ]
    assert pages == [[0, 128, 0], [255, 0, 0], [0, 0, 255]]
