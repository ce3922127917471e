"""The folders that a project reads: added, copied in, found again at another place, and looked at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Progress
from tldesk.base.project_lock import holding
from tldesk.dataset.files import bring_in as bringing
from tldesk.dataset.files import copy_in as copying
from tldesk.dataset.files import watch as looking
from tldesk.dataset.files.watch import Look
from tldesk.dataset.records import Columns, Source
from tldesk.dataset.scan import sources
from tldesk.dataset.scan.relocate import relocate
from tldesk.dataset.store.database import Database

if TYPE_CHECKING:
    from tldesk.dataset.project import Project


class Folders:
    """``project.folders``."""

    def __init__(self, project: Project, database: Database, forget_roots: Callable[[], None]) -> None:
        self._project = project
        self._database = database
        self._forget_roots = forget_roots

    def bring_in(self, files: Sequence[Path], stop: threading.Event | None = None) -> Iterator[Progress]:
        """Copy single pictures into the project's own folder and read them.

        Raises:
            ProblemError: one cannot be copied; as ``Project.scan``.
        """
        stop = stop if stop is not None else threading.Event()
        project, folder = self._project, self._project.path / bringing.FOLDER
        yield from bringing.bring_in(files, folder, stop)
        if folder.is_dir() and all(source.images != folder for source in project.sources()):
            project.add_source(folder)
        yield from project.scan(stop)

    def copy_in(
        self,
        images: Path | str,
        labels: Path | str | None = None,
        columns: Columns | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Progress, None, bool]:
        """Copy a folder of pictures, and its table, into the project; the next scan reads the copy.

        Gives whether it was done: not where ``stop`` was set, which leaves everything as it was.

        Raises:
            ProblemError: as ``copy_in.copy_folder``; the folder is one of the project's already, or the table
                does not fit.
        """
        stop = stop if stop is not None else threading.Event()
        project, images = self._project, Path(images).absolute()
        table = Path(labels).absolute() if labels is not None else None
        columns = sources.checked_columns(images, table, columns)
        sources.refuse_overlap(project.sources(), images)
        into = project.path / copying.FOLDER
        with holding(project.path / "copy.lock", project.name, "is copying pictures into this project"):
            copied = yield from copying.copy_folder(images, table, into, stop)
        if copied is not None:
            project.add_source(copied.images, copied.labels, columns)
        return copied is not None

    def look(self, stop: threading.Event | None = None) -> Look | None:
        """What a scan would find, from places, sizes and times alone; None when ``stop`` was set."""
        self._forget_roots()  # somebody else may have shown where a folder is now
        found = self._project.sources()
        with self._database.read() as connection:
            return looking.look(connection, found, stop if stop is not None else threading.Event())

    def absent(self) -> tuple[Source, ...]:
        """The folders that are not there."""
        return tuple(one for one in self._project.sources() if not one.images.is_dir())

    def relocate(self, source: int, folder: Path | str) -> tuple[Source, ...]:
        """Say where a folder of pictures lies now; the next scan reads it there.

        Others that are not there and lay beside it are looked for beside it. Gives those that were found, at
        their old places.

        Raises:
            ProblemError: the folder is not there, or holds none of the pictures.
        """
        sources_now = self._project.sources()
        with self._database.write() as connection:
            found = relocate(connection, self._project.path, sources_now, source, Path(folder))
        self._forget_roots()
        return found
