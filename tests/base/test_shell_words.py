"""Words are quoted as a shell reads them."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tldesk.base.shell_words import typed, typed_class

pytestmark = pytest.mark.skipif(os.name == "nt", reason="quoted for a POSIX shell")


@pytest.mark.parametrize("word", ["plain", "two words", "it's", 'a "b"', "$HOME", "`x`", "a;b", "a\\b", ""])
def test_a_word_is_read_back(word: str) -> None:
    assert shlex.split(typed(word)) == [word]


def test_hyphens_are_no_options() -> None:
    assert shlex.split(typed(Path("-a b"))) == ["./-a b"]
    assert shlex.split(typed_class("-neg")) == [" -neg"]


def test_bytes_that_are_no_text() -> None:
    assert typed(os.fsdecode(b"caf\xe9 it's")) == r"$'caf\xe9 it\'s'"
