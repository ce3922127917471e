"""What has happened to the files of known images since the last scan, in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tldesk.base import plural
from tldesk.dataset.files.folder_changes import FolderChanges


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The changes found before pictures are used.

    Attributes:
        changed: number of images whose file has other content than when it was last read; read again by now.
        new: number of pictures at new paths that were left alone; 0 after a scan.
        vanished: number of pictures no longer at their paths; 0 after a scan, which knows them as missing.
        tables: tables of labels that were changed and not read again.
    """

    changed: int = 0
    new: int = 0
    vanished: int = 0
    tables: tuple[Path, ...] = ()

    @classmethod
    def left(cls, changes: FolderChanges) -> CaughtUp:
        """Return what is left to a rescan if no known picture was changed."""
        return cls(0, changes.new, changes.vanished, changes.tables)

    @property
    def words(self) -> str:
        """A sentence about the pictures that were read again; "" if there are none."""
        if not self.changed:
            return ""
        were = "was" if self.changed == 1 else "were"
        return f"{plural(self.changed, 'picture')} changed since the last scan and {were} read again."

    @property
    def left_words(self) -> str:
        """A sentence about what only a rescan takes in; "" if there is nothing."""
        parts = [plural(self.new, "new picture")] if self.new else []
        parts += [f"{plural(self.vanished, 'picture')} missing or moved"] if self.vanished else []
        parts += [f"a changed table ({table.name})" for table in self.tables]
        return f"Not scanned yet: {', '.join(parts)}." if parts else ""
