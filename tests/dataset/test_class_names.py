"""One class for the ways in which systems, tables and people write its name."""

from __future__ import annotations

import unicodedata

import pytest

from tldesk.dataset.class_names import alike_but_for_case, class_name


@pytest.mark.parametrize(
    "text", ["Blé", unicodedata.normalize("NFD", "Blé"), " Blé", "Blé\u00a0\t", "\ufeffBlé \u200b"]
)
def test_one_name(text: str) -> None:
    assert class_name(text) == "Blé"


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u200b"])
def test_no_name(text: str) -> None:
    assert class_name(text) == ""


def test_inner_blanks_and_case_stay() -> None:
    assert class_name("Grey  leaf Spot") == "Grey  leaf Spot"


def test_case_is_for_a_person_to_decide() -> None:
    names = ["Rust", "healthy", "RUST", "rust ", "Straße", "STRASSE"]
    assert alike_but_for_case(names) == (("Rust", "RUST", "rust "), ("Straße", "STRASSE"))
    assert alike_but_for_case(["rust", "scab"]) == ()
