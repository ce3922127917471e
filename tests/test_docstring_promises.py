"""A module whose docstring says that it has no Qt, or loads no torch, keeps its word when it is imported."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROMISES = {
    "PySide6": re.compile(r"\b(no|without|nor|neither|never imports?|(does|do) not import) qt\b"),
    "torch": re.compile(
        r"\b(no|without|nor|neither|never (loads?|imports?)|(does|do) not (load|import)) torch\b(?!['’])"
    ),
}


@functools.cache
def promised() -> tuple[tuple[str, str], ...]:
    """Every module with a promise in its docstring, and the library that it promises to leave alone."""
    found = []
    for path in sorted((ROOT / "tldesk").rglob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        words = " ".join(docstring.lower().split())
        found += [(module_name(path), library) for library, said in PROMISES.items() if said.search(words)]
    return tuple(found)


def module_name(path: Path) -> str:
    """The dotted name of a file of the program."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def brings_in(library: str, modules: tuple[str, ...]) -> bool:
    """Whether a fresh interpreter has ``library`` loaded once it has imported ``modules``."""
    code = f"import sys, importlib\nfor m in {modules!r}: importlib.import_module(m)\n"
    command = [sys.executable, "-c", f"{code}sys.exit(3 if {library!r} in sys.modules else 0)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in {0, 3}, done.stderr
    return done.returncode == 3


def test_the_promises_are_found() -> None:
    modules = {module for module, _ in promised()}
    assert {"tldesk.engine", "tldesk.run", "tldesk.trainer"} <= modules
    assert len(modules) >= 20


@pytest.mark.parametrize(("module", "library"), promised())
def test_a_module_keeps_its_word(module: str, library: str) -> None:
    every = tuple(sorted(name for name, promise in promised() if promise == library))
    if brings_in(library, every):  # somebody broke it: was it this one?
        assert not brings_in(library, (module,)), f"{module} brings in {library}"


def test_a_broken_promise_is_noticed() -> None:
    assert brings_in("torch", ("tldesk.model.heads",))
    assert brings_in("PySide6", ("tldesk.ui.theme",))
