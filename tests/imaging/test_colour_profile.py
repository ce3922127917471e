"""Colour profiles, compared with Pillow's own conversion and with values worked out by hand."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms

from tldesk.imaging import read_picture

ADOBE = imagecodecs.cms_profile("adobergb")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY = imagecodecs.cms_profile("gray", gamma=1.0)
COLOURS = np.random.default_rng(2).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def by_pillow(image: Image.Image, profile: bytes) -> np.ndarray:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert shown is not None
    return np.asarray(shown)


def linear(values: np.ndarray) -> np.ndarray:
    """sRGB's curve (IEC 61966-2-1), for light from 0 to 1."""
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_adobe_rgb_becomes_srgb(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(COLOURS).save(path, icc_profile=ADOBE, **options)
    picture = read_picture(path)
    assert np.array_equal(picture.pixels, by_pillow(Image.fromarray(COLOURS), ADOBE))
    assert np.abs(picture.pixels.astype(int) - COLOURS).max() > 12
    assert "Adobe RGB" in picture.facts.tags["Colour profile"]


def test_one_green_in_two_colour_spaces_is_one_green(tmp_path: Path) -> None:
    srgb = np.full((8, 8, 3), (60, 160, 90), np.uint8)
    there = ImageCms.profileToProfile(
        Image.fromarray(srgb),
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(ADOBE)),
        outputMode="RGB",
    )
    assert there is not None
    assert np.abs(np.asarray(there).astype(int) - srgb).max() > 10
    there.save(tmp_path / "adobe.png", icc_profile=ADOBE)
    Image.fromarray(srgb).save(tmp_path / "plain.png", icc_profile=SRGB)
    one, other = (read_picture(tmp_path / name) for name in ("adobe.png", "plain.png"))
    assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1
    assert np.array_equal(other.pixels, srgb)
    assert "Colour profile" not in other.facts.tags


def test_a_reduced_jpeg_has_its_profile_applied(tmp_path: Path) -> None:
    Image.new("RGB", (800, 640), (60, 160, 90)).save(tmp_path / "a.jpg", icc_profile=ADOBE, quality=95)
    Image.new("RGB", (800, 640), (60, 160, 90)).save(tmp_path / "a.png", icc_profile=ADOBE)
    wanted = by_pillow(Image.new("RGB", (1, 1), (60, 160, 90)), ADOBE)[0, 0].astype(int)
    for name in ("a.jpg", "a.png"):
        pixels = read_picture(tmp_path / name, min_side=100).pixels
        assert pixels.shape == (160, 200, 3)
        assert np.abs(pixels - wanted).max() <= 2


@pytest.mark.parametrize(("index", "changes"), [("R03", True), ("R98", False)])
def test_a_camera_that_names_adobe_rgb_without_a_profile(tmp_path: Path, index: str, changes: bool) -> None:
    exif = Image.Exif()
    space = 65535 if changes else 1
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ColorSpace: space, ExifTags.IFD.Interop: {1: index}}
    Image.fromarray(COLOURS).save(tmp_path / "a.png", exif=exif)
    pixels = read_picture(tmp_path / "a.png").pixels
    assert np.array_equal(pixels, by_pillow(Image.fromarray(COLOURS), ADOBE) if changes else COLOURS)


