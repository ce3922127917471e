"""Which cards are built and computed with in a test run: all of them where what they are made of has changed.

Building all 159 networks takes minutes, and most changes cannot touch them. ``cards_checked.txt`` holds a
digest of everything that a card's test depends on, as it was when all cards last passed. As long as it fits,
one card of each family is built; otherwise all are. So a change is never skipped, whether git is there or
not.

After a change, ``python tests/model/card_choice.py`` checks all cards and writes the new digest if they pass.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tldesk.model import Card

ROOT = Path(__file__).resolve().parents[2]
CHECKED = Path(__file__).with_name("cards_checked.txt")
ALL = "TLDESK_ALL_CARDS"
"""Set to 1, all cards are built whatever the digest says."""
_TESTS = ("card_checks.py", "card_choice.py", "test_every_card.py", "test_timm_cards.py")


def chosen(cards: Mapping[str, Card]) -> list[str]:
    """The names of all cards, or of the smallest of each family."""
    if os.environ.get(ALL) == "1" or not CHECKED.is_file() or CHECKED.read_text().strip() != digest():
        return list(cards)
    smallest: dict[str, Card] = {}
    for one in cards.values():
        if one.family not in smallest or one.parameters < smallest[one.family].parameters:
            smallest[one.family] = one
    return [one.name for one in smallest.values()]


def digest() -> str:
    """Of the code and the numbers of the cards, their tests, and the libraries' versions."""
    found = hashlib.sha256()
    for part in _parts():
        found.update(part.encode())
        found.update(b"\0")
    return found.hexdigest()


def _parts() -> Iterator[str]:
    files = [
        *sorted((ROOT / "tldesk" / "model").rglob("*.py")),
        ROOT / "tldesk" / "prediction" / "saliency.py",
        *(Path(__file__).with_name(name) for name in _TESTS),
    ]
    for file in files:
        yield file.relative_to(ROOT).as_posix()
        yield _code(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "resources" / "cards").glob("*.json")):
        yield file.read_text(encoding="utf-8")
    for name in ("torch", "torchvision", "timm"):
        try:
            yield importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            yield f"no {name}"


def _code(text: str) -> str:
    """Without comments and docstrings, whose words change nothing."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def main() -> int:
    """Check all cards; keep the digest if they pass."""
    import pytest

    os.environ[ALL] = "1"
    tests = (str(Path(__file__).with_name(name)) for name in _TESTS[2:])
    code = int(pytest.main(["-q", "-k", "the_stages_are", *tests]))
    if code == 0:
        CHECKED.write_text(digest() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
