r"""File names as text. On Linux a name may hold bytes that are no UTF-8: no text that can be stored or shown.

Python hands such bytes over as lone surrogates, which no database, no table and no JSON document takes. So
the paths of pictures are kept as text: a byte that is no UTF-8 reads ``\xe9``, as programs of the system show
it, and is put back where the file is opened. Other systems have no such names.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

WRITTEN_OUT = "tldesk-written-out"
"""The ``errors`` of a text stream that writes out what its encoding lacks, and bytes as ``as_text`` does."""

_ANY_BYTES = os.name != "nt"
_LONE = re.compile("[\udc80-\udcff]")
_LOOKS_ESCAPED = re.compile(r"\\(?=x[0-9a-f]{2})")
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


def as_text(name: str) -> str:
    r"""Return a name or path as text that can be stored and shown: ``"caf\udce9.jpg"`` gives ``caf\xe9.jpg``.

    A backslash that would be taken for such a byte is itself written ``\x5c``, so that ``on_disk`` is exact.
    """
    if not _ANY_BYTES or (name.isascii() and "\\" not in name):
        return name
    plain = _LOOKS_ESCAPED.sub(r"\\x5c", name)
    return _LONE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", plain)


def text_path(path: Path) -> Path:
    """Return a path whose text is ``as_text`` of it."""
    text = os.fspath(path)
    plain = as_text(text)
    return path if plain == text else Path(plain)


def on_disk(path: Path | str) -> str:
    """Return the path under which the file lies, given its text; the inverse of ``as_text``."""
    text = os.fspath(path)
    if not _ANY_BYTES or "\\x" not in text:
        return text
    # Byte by byte: several of them may make one character, where the text stood for a real backslash.
    name = _ESCAPED.sub(lambda found: os.fsdecode(bytes([int(found[1], 16)])), text)
    return os.fsdecode(os.fsencode(name))


def is_text(name: str) -> bool:
    """Return whether a name, as Python gives it, holds no bytes that are no UTF-8."""
    return name.isascii() or _LONE.search(name) is None


def shown(text: str, *, in_json: bool = False) -> str:
    r"""Return any text for the screen: lone surrogates read ``\xe9``; the rest is unchanged.

    ``in_json``: the text is a JSON document, in whose strings a backslash is written twice.
    """
    before = "\\\\" if in_json else "\\"
    return _LONE.sub(lambda found: f"{before}x{ord(found[0]) - 0xDC00:02x}", text)


def _written_out(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    failed = shown(error.object[error.start : error.end])
    return failed.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error(WRITTEN_OUT, _written_out)