def test_a_grey_profile(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    Image.fromarray(ramp).save(tmp_path / "a.png", icc_profile=GREY)
    wanted = np.rint(255 * linear(np.arange(256) / 255))
    pixels = read_picture(tmp_path / "a.png").pixels
    assert np.abs(pixels[0, 8:, 0] - wanted[8:]).max() <= 1  # lcms interpolates the steep start coarsely
    assert np.array_equal(pixels[..., 0], pixels[..., 1])


def test_a_palette_with_a_profile(tmp_path: Path) -> None:
    image = Image.fromarray(COLOURS).quantize(32)
    image.save(tmp_path / "a.png", icc_profile=ADOBE)
    assert np.array_equal(read_picture(tmp_path / "a.png").pixels, by_pillow(image.convert("RGB"), ADOBE))


def test_transparency_is_composed_after_the_profile(tmp_path: Path) -> None:
    image = Image.fromarray(COLOURS)
    image.putalpha(128)
    image.save(tmp_path / "a.png", icc_profile=ADOBE)
    shown = by_pillow(Image.fromarray(COLOURS), ADOBE).astype(float)
    wanted = shown * 128 / 255 + 255 * 127 / 255
    assert np.abs(read_picture(tmp_path / "a.png").pixels - wanted).max() <= 1


def test_sixteen_bit_colour_with_a_profile(tmp_path: Path) -> None:
    deep = COLOURS.astype(np.uint16) * 257
    deep[0, 0], deep[0, 1] = 0, 65535
    eight = (deep // 257).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", deep, photometric="rgb", iccprofile=ADOBE)
    picture = read_picture(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, by_pillow(Image.fromarray(eight), ADOBE))
    assert "Adobe RGB" in picture.facts.tags["Colour profile"]
    tifffile.imwrite(tmp_path / "srgb.tif", deep, photometric="rgb", iccprofile=SRGB)
    tifffile.imwrite(tmp_path / "grey.tif", deep[:, :, 0], photometric="minisblack", iccprofile=GREY)
    inks = np.zeros((6, 6, 4), np.uint16)
    tifffile.imwrite(tmp_path / "inks.tif", inks, photometric="separated", iccprofile=cmyk_profile())
    tags = [read_picture(tmp_path / f"{name}.tif").facts.tags for name in ("srgb", "grey", "inks")]
    assert [one.get("Colour profile") for one in tags] == [None, None, "Test"]


def test_sixteen_bit_grey_and_alpha_has_no_profile_applied(tmp_path: Path) -> None:
    values = np.full((6, 6, 2), 30000, np.uint16)
    values[0, 0, 0] = 0
    chunk = zlib.compress(GREY)
    data = b"iCCP" + b"a\0\0" + chunk
    whole = imagecodecs.png_encode(values)
    added = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    (tmp_path / "a.png").write_bytes(whole[:33] + added + whole[33:])
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["icc_profile"] == GREY
    assert "Colour profile" not in read_picture(tmp_path / "a.png").facts.tags


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "RGBA", "LA"])
@pytest.mark.parametrize(
    "profile", [b"no profile at all", SRGB[:200], ADOBE[:-100], b"\0" * 4000, GREY, ADOBE]
)
def test_a_broken_or_foreign_profile_loses_no_picture(tmp_path: Path, mode: str, profile: bytes) -> None:
    image = Image.fromarray(COLOURS).convert(mode)
    image.save(tmp_path / "a.tif", icc_profile=profile)
    image.save(tmp_path / "plain.tif")
    shown, plain = (read_picture(tmp_path / name).pixels for name in ("a.tif", "plain.tif"))
    fits = (profile == GREY and mode in {"L", "LA"}) or (profile == ADOBE and mode in {"RGB", "RGBA"})
    assert np.array_equal(shown, plain) != fits


def test_cmyk_with_a_profile_follows_it(tmp_path: Path) -> None:
    profile = cmyk_profile()
    image = Image.fromarray(COLOURS).convert("CMYK")
    image.save(tmp_path / "a.tif", icc_profile=profile)
    pixels = read_picture(tmp_path / "a.tif").pixels
    assert np.array_equal(pixels, by_pillow(image, profile))
    assert not np.array_equal(pixels, np.asarray(image.convert("RGB")))


