"""Duplicates, near duplicates and imbalance, found in pictures whose relations are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from dataset_pictures import draw, draw_tree
from PIL import Image, ImageFilter

from tldesk.dataset import Filter, Project, check
from tldesk.dataset.files.fingerprint import find_alike, fingerprint_of


def photo(number: int) -> Image.Image:
    noise = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((240, 180), Image.Resampling.BICUBIC)


def test_the_report(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 6, "b": 3})
    shutil.copy(folder / "a/000.png", folder / "b/same bytes.png")
    photo(1).save(folder / "a/photo.png")
    photo(1).resize((120, 90)).save(folder / "a/smaller.jpg", quality=80)
    photo(1).filter(ImageFilter.GaussianBlur(1)).save(folder / "b/softer.webp")
    photo(2).save(folder / "b/another.png")
    (folder / "b/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name, level in (("dark", 3), ("darker", 1)):
        Image.new("RGB", (40, 40), (level, level, level)).save(folder / f"a/{name}.png")
    with Project.create(tmp_path / "x", folder) as project:
        project.split()
        report = check(project)
    document = json.loads(json.dumps(report.as_dict()))
    assert (report.images, report.labelled) == (17, 16)
    assert document["classes"] == {"a": 10, "b": 6}
    assert [Path(one["path"]).name for one in document["quarantine"]] == ["broken.png"]
    assert document["quarantine"][0]["reason"]
    assert [{Path(path).name for path in one["paths"]} for one in document["duplicates"]] == [
        {"000.png", "same bytes.png"}
    ]
    assert document["duplicates"][0]["labels"] == ["a", "b"], "the same picture in two classes"
    (near,) = document["near_duplicates"]
    assert {Path(path).name for path in near["paths"]} == {"photo.png", "smaller.jpg", "softer.webp"}
    assert 0.985 <= near["score"] <= 1
    assert document["leakage"] == []
    assert document["imbalance"] == {"ratio": round(10 / 6, 3), "largest": "a", "smallest": "b"}


def test_an_empty_project_can_be_checked(tmp_path: Path) -> None:
    with Project.create(tmp_path / "x") as project:
        report = check(project)
    assert (report.images, report.duplicates, report.imbalance) == (0, (), None)


def test_leakage_of_a_group_is_named(tmp_path: Path) -> None:
    from tldesk.dataset import FilenamePattern, Split

    folder = draw_tree(tmp_path / "p", {"train/a": 3, "train/b": 3, "test/a": 3, "val/b": 3})
    with Project.create(tmp_path / "x", folder) as project:
        project.split(by_group=FilenamePattern(r"00(\d)"))
        leaks = check(project).leakage
        assert [(leak.kind, leak.group) for leak in leaks] == [("group", "0"), ("group", "1"), ("group", "2")]
        assert leaks[0].splits == tuple(Split)
        assert len(leaks[0].paths) == 4
        assert project.count(Filter(split=Split.TEST)) == 3


def test_bands_of_bits_miss_nothing() -> None:
    rng = np.random.default_rng(5)
    base = rng.integers(-(2**63), 2**63 - 1, 30)
    hashes = []
    for value in base:
        for flips in range(9):
            mask = sum(1 << int(bit) for bit in rng.choice(63, flips, replace=False))
            hashes.append(int(value) ^ mask)
    tiny = rng.integers(0, 256, 256, dtype=np.uint8).tobytes()
    found = {(pair.first, pair.second) for pair in find_alike(hashes, [tiny] * len(hashes))}
    wanted = {
        (one, other)
        for one in range(len(hashes))
        for other in range(one + 1, len(hashes))
        if ((hashes[one] ^ hashes[other]) & (2**64 - 1)).bit_count() <= 6
    }
    assert found == wanted
    assert len(wanted) > 300


def test_the_hash_by_hand() -> None:
    rising = np.repeat(np.repeat(np.arange(0, 225, 25, dtype=np.uint8)[None, :, None], 72, axis=0), 3, axis=2)
    rising = np.repeat(rising, 8, axis=1)
    assert fingerprint_of(rising).dhash == -1, "every cell is brighter than the one to its left: 64 ones"
    assert fingerprint_of(rising[:, ::-1].copy()).dhash == 0
    assert fingerprint_of(rising).grey
    coloured = rising.copy()
    coloured[..., 0] = 255
    assert not fingerprint_of(coloured).grey


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_to_compare(tmp_path: Path, count: int) -> None:
    look = fingerprint_of(np.asarray(Image.open(draw(tmp_path / "a.png", 1)).convert("RGB")))
    assert find_alike([look.dhash] * count, [look.tiny] * count) == []
