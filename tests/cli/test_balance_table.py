"""The table of splits is cut where there are thousands of classes."""

from __future__ import annotations

import pytest

from tldesk.cli.balance_table import show_balance
from tldesk.cli.console import Console
from tldesk.dataset import Balance, Split, Spread


def test_thousands_of_classes_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    counts = dict.fromkeys(Split, 1)
    classes = tuple(Spread(f"cls{n:04d}", n, counts, 0, {Split.TEST: "few"}) for n in range(1500))
    empty = Spread("", None, dict.fromkeys(Split, 0), 0, {})
    show_balance(Balance({}, classes, empty, empty, {}, 0, locked=False), Console())
    lines = capsys.readouterr().out.splitlines()
    assert lines[50].startswith("cls0049 ")
    assert lines[51].split() == ["and", "1,450", "more", "classes"]
    assert lines[52].startswith("all labelled")
    assert lines[53].endswith("(cls0000, cls0001, cls0002, cls0003, cls0004 and 1,495 more).")
