"""The cheap parts of benchmarks/: written sets, kept results, the page. Nothing is measured here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import sets, words
from benchmarks.__main__ import _deciding
from benchmarks.bench import Bench
from benchmarks.kept import Kept
from benchmarks.page import page
from benchmarks.rows import ROWS
from benchmarks.rows.tuning import Way, best_way


@pytest.fixture
def photos(tmp_path: Path) -> list[sets.Original]:
    """Seven noisy photos of two classes."""
    for number in range(7):
        pixels = np.random.default_rng(number).integers(0, 256, (60, 90, 3)).astype(np.uint8)
        label = "ants" if number < 3 else "bees"
        place = tmp_path / "data" / "ants_bees" / "train" / label / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place)
    return sets.originals(tmp_path / "data")


def test_every_photo_is_in_one_split_whatever_is_made_of_it(photos: list[sets.Original]) -> None:
    assert {one.label for one in photos} == {"ants", "bees"}
    planned = sets.planned(photos, small=30, large=9)
    splits: dict[Path, set[str]] = {}
    for picture in planned:
        splits.setdefault(picture.original, set()).add(picture.place.split("/")[0])
    assert len(splits) == 7
    assert all(len(found) == 1 for found in splits.values())
    assert len({picture.place for picture in planned}) == 39
    assert sum(picture.size == (4000, 3000) for picture in planned) == 9


def test_a_set_is_written_once_and_the_same_each_time(photos: list[sets.Original], tmp_path: Path) -> None:
    planned = sets.planned(photos, small=4, large=0)
    assert sets.write(tmp_path / "one", planned, workers=1) == 4
    assert sets.write(tmp_path / "one", planned, workers=1) == 0
    assert sets.write(tmp_path / "two", planned, workers=1) == 4
    for picture in planned:
        first, second = (tmp_path / folder / picture.place for folder in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()
        with Image.open(first) as image:
            assert image.size == (512, 384)
    (tmp_path / "one" / planned[2].place).unlink()
    assert sets.write(tmp_path / "one", planned, workers=1) == 1


def test_two_pictures_of_one_photo_differ() -> None:
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8))
    one, two = (np.asarray(sets.made(photo, (64, 48), seed)).astype(int) for seed in (1, 2))
    assert one.shape == two.shape == (48, 64, 3)
    assert np.abs(one - two).mean() > 5


def test_the_middle_round_counts_and_a_new_first_round_begins_anew(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for number, seconds in enumerate((5.0, 3.0, 4.0)):
        kept.write(_record("frozen", "big", "tldesk", number, seconds=seconds))
    median = kept.median("frozen", "big", "tldesk")
    assert median is not None
    assert median["seconds"] == 4.0
    kept.write(_record("frozen", "big", "tldesk", 0, seconds=9.0))
    assert [one["seconds"] for one in kept.rounds("frozen", "big", "tldesk")] == [9.0]


def test_a_program_that_fails_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path, ("coffee_leaf",), asked="python -m benchmarks --only frozen")
    record = bench.run("frozen", "coffee_leaf", "tldesk", "no_such_program")
    assert "no_such_program" in record["failed"]
    assert bench.kept.median("frozen", "coffee_leaf", "tldesk") is None
    assert "no_such_program" in capsys.readouterr().out
    text = page(bench.kept, {})
    assert "- frozen, coffee_leaf, tldesk: code 1: " in text
    assert "- by: `python -m benchmarks --only frozen`\n" in text


def test_the_page_holds_every_row_also_where_nothing_was_measured(tmp_path: Path) -> None:
    text = page(Kept(tmp_path), {"cores": "2"})
    assert "- cores: 2" in text
    assert all(f"## {row.TITLE}\n" in text for row in ROWS.values())
    assert text.count("Not measured.") == len(ROWS)


def test_the_page_tells_ratios_with_the_accuracies_beside_them(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    scores = {"accuracy": 0.9, "validation": 0.91}
    kept.write(_record("frozen", "big", "tldesk", 0, seconds=10.0, without_imports=7.0, **scores))
    kept.write(_record("frozen", "big", "plain", 0, seconds=40.0, without_imports=36.0, **scores))
    reached = {"epochs": [150.0, 150.0], "reached": True, "best": 0.92}
    kept.write(
        _record("frozen", "big", "fastai", 0, seconds=400.0, without_imports=390.0, **scores, **reached)
    )
    text = page(kept, {})
    assert (
        "| big | plain | 40.0 s | 36.0 s | 0.900 | 0.910 | 0.250 | 0.200 | missed: 1.2 times too slow |"
        in text
    )
    assert "| big | fastai, 2 epochs | 400.0 s | 390.0 s | 0.900 | 0.910 | 0.025 | 0.033 | reached |" in text
    assert "| head | 2.00 s | 20 % |" in text


def test_accuracies_are_compared_seed_by_seed(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for seed, (ours, theirs) in enumerate(((0.9, 0.8), (0.8, 0.8), (0.7, 0.9))):
        more = {"recipe": "two-phase fine-tuning"}
        kept.write(_record("accuracy", "ants_bees.few", f"tldesk-{seed}", 0, accuracy=ours, **more))
        if seed < 2:  # the third is not measured yet
            kept.write(_record("accuracy", "ants_bees.few", f"fastai-{seed}", 0, accuracy=theirs))
    (line,) = [line for line in ROWS["accuracy"].lines(kept) if line.startswith("| ants_bees")]
    assert "| 10 per class | 2 | 0.850 ± 0.071 | 0.800 ± 0.000 | 0.050 ± 0.071 |" in line
    assert line.endswith("| above |")


def test_fine_tuning_is_compared_with_the_frozen_head(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for seed, (frozen, tuned) in enumerate(((0.9, 0.95), (0.9, 0.93))):
        more = {"recipe": "any"}
        kept.write(_record("accuracy", "coffee_leaf.full", f"tldesk-{seed}", 0, accuracy=tuned, **more))
        name = f"feature_extraction-{seed}"
        kept.write(_record("accuracy", "coffee_leaf.full", name, 0, accuracy=frozen, **more))
    (line,) = [line for line in ROWS["accuracy"].lines(kept) if line.startswith("| coffee_leaf")]
    assert "| 2 | 0.900 ± 0.000 | 0.940 ± 0.014 | 0.040 ± 0.014 | 2.00 s | 2.00 s | above |" in line


def test_a_second_training_is_compared_with_the_first_of_its_program(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    more = {
        "took": {"first": 20.0, "head": 1.9, "recipe": 2.1},
        "scores": {"first": 0.9, "head": 0.91, "recipe": 0.92},
    }
    kept.write(_record("second", "big", "one program", 0, **more))
    text = "\n".join(ROWS["second"].lines(kept))
    assert "| big | dense head | 20.0 s | 0.900 | 1.90 s | 0.910 | 0.095 | reached |" in text
    assert "| 2.10 s | 0.920 | 0.105 | missed: 1.1 times too slow |" in text


def test_the_command_that_is_shown_holds_what_decides_and_no_place() -> None:
    given = ["--only", "epoch", "--resume", "--scratch", "/home/someone/scratch", "--repeat", "3"]
    assert _deciding(given) == ["--only", "epoch", "--repeat", "3"]


def test_the_fastest_way_of_a_peer_is_taken(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert best_way(kept, "torch") == Way(2, passive=True)
    for way, seconds in ((Way(2, passive=True), 9.0), (Way(0, passive=True), 8.0)):
        kept.write(_record("tuning", "torch", way.name, 0, without_imports=seconds))
    assert best_way(kept, "torch") == Way(0, passive=True)


@pytest.mark.parametrize(
    ("value", "text"), [(0.2, "reached"), (0.3, "missed: 1.5 times too slow"), (None, "–")]
)
def test_what_is_missed_says_by_how_much(value: float | None, text: str) -> None:
    assert words.reached(value, 0.2) == text


def _record(row: str, case: str, program: str, number: int, **values: Any) -> dict[str, Any]:
    parts = {"parts": {"head": 2.0}, "start_up": 0.5, "imports": 2.5, "images": 2800, "epochs": 60}
    place = {"row": row, "case": case, "program": program, "round": number}
    return {
        "seconds": 1.0,
        "processor_seconds": 2.0,
        "measured": "2026-01-01T00:00:00+00:00",
        **parts,
        **place,
        **values,
    }