def cmyk_profile() -> bytes:
    """A small profile of a printer: its table (lut8, ICC.1:2010, 10.9) gives Lab for the corners of CMYK."""
    corners = []
    for at in range(16):
        c, m, y, k = at >> 3 & 1, at >> 2 & 1, at >> 1 & 1, at & 1
        lightness = 255 * (1 - k) * (1 - 0.25 * c) * (1 - 0.35 * m) * (1 - 0.1 * y)
        corners += [int(lightness), int(128 - 40 * c + 60 * m), int(128 - 40 * c + 60 * y)]
    curve = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0))
    table += (
        struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + curve * 4 + bytes(corners) + curve * 3
    )
    described = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags, data, at = b"", b"", 128 + 4 + 3 * 12
    for name, content in ((b"desc", described), (b"wtpt", white), (b"A2B0", table)):
        tags += name + struct.pack(">2I", at + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = at + len(data)
    head = (
        struct.pack(">I4sI", size, b"lcms", 0x02400000)
        + b"prtrCMYKLab "
        + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    )
    head += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + tags + data


def bmp_v5(kind: bytes, profile: bytes) -> bytes:
    """Return COLOURS as a BMP with a header of version 5 (124 bytes), and a profile behind the pixels."""
    pixels = COLOURS[::-1, :, ::-1].tobytes()  # 60 x 3 bytes a row, a multiple of 4
    sizes = struct.pack("<IiiHHIIiiII", 124, 60, 40, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    where = struct.pack("<IIII", 4, 124 + len(pixels), len(profile), 0)
    header = sizes + bytes(16) + kind + bytes(48) + where
    return b"BM" + struct.pack("<IHHI", 138 + len(pixels), 0, 0, 138) + header + pixels + profile


def test_a_profile_inside_a_bmp_is_applied(tmp_path: Path) -> None:
    (tmp_path / "a.bmp").write_bytes(bmp_v5(b"DEBM", ADOBE))
    picture = read_picture(tmp_path / "a.bmp")
    assert np.array_equal(picture.pixels, by_pillow(Image.fromarray(COLOURS), ADOBE))
    assert "Adobe RGB" in picture.facts.tags["Colour profile"]
    for kind, profile in ((b"BGRs", b""), (b"DEBM", ADOBE[:-9]), (b"DEBM", b"nonsense")):
        (tmp_path / "a.bmp").write_bytes(bmp_v5(kind, profile)[: 138 + COLOURS.size + len(ADOBE) - 9])
        assert np.array_equal(read_picture(tmp_path / "a.bmp").pixels, COLOURS)


def test_a_profile_inside_a_jpeg_2000_is_applied(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.fromarray(COLOURS).save(out, "JPEG2000")
    whole = out.getvalue()
    header, colour = whole.index(b"jp2h") - 4, whole.index(b"colr") - 4
    (length,), (old,) = struct.unpack_from(">I", whole, header), struct.unpack_from(">I", whole, colour)
    box = struct.pack(">I4sBBB", 11 + len(ADOBE), b"colr", 2, 0, 0) + ADOBE
    changed = whole[:colour] + box + whole[colour + old :]
    changed = changed[:header] + struct.pack(">I", length - old + len(box)) + changed[header + 4 :]
    (tmp_path / "a.jp2").write_bytes(changed)
    assert np.array_equal(read_picture(tmp_path / "a.jp2").pixels, by_pillow(Image.fromarray(COLOURS), ADOBE))


def test_a_palette_of_16_bits_has_its_profile(tmp_path: Path) -> None:
    palette = np.repeat(np.arange(256, dtype=np.uint16)[None] * 257, 3, axis=0)
    palette[1] = palette[1, ::-1]
    grey = np.arange(256, dtype=np.uint16).reshape(16, 16)
    wide = np.zeros((3, 65536), np.uint16)
    wide[:, :256] = palette
    tifffile.imwrite(tmp_path / "a.tif", grey, photometric="palette", colormap=wide, iccprofile=ADOBE)
    colours = (palette[:, grey].transpose(1, 2, 0) // 257).astype(np.uint8)
    picture = read_picture(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, by_pillow(Image.fromarray(colours), ADOBE))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_gamma_and_primaries_of_a_png_are_passed_over(tmp_path: Path, mode: str) -> None:
    out = io.BytesIO()
    image = Image.fromarray(COLOURS).convert(mode)
    image.save(out, "PNG")
    whole, chunks = out.getvalue(), b""
    for kind, numbers in (
        (b"gAMA", [100000]),
        (b"cHRM", [31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000]),
    ):
        content = kind + struct.pack(f">{len(numbers)}I", *numbers)
        chunks += struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    (tmp_path / "a.png").write_bytes(whole[:33] + chunks + whole[33:])
    assert np.array_equal(read_picture(tmp_path / "a.png").pixels, np.asarray(image.convert("RGB")))
