"""Which images are worth keeping prepared: the database gives the same answer as the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tldesk.dataset import Project
from tldesk.imaging import PreparedCache, prepared_picture


def test_the_database_says_the_same_as_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "a"
    folder.mkdir(parents=True)
    ramp = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    Image.fromarray(ramp).save(folder / "deep.png")
    Image.fromarray(ramp).save(folder / "deep.tif")
    for name in ("small.tif", "small.webp", "small.png", "small.bmp", "small.jpg"):
        Image.new("RGB", (64, 48), (len(name), 50, 90)).save(folder / name)
    Image.new("RGB", (1001, 600), (1, 2, 3)).save(folder / "large.jpg")
    Image.new("RGB", (1000, 600), (1, 2, 3)).save(folder / "just.jpg")
    Image.new("1", (1001, 600)).save(folder / "large.png")
    (folder / "broken.tif").write_bytes(b"II*\x00")
    with Project.create(tmp_path / "p.tldesk", tmp_path / "pictures") as project:
        worth = project.worth_keeping_prepared()
    expected = {
        path for path in folder.iterdir() if path.name != "broken.tif" and prepared_picture(path).keep
    }
    assert {path for path, _ in worth} == expected
    assert {path.name for path in expected} == {
        *("deep.png", "deep.tif", "small.tif", "small.webp", "large.jpg", "large.png")
    }


def test_real_pictures_of_every_kind(data_dir: Path, tmp_path: Path) -> None:
    for kind in ("odd", "dicom"):
        with Project.create(tmp_path / f"{kind}.tldesk", data_dir / kind) as project:
            worth = {path for path, _ in project.worth_keeping_prepared()}
            records = project.images(project.ids())
        readable = [record.path for record in records if record.reason is None]
        assert worth == {path for path in readable if prepared_picture(path).keep}


def test_a_scan_decodes_slow_pictures_once_and_for_all(tmp_path: Path) -> None:
    folder = tmp_path / "fotos"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "groß.jpg", quality=80)
    Image.fromarray(noise[:300, :400]).save(folder / "klein.jpg", quality=80)
    with Project.create(tmp_path / "p", folder) as project:
        cache = PreparedCache(project.cache_dir / "prepared")
        contents = {image.path.name: image.content for image in project.images(project.ids())}
        large = cache.kept(contents["groß.jpg"])
        assert large is not None
        assert np.array_equal(large, prepared_picture(folder / "groß.jpg").pixels)
        assert cache.kept(contents["klein.jpg"]) is None
        assert cache.missing(project.worth_keeping_prepared()) == []
