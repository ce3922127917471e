"""Whatever tldesk imports is declared in pyproject.toml, under what is needed there."""

from __future__ import annotations

import ast
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRA_OF_ROOM = {"ui": "ui", "model": "timm"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(extra: str | None) -> set[str]:
    """Names of the distributions that ``pip install tldesk``, or with that extra, asks for by itself."""
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"].get(extra, [])
    return {_plain(re.match(r"[\w.-]+", one)[0]) for one in wanted}


def _imported(file: Path) -> Iterator[str]:
    """Top-level names of the modules that a file imports, at its top or inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
        yield from (name.partition(".")[0] for name in names)


@pytest.mark.parametrize("room", [one.name for one in pkgutil.iter_modules([str(ROOT / "tldesk")])])
def test_what_a_room_imports_is_declared(room: str) -> None:
    brought_by = packages_distributions()
    declared = _declared(EXTRA_OF_ROOM.get(room))
    own = {*sys.stdlib_module_names, "tldesk"}
    undeclared = {
        (name, str(file.relative_to(ROOT)))
        for file in [*(ROOT / "tldesk" / room).rglob("*.py"), *(ROOT / "tldesk").glob(f"{room}.py")]
        for name in _imported(file)
        if name not in own and not {_plain(one) for one in brought_by.get(name, [name])} & declared
    }
    assert undeclared == set()
