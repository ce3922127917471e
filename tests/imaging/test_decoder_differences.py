"""Every difference from Pillow, tifffile and pydicom on the odd files has a known reason."""

from __future__ import annotations

import warnings
from pathlib import Path

from benchmarks.decoder_differences import LEVELS, PAGE, page


def test_every_difference_over_two_grey_levels_has_its_reason_and_is_listed(data_dir: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the references' own
        text, explained = page(data_dir)
    assert LEVELS == 2
    assert explained
    rows, listed = (
        [line.split("|")[1:3] for line in one.splitlines() if line.startswith(("| odd/", "| dicom/"))]
        for one in (text, PAGE.read_text(encoding="utf-8"))
    )
    assert rows == listed
