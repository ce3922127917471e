"""Which cards' networks the tests build: a few of each family always, all where something has changed.

Building all 159 networks takes minutes. Everything that decides what they are is hashed, and the hash of the
last time that all of them passed is kept beside this file; if it differs, or is missing, all are built.
``make cards`` builds all and stores the hash.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.mark import ParameterSet

if TYPE_CHECKING:
    from tldesk.model import Card

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("all_cards_passed.txt")


def fingerprint() -> str:
    """SHA-256 of all that decides what a card's network is and how it is tested."""
    found = hashlib.sha256()
    sources = [
        *sorted((ROOT / "tldesk" / "model").rglob("*.py")),
        *sorted((ROOT / "resources").rglob("*.json")),
        ROOT / "tldesk" / "prediction" / "saliency.py",
        *(
            Path(__file__).with_name(f"{name}.py")
            for name in ("card_checks", "test_every_card", "test_timm_cards")
        ),
    ]
    for file in sources:
        found.update(f"{file.relative_to(ROOT).as_posix()}\n".encode())
        text = file.read_text(encoding="utf-8")
        found.update((_code(text) if file.suffix == ".py" else text).encode())
    for package in ("torch", "torchvision", "timm"):
        found.update(f"{package} {metadata.version(package).partition('+')[0]}\n".encode())
    return found.hexdigest()


def _code(text: str) -> str:
    """The code without comments and docstrings, whose words change nothing."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        described = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if described and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def all_passed_before() -> bool:
    """Whether all cards' networks were built with this very code, and passed."""
    return RECORD.is_file() and RECORD.read_text(encoding="utf-8").strip() == fingerprint()


def each_card(cards: Iterable[Card]) -> list[ParameterSet]:
    """The cards' names to parametrise a test with; marked are all but the smallest of each family and those
    that the thorough tests go through."""
    from backbones import backbones

    smallest: dict[str, Card] = {}
    known = list(cards)
    for card in known:
        if card.family not in smallest or card.parameters < smallest[card.family].parameters:
            smallest[card.family] = card
    first = {card.name for card in smallest.values()} | {one.id for one in backbones()}
    return [
        pytest.param(card.name, marks=() if card.name in first else pytest.mark.every_card, id=card.name)
        for card in known
    ]


if __name__ == "__main__":
    RECORD.write_text(fingerprint() + "\n", encoding="utf-8")
