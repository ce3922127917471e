"""Errors as the window shows them: where, what and how to fix it, and never a command."""

from __future__ import annotations

import pytest

from tldesk.base import Problem, ProblemError
from tldesk.ui import errors


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory")])
def test_missing_memory_is_reported_without_a_place(qtbot, error):
    assert errors.text_of(error).startswith("Not enough memory. Use a smaller batch size")
    box = errors.show(None, error)
    qtbot.addWidget(box)
    assert box.text() == "Not enough memory."
    box.close()


def test_commands_are_not_shown(qtbot):
    one = Problem("weights", "there are none", "Import some", command="tldesk weights import FILE")
    error = ProblemError(one, one)
    box = errors.show(None, error)
    qtbot.addWidget(box)
    label = errors.ProblemLabel()
    qtbot.addWidget(label)
    label.set_problems(error.problems)
    for shown in (errors.text_of(error), box.text(), box.informativeText(), label.text()):
        assert "tldesk" not in shown
    box.close()
