"""One class for the ways in which systems, tables and people write its name."""

from __future__ import annotations

import unicodedata

import pytest

from tldesk.dataset.class_names import alike_names, class_name


@pytest.mark.parametrize(
    "text", ["Blé", unicodedata.normalize("NFD", "Blé"), " Blé", "Blé\u00a0\t", "\ufeffBlé \u200b"]
)
def test_one_name(text: str) -> None:
    assert class_name(text) == "Blé"


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u200b"])
def test_no_name(text: str) -> None:
    assert class_name(text) == ""


def test_blanks_inside_are_one_and_case_stays() -> None:
    assert class_name("Grey  leaf\u00a0\n Spot") == "Grey leaf Spot"


def test_case_is_for_a_person_to_decide() -> None:
    names = ["Rust", "healthy", "RUST", "rust ", "Straße", "STRASSE"]
    assert alike_names([" Red fox", "red_fox", "Red-Fox", "redfox"]) == ((" Red fox", "red_fox", "Red-Fox"),)
    assert alike_names(["_", "-"]) == ()
    assert alike_names(names) == (("Rust", "RUST", "rust "), ("Straße", "STRASSE"))
    assert alike_names(["rust", "scab"]) == ()
