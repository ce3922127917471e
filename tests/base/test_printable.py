"""Names cannot steer the terminal."""

from __future__ import annotations

from tldesk.base.printable import printable, printable_lines


def test_signs_that_steer_are_written_out() -> None:
    assert printable("Fäule 病\n\x1b[2J\x07\x9b\u202e\t\r") == "Fäule 病\\n\\x1b[2J\\x07\\x9b\\u202e\\t\\r"
    assert printable_lines("a\tb\nc\x1b") == "a\tb\nc\\x1b"
