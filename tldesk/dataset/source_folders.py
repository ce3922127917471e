"""The folders of pictures of a project: adding, copying in, relocating, comparing with the last scan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from tldesk.base import Progress
from tldesk.base.file_names import text_path
from tldesk.base.project_lock import holding
from tldesk.dataset.files import bring_in as bringing
from tldesk.dataset.files import copy_in as copying
from tldesk.dataset.files import folder_changes
from tldesk.dataset.files.caught_up import CaughtUp
from tldesk.dataset.files.folder_changes import FolderChanges
from tldesk.dataset.files.packed import is_zip
from tldesk.dataset.files.rewritten import keep_newest, newest_seen
from tldesk.dataset.project_folder import project_name
from tldesk.dataset.records import Columns, LayoutChoice, Source
from tldesk.dataset.scan import sources, writes
from tldesk.dataset.scan.relocate import relocate
from tldesk.dataset.store import folder_says
from tldesk.dataset.store.database import Database
from tldesk.dataset.tables.cells import EXPORT_SUFFIXES, TABLE_SUFFIXES


class SourceFolders:
    """The folders of pictures of a project, available as ``project.folders``."""

    def __init__(
        self, path: Path, database: Database, scan: Callable[[threading.Event], Iterator[Progress]]
    ) -> None:
        """Use the project's folder ``path``; ``scan`` brings the project up to date with its folders."""
        self._path = path
        self._database = database
        self._scan = scan
        self._roots_lock = threading.Lock()
        self._roots: dict[int, Path] | None = None

    def sources(self) -> tuple[Source, ...]:
        """Return the folders of pictures."""
        with self._database.read() as connection:
            return sources.all_sources(connection, self._path)

    def add(
        self,
        images: Path | str,
        labels: Path | str | None = None,
        columns: Columns | None = None,
        layout: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
    ) -> None:
        """Add a folder of pictures; see ``Project.add_source``."""
        table = Path(labels) if labels is not None else None
        with self._database.write() as connection:
            sources.add_source(connection, self._path, Path(images), (table, columns), layout)
        self.forget_roots()

    def roots(self) -> Mapping[int, Path]:
        """Return the folder of each source by its id, as text; cached until ``forget_roots``."""
        with self._roots_lock:
            if self._roots is None:
                self._roots = {source.id: text_path(source.images) for source in self.sources()}
            return self._roots

    def forget_roots(self) -> None:
        """Clear the cached folders: another program may have relocated one."""
        with self._roots_lock:
            self._roots = None

    def bring_in(self, files: Sequence[Path], stop: threading.Event | None = None) -> Iterator[Progress]:
        """Copy single pictures into the project's own folder and read them.

        Raises:
            ProblemError: a picture cannot be copied, or the scan fails (see ``Project.scan``).
        """
        stop = stop if stop is not None else threading.Event()
        folder = self._path / bringing.FOLDER
        yield from bringing.bring_in(files, folder, stop)
        if folder.is_dir() and all(source.images != folder for source in self.sources()):
            self.add(folder)
        yield from self._scan(stop)

    def copy_in(
        self,
        images: Path | str,
        labels: Path | str | None = None,
        columns: Columns | None = None,
        stop: threading.Event | None = None,
        *,
        layout: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
    ) -> Generator[Progress, None, bool]:
        """Copy a folder of pictures, and its table, into the project; the next scan reads the copy.

        The pictures and tables of a zip file are unpacked. Its own tables are named as if it were a folder
        (``FILE.zip/labels.csv``).

        Returns:
            True if the folder was copied; False if ``stop`` was set, which leaves everything unchanged.

        Raises:
            ProblemError: as ``copy_in.copy_folder`` and ``copy_in.unpack_with_table``; or the folder already
                belongs to the project, or the table is invalid.
        """
        stop = stop if stop is not None else threading.Event()
        images = Path(images).absolute()
        table = Path(labels).absolute() if labels is not None else None
        columns = sources.checked_columns(images, table, columns, packed=is_zip(images))
        sources.refuse_overlap(self.sources(), images)
        into = self._path / copying.FOLDER
        doing = "is copying pictures into this project"
        with holding(self._path / "copy.lock", project_name(self._path), doing):
            if images.is_file():
                kinds = TABLE_SUFFIXES | EXPORT_SUFFIXES
                copied = yield from copying.unpack_with_table(images, table, into, stop, kinds)
            else:
                copied = yield from copying.copy_folder(images, table, into, stop)
        if copied is not None:
            self.add(copied.images, copied.labels, columns, layout)
        return copied is not None

    def changes(self, stop: threading.Event | None = None) -> FolderChanges | None:
        """Return the changes that a scan would find, judged by paths, sizes and times; None if stopped."""
        return self._changes(stop if stop is not None else threading.Event())

    def _changes(self, stop: threading.Event, *, compare_bytes: bool = False) -> FolderChanges | None:
        self.forget_roots()
        found = self.sources()
        with self._database.read() as connection:
            return folder_changes.folder_changes(connection, found, stop, compare_bytes=compare_bytes)

    def catching_up(self, stop: threading.Event | None = None) -> Generator[Progress, None, CaughtUp]:
        """Read pictures again that were changed in place since the last scan, judged by size and time, or by
        their bytes if the file was touched since.

        For use before pictures are trained on: caches are kept by content, so an edited picture would
        otherwise be used as it was. If a picture was changed, everything is scanned, because another picture
        may have been moved to its path.

        Raises:
            ProblemError: as ``Project.scan``.
        """
        stop = stop if stop is not None else threading.Event()
        yield Progress("Looking for changed pictures", 0, 0)
        found = self._changes(stop, compare_bytes=True)
        if found is None:
            return CaughtUp()
        if not found.changed:
            self._keep_newest(found.newest)
            return CaughtUp.left(found)
        with self._database.read() as connection:
            before = writes.readable_images(connection)
        yield from self._scan(stop)
        with self._database.read() as connection:
            report, held = writes.kept_report(connection), writes.quarantined_images(connection)
            elsewhere = len(folder_says.present(connection))
        changed = report.changed if report is not None else 0
        return CaughtUp.read(found, changed, len(before & held), elsewhere)

    def _keep_newest(self, newest: Mapping[int, int]) -> None:
        """Record what was compared, so that touched files are not read each time; writes only what is new."""
        with self._database.read() as connection:
            later = {one: time for one, time in newest.items() if newest_seen(connection, one) != time}
        if later:
            with self._database.write() as connection:
                for source, time in later.items():
                    keep_newest(connection, source, time)

    def absent(self) -> tuple[Source, ...]:
        """Return the folders that do not exist."""
        return tuple(one for one in self.sources() if not one.images.is_dir())

    def relocate(self, source: int, folder: Path | str) -> tuple[Source, ...]:
        """Set the new path of a folder of pictures that has moved; the next scan reads it there.

        Other missing folders that were next to the old path are searched for next to the new one.

        Returns:
            All folders that were found, with their old paths.

        Raises:
            ProblemError: the folder does not exist, or contains none of the pictures.
        """
        sources_now = self.sources()
        with self._database.write() as connection:
            found = relocate(connection, self._path, sources_now, source, Path(folder))
        self.forget_roots()
        return found
