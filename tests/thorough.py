"""Thorough tests: left out where they passed with the same code before; a few of each kind always run.

What they ask follows from the networks alone: whether each of 159 is built, recognised, frozen, converted and
trained as its family is, and what the starter, which one of them is trained to be, makes of the sample
pictures. That takes half an hour, and the answer is the same until a network changes. So everything that
decides what the networks are is hashed, and the hash with which all of these tests passed is kept beside this
file. If it differs, or is missing, all run. ``make thorough`` runs them and stores the hash.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.mark import ParameterSet

if TYPE_CHECKING:
    from tldesk.model import Card

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_name("thorough_passed.txt")
_SOURCES = (
    "tldesk/model/**/*.py",
    "tldesk/engine/**/*.py",
    "tldesk/prediction/saliency.py",
    "tldesk/dataset/sample/**/*.py",
    "tldesk/cli/chosen_recipe.py",
    "pretraining/**/*.py",
    "resources/cards/*.json",
    "resources/weights/*",
)
_PACKAGES = ("torch", "torchvision", "timm", "openvino")


def fingerprint() -> str:
    """SHA-256 of all that decides what the networks are and how they are tested."""
    found = hashlib.sha256()
    sources = {path for pattern in _SOURCES for path in ROOT.glob(pattern)}
    for file in sorted(sources | _tests()):
        found.update(f"{file.relative_to(ROOT).as_posix()}\n".encode())
        found.update(_code(file.read_text(encoding="utf-8")) if file.suffix == ".py" else file.read_bytes())
    for package in _PACKAGES:
        found.update(f"{package} {metadata.version(package).partition('+')[0]}\n".encode())
    return found.hexdigest()


def _tests() -> set[Path]:
    """The files with thorough tests, and those that they take their networks and checks from."""
    files = (ROOT / "tests").rglob("*.py")
    named = ("mark.thorough", "import backbones", "import each_card")
    using = {file for file in files if any(name in file.read_text(encoding="utf-8") for name in named)}
    return using | {ROOT / "tests" / "backbones.py", ROOT / "tests" / "model" / "card_checks.py"}


def _code(text: str) -> bytes:
    """The code without comments and docstrings, whose words change nothing."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        described = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if described and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree).encode()


def all_passed_before() -> bool:
    """Whether all thorough tests passed with this very code."""
    return RECORD.is_file() and RECORD.read_text(encoding="utf-8").strip() == fingerprint()


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the thorough tests out of ``items``, unless they are asked for or never passed with this code."""
    thorough = [item for item in items if item.get_closest_marker("thorough")]
    asked_for = "thorough" in config.option.markexpr or any("::" in argument for argument in config.args)
    if thorough and not asked_for and all_passed_before():
        config.hook.pytest_deselected(items=thorough)
        left_out = set(thorough)
        items[:] = [item for item in items if item not in left_out]


def each_card(cards: Iterable[Card]) -> list[ParameterSet]:
    """The cards' names to parametrise a test with: marked are all but the smallest of each family."""
    smallest: dict[str, Card] = {}
    known = list(cards)
    for card in known:
        if card.family not in smallest or card.parameters < smallest[card.family].parameters:
            smallest[card.family] = card
    first = {card.name for card in smallest.values()}
    return [
        pytest.param(card.name, marks=() if card.name in first else pytest.mark.thorough, id=card.name)
        for card in known
    ]


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("python tests/thorough.py takes no options: it notes that all thorough tests passed")
    RECORD.write_text(fingerprint() + "\n", encoding="utf-8")
