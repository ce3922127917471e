"""No text below the command line names a shell command: the window shows these texts too."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tldesk.cli.main import parser

PACKAGE = Path(__file__).resolve().parents[1] / "tldesk"
FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if file.relative_to(PACKAGE).parts[0] != "cli"]


def commands_of_the_parser() -> tuple[str, ...]:
    (found,) = (one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))
    return tuple(found.choices)


COMMAND = re.compile(
    rf"(?<![\w.])tldesk\s+(?:{'|'.join(commands_of_the_parser())})(?![\w-])"  # tldesk weights
    r"|(?<![\w-])--[a-z]"  # --json
)


TAKE_COMMANDS = {
    "Problem",
    "steps_for_bundle",  # for a README, which is read before window or shell are open
}


def takes_command(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TAKE_COMMANDS


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines and texts of a module's strings, except docstrings and the commands of ``TAKE_COMMANDS``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.keyword) and node.arg == "command" and takes_command(tree):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        yield from texts(node)


def breaches(source: str) -> list[tuple[int, str]]:
    return [(line, text) for line, text in texts(ast.parse(source)) if COMMAND.search(text)]


def test_only_the_command_line_names_shell_commands() -> None:
    assert len(FILES) > 300
    found = {
        f"{file.relative_to(PACKAGE)}:{line}": text
        for file in FILES
        for line, text in breaches(file.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'fix = "Import some: tldesk weights import FILE"',
        'fix = f"Or type: tldesk find-rate {project}"',
        'fix = f"Write --set {name}=VALUE"',
        'show(command="tldesk weights import FILE")',
        'Problem("", "what", "Clear them (tldesk cache)", command="tldesk cache PROJECT --clear all")',
    ],
)
def test_a_command_in_a_text_is_found(source: str) -> None:
    assert len(breaches(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""``tldesk check --json`` prints this."""',
        'Problem("", "what", "Import weights", command="tldesk weights import FILE")',
        'text = "Choose a folder NAME.tldesk made by tldesk -- or another"',
        'text = "tldesk checks each file; tldesk find-rates; a NAME.tldesk check; two--three"',
    ],
)
def test_docstrings_commands_and_other_words_pass(source: str) -> None:
    assert not breaches(source)
