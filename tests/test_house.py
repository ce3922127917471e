"""Rules of the house that no linter knows: names stand once, files stay readable, tests mirror modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "tldesk").rglob("*.py"))
PAGE_FILES = {"__init__.py", "page.py", "words.py", "work.py"}  # every page has these
MOST_LINES = 400


def test_no_file_name_stands_in_two_rooms() -> None:
    where = defaultdict(list)
    for file in MODULES:
        if file.name not in PAGE_FILES:
            where[file.name].append(str(file.relative_to(ROOT)))
    assert not {name: files for name, files in where.items() if len(files) > 1}


def test_no_public_class_stands_in_two_files() -> None:
    where = defaultdict(list)
    for file in MODULES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(str(file.relative_to(ROOT)))
    assert not {name: files for name, files in where.items() if len(files) > 1}


@pytest.mark.parametrize("folder", ["tldesk", "tests", "pretraining", "benchmarks", "packaging"])
def test_files_stay_readable_in_one_go(folder: str) -> None:
    lines = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / folder).rglob("*.py")
    }
    limit = MOST_LINES if folder == "tldesk" else MOST_LINES + 50
    assert not {name: count for name, count in lines.items() if count > limit}


def test_tests_lie_in_folders_that_the_program_has() -> None:
    beside = {Path("pretraining")}  # a tool beside the program
    folders = {file.parent.relative_to(ROOT / "tests") for file in (ROOT / "tests").rglob("test_*.py")}
    assert not {one for one in folders - beside if not (ROOT / "tldesk" / one).is_dir()}
