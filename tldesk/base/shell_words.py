"""Words as they must be typed into a shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from tldesk.base.file_names import is_text, shown

_DOUBLED = {ord("\\"): "\\\\", ord("'"): "\\'"}


def typed(word: Path | str) -> str:
    """Return ``word`` as it must be typed into a shell, quoted if it contains spaces and the like.

    After ``./``, the hyphen at the start of a path is not taken for an option's.
    """
    if isinstance(word, Path) and str(word).startswith("-"):
        word = f"./{word}"
    if sys.platform == "win32":
        return subprocess.list2cmdline([str(word)])
    quoted = shlex.quote(str(word))
    # A shell takes bytes that are no UTF-8 between $' and ', where a backslash must be doubled.
    return quoted if is_text(quoted) else f"$'{shown(str(word).translate(_DOUBLED))}'"


def typed_class(name: str) -> str:
    """Return a class name as it must be typed; after a blank, a hyphen is not taken for an option's."""
    return typed(f" {name}" if name.startswith("-") else name)
