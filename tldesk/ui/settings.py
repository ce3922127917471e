"""The settings that the window remembers between starts: one JSON file in the user's folder."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
from pathlib import Path

from tldesk.base import ProblemError, user_dir, write_atomic

_RECENT = 10

log = logging.getLogger(__name__)


class Settings:
    """Geometry, theme, last folder, recent projects. If the file cannot be read, defaults are used."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_dir() / "settings.json"
        self._values: dict[str, object] = _load(self._file)

    def text(self, key: str, default: str = "") -> str:
        """Return a stored text."""
        value = self._values.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int) -> int:
        """Return a stored whole number."""
        value = self._values.get(key)
        return value if isinstance(value, int) else default

    def data(self, key: str) -> bytes:
        """Return stored bytes (such as a window's geometry); empty if there are none."""
        with contextlib.suppress(ValueError):
            return base64.b64decode(self.text(key), validate=True)
        return b""

    def put(self, key: str, value: str | int | bytes) -> None:
        """Store a value; it is written to disk at once."""
        stored = base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        if self._values.get(key) != stored:
            self._values[key] = stored
            self._save()

    def recent(self) -> tuple[Path, ...]:
        """Return recently opened projects that still exist, newest first."""
        known = self._values.get("recent")
        paths = [Path(name) for name in known if isinstance(name, str)] if isinstance(known, list) else []
        return tuple(path for path in paths if path.is_dir())

    def add_recent(self, project: Path) -> None:
        """Put a project at the top of the recent ones."""
        others = [path for path in self.recent() if path != project]
        self._values["recent"] = [str(path) for path in (project, *others)][:_RECENT]
        self._save()

    def folder(self) -> Path:
        """The folder in which a file dialog starts."""
        last = Path(self.text("folder"))
        return last if self.text("folder") and last.is_dir() else Path.home()

    def _save(self) -> None:
        try:
            write_atomic(self._file, json.dumps(self._values, indent=1, ensure_ascii=False))
        except ProblemError as error:
            # A full disk must not prevent the window from closing
            log.warning("settings not kept: %s", error)


def _load(file: Path) -> dict[str, object]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
