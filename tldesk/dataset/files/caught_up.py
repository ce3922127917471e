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
        lost: number of pictures that could be read before and no longer can; they are in quarantine now.
        absent: folders of pictures that are not there.
        elsewhere: number of images that a scan found outside the folder of their class; labels were kept.
    """

    changed: int = 0
    new: int = 0
    vanished: int = 0
    tables: tuple[Path, ...] = ()
    lost: int = 0
    absent: tuple[Path, ...] = ()
    elsewhere: int = 0

    @classmethod
    def left(cls, changes: FolderChanges) -> CaughtUp:
        """Return what is left to a rescan if no known picture was changed."""
        return cls(0, changes.new, changes.vanished, changes.tables, absent=_images(changes))

    @classmethod
    def read(cls, changes: FolderChanges, changed: int, lost: int, elsewhere: int) -> CaughtUp:
        """Return what a scan has read again."""
        return cls(changed, lost=lost, absent=_images(changes), elsewhere=elsewhere)

    @property
    def words(self) -> str:
        """Sentences about absent folders, pictures read again and pictures moved; "" if there are none."""
        return " ".join([*map(_absent_words, self.absent), *self._changed_words(), *self._elsewhere_words()])

    def _elsewhere_words(self) -> list[str]:
        if not self.elsewhere:
            return []
        if self.elsewhere == 1:
            return ["1 image is not in the folder of its class; it kept its label."]
        return [f"{self.elsewhere:,} images are not in the folders of their classes; they kept their labels."]

    def _changed_words(self) -> list[str]:
        if not self.changed:
            return []
        were = "was" if self.changed == 1 else "were"
        lost = f"; {self._lost_words()} be read any more" if self.lost else ""
        return [f"{plural(self.changed, 'picture')} changed since the last scan and {were} read again{lost}."]

    def _lost_words(self) -> str:
        if self.changed == 1:
            return "it is left out, because it cannot"
        return (
            f"{self.lost:,} of them {'is' if self.lost == 1 else 'are'} left out, because "
            f"{'it' if self.lost == 1 else 'they'} cannot"
        )

    @property
    def left_words(self) -> str:
        """A sentence about what only a rescan takes in; "" if there is nothing."""
        parts = [plural(self.new, "new picture")] if self.new else []
        parts += [f"{plural(self.vanished, 'picture')} missing or moved"] if self.vanished else []
        parts += [f"a changed table ({table.name})" for table in self.tables]
        return f"Not scanned yet: {', '.join(parts)}." if parts else ""


def _images(changes: FolderChanges) -> tuple[Path, ...]:
    return tuple(source.images for source in changes.absent)


def _absent_words(folder: Path) -> str:
    return f"The folder of pictures {folder} is not there; only what was read from it before can be used."
