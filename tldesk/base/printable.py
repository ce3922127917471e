"""Text for a terminal: signs that would steer it, or forge lines, are written out."""

from __future__ import annotations

import re

# C0 and C1 controls, the separators of lines and paragraphs, and marks that turn the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""Return text of one line that is safe to print: a newline reads ``\n``, an escape ``\x1b``.

    A name of a class or a file may hold such signs; printed raw, it could clear the screen or look like a
    line that the program wrote.
    """
    return _STEERING.sub(_written_out, text)


def printable_lines(text: str) -> str:
    """Return text of several lines that is safe to print; its newlines and tabs stay."""
    return _STEERING.sub(lambda found: found[0] if found[0] in "\n\t" else _written_out(found), text)


def _written_out(found: re.Match[str]) -> str:
    sign = found[0]
    code = ord(sign)
    return _NAMED.get(sign) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
