"""Files of JSON lines that survive a crash: lines are on disk once appended; an incomplete one is skipped."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


def append_line(path: Path, values: dict[str, Any]) -> None:
    """Append one line of JSON; it is on disk when this returns."""
    line = json.dumps(values, ensure_ascii=False) + "\n"
    # Start a new line if the last one was cut off by a crash, so that this one stays readable.
    start = "" if _ends_with_newline(path) else "\n"
    with path.open("ab") as file:
        file.write((start + line).encode("utf-8", "backslashreplace"))
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the complete lines of a file in order; none if there is no file."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            _log.info("%s: skipped an incomplete line", path)
            continue
        if isinstance(values, dict):
            yield values


def _ends_with_newline(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
