"""The project: all other packages access the database through it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tldesk.base import Progress
from tldesk.base.project_lock import holding, is_held
from tldesk.dataset import queries
from tldesk.dataset.checks.evidence import Evidence
from tldesk.dataset.current_state import CurrentState, current_classes, current_state
from tldesk.dataset.edits import Edits
from tldesk.dataset.groups import rules
from tldesk.dataset.groups.previews import Grouping
from tldesk.dataset.groups.rules import GroupBy
from tldesk.dataset.project_folder import make_folder, open_folder, project_name, project_path
from tldesk.dataset.records import (
    ClassInfo,
    Columns,
    Facts,
    Filter,
    ImageEvent,
    ImageRecord,
    LayoutChoice,
    Reading,
    ScanReport,
    Source,
    Split,
)
from tldesk.dataset.scan import sources as source_rows
from tldesk.dataset.scan import writes
from tldesk.dataset.scan.scan import Scan, throttled
from tldesk.dataset.snapshot import Snapshot
from tldesk.dataset.source_folders import SourceFolders
from tldesk.dataset.splits import split_rule
from tldesk.dataset.splits.fold_snapshots import fold_snapshots
from tldesk.dataset.splits.splits import Splits
from tldesk.dataset.store import class_table as classes
from tldesk.dataset.store import journal, rendering_setting
from tldesk.dataset.store.changes import Changes
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.tables.column_values import ImageValues, value_counts
from tldesk.imaging import PreparedCache, Rendering

# seconds to wait: a program that only checks whether a scan is running holds the lock for a moment
_PATIENCE = 2.0


class Project:
    """A folder ``NAME.tldesk`` with the database, the runs and the caches; pictures stay where they are.

    Thread-safe. Close it after use, or use it in a ``with`` statement.
    """

    def __init__(self, path: Path, database: Database) -> None:
        self._path = path
        self._database = database
        self._splits = Splits(database)
        self._edits = Edits(database, self._splits.join)
        self._folders = SourceFolders(path, database, self.scan)
        self._grouping = Grouping(database)
        self._evidence = Evidence(database, self.prepared, self._folders.roots)
        self._values = ImageValues(database, self._folders.roots)

    @classmethod
    def create(
        cls,
        path: Path | str,
        images: Path | str | None = None,
        *,
        labels: Path | str | None = None,
        columns: Columns | None = None,
        stop: threading.Event | None = None,
    ) -> Project:
        """Create a project, and scan ``images`` if given.

        Args:
            path: the project's folder; ".tldesk" is appended if missing.
            images: folder of pictures.
            labels: table of labels (CSV, TSV) for the pictures; without it, folder names are the labels.
            columns: the table's columns; guessed if not given.
            stop: ends the scan early; the project can still be used.

        Raises:
            ProblemError: the project exists already or cannot be written, or the folder or table is invalid.
        """
        path = project_path(path)
        images = Path(images).absolute() if images is not None else None
        labels = Path(labels).absolute() if labels is not None else None
        if images is not None:
            columns = source_rows.checked_columns(images, labels, columns)
        project = cls(path, make_folder(path))
        try:
            if images is not None:
                project.add_source(images, labels, columns)
                for _ in project.scan(stop):
                    pass
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def open(cls, path: Path | str) -> Project:
        """Open a project.

        Raises:
            ProblemError: the project does not exist, is damaged, was written by a newer tldesk, or cannot be
                written.
        """
        return cls(*open_folder(path))

    def examine(self) -> None:
        """Check a large database for damage; opening a project skips this check because it takes a while.

        Raises:
            ProblemError: it is damaged.
        """
        self._database.examine()

    @property
    def path(self) -> Path:
        """The project's folder."""
        return self._path

    @property
    def name(self) -> str:
        """The folder's name without ".tldesk"."""
        return project_name(self._path)

    @property
    def runs_dir(self) -> Path:
        """The folder of the runs."""
        return self._path / "runs"

    @property
    def cache_dir(self) -> Path:
        """The folder of the caches; it may be deleted at any time."""
        return self._path / "cache"

    @property
    def edit(self) -> Edits:
        """The edits: labels, marks, notes, readings, classes; undo and redo."""
        return self._edits

    @property
    def splits(self) -> Splits:
        """The splits: the rule, the balance of the classes, the lock of the test set."""
        return self._splits

    @property
    def grouping(self) -> Grouping:
        """Previews of group rules, and suggested rules."""
        return self._grouping

    @property
    def values(self) -> ImageValues:
        """The images' values in the columns of tables and notes, and facts about each column."""
        return self._values

    @property
    def folders(self) -> SourceFolders:
        """The folders of pictures: adding, copying in, relocating."""
        return self._folders

    @property
    def evidence(self) -> Evidence:
        """The data for checks: unusual images, dismissed findings, shortcuts."""
        return self._evidence

    def close(self) -> None:
        """Close the database connections of all threads."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- sources and scans ------------------------------------------------------------------------

    def sources(self) -> tuple[Source, ...]:
        """Return the folders of pictures."""
        return self._folders.sources()

    def add_source(
        self,
        images: Path | str,
        labels: Path | str | None = None,
        columns: Columns | None = None,
        layout: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
    ) -> None:
        """Add a folder of pictures; the next scan reads it, and takes its folders as ``layout`` says.

        Raises:
            ProblemError: the folder does not exist or overlaps another one, or the table is invalid.
        """
        self._folders.add(images, labels, columns, layout)

    def scan(self, stop: threading.Event | None = None) -> Iterator[Progress]:
        """Bring the project up to date with its folders; ``last_scan`` then returns the report.

        A scan loses nothing: moved files keep their labels, and missing ones stay in the project as missing.
        It may be stopped at any time. If the project has been split, new images are assigned to splits.

        Raises:
            ProblemError: none of the folders exists, the database cannot be written, or another program is
                scanning.
        """
        doing = "is reading this project's pictures"
        with holding(self._scan_lock, self.name, doing, patience=_PATIENCE):
            yield from self._scan(stop if stop is not None else threading.Event())

    def _scan(self, stop: threading.Event) -> Iterator[Progress]:
        self._folders.forget_roots()
        scan = Scan(self._database, self.sources(), stop, self.prepared())
        yield from throttled(scan.run())
        self._splits.join()

    @property
    def scan_was_cut_off(self) -> bool:
        """Whether the last scan was interrupted: some pictures may not be read or labelled yet."""
        with self._database.read() as connection:
            return writes.has_begun(connection) and not is_held(self._scan_lock)

    @property
    def _scan_lock(self) -> Path:
        return self._path / "scan.lock"

    def last_scan(self) -> ScanReport:
        """Return the report of the last scan; an empty one before the first scan."""
        with self._database.read() as connection:
            return writes.kept_report(connection) or ScanReport()

    # --- classes ----------------------------------------------------------------------------------

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        """The classes in their order, as they are now."""
        with self._database.read() as connection:
            return classes.all_classes(connection)

    # --- images -----------------------------------------------------------------------------------

    def count(self, wanted: Filter = Filter()) -> int:  # noqa: B008 - frozen
        """Return the number of images that match a filter."""
        with self._database.read() as connection:
            return queries.count(connection, wanted)

    def ids(self, wanted: Filter = Filter()) -> list[int]:  # noqa: B008 - frozen
        """Return the ids of the images that match a filter, ordered by path."""
        with self._database.read() as connection:
            return queries.ids(connection, wanted)

    def image(self, image_id: int) -> ImageRecord:
        """Return one image.

        Raises:
            ProblemError: there is no such image.
        """
        return self.images([image_id])[0]

    def images(self, ids: Sequence[int]) -> list[ImageRecord]:
        """Return images in the order of ``ids``.

        Raises:
            ProblemError: one of the ids is unknown.
        """
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.records(connection, ids, roots)

    def history(self, image_id: int) -> tuple[ImageEvent, ...]:
        """Return the history of an image, oldest event first."""
        with self._database.read() as connection:
            return journal.history(connection, image_id)

    def path_of(self, content: str) -> Path | None:
        """Return the path of a readable file with this content hash, None if there is none."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.path_of(connection, content, roots)

    def rendering(self) -> Rendering:
        """Return how deep pictures and stacks are read; ``edit.read_pictures`` changes it."""
        with self._database.read() as connection:
            return rendering_setting.of_project(connection)

    def prepared(self) -> PreparedCache:
        """Return the cache of the project's prepared pictures, for its current rendering."""
        return PreparedCache(self.cache_dir / "prepared", rendering=self.rendering())

    def worth_keeping_prepared(self) -> list[tuple[Path, str]]:
        """Return the readable files, with content hashes, that ``imaging.PreparedCache`` should cache."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.slow_to_decode(connection, roots)

    # --- groups and splits ------------------------------------------------------------------------

    def set_groups(self, by: GroupBy) -> None:
        """Set the group rule; it also applies to the images that later scans add.

        Raises:
            ProblemError: the rule is invalid, or puts no image into a group.
        """
        with self._database.write() as connection:
            edits = rules.set_groups(connection, by)
            if edits:
                entry = JournalEntry("Say which images belong together")
                journal.record(connection, entry, Changes((), edits))

    def columns(self) -> Mapping[str, Mapping[str, int]]:
        """Return the metadata values from tables, notes and files: column -> value -> number of images.

        Columns in which each of many images has a different value are left out.
        """
        with self._database.read() as connection:
            return value_counts(connection)

    def readers(self) -> tuple[str, ...]:
        """Return the names of the further readers: people who gave images classes beside the labels."""
        with self._database.read() as connection:
            return queries.readers(connection)

    def readings(self) -> Sequence[Reading]:
        """Return the readings of all usable images that at least one further reader has read."""
        with self._database.read() as connection:
            return queries.readings(connection)

    def split(
        self,
        *,
        by_group: GroupBy | None = None,
        shares: tuple[float, float, float] = split_rule.DEFAULT_SHARES,
        seed: int = 0,
        keep_given: bool = True,
        tie_alike: bool = True,
    ) -> Mapping[Split, int]:
        """Split the readable images into train, validation and test; return the number of images in each.

        Args:
            by_group: the group rule, as for ``set_groups``; None keeps the current one.
            shares: relative sizes of train, validation and test; they need not add up to 1.
            seed: the same seed gives the same split.
            keep_given: keep the splits given by folders (train/, val/, test/) or by a table.
            tie_alike: keep near duplicates in one split, as is always done for groups and identical files.

        Raises:
            ProblemError: the shares are invalid, the group rule does not apply, there is no readable image,
                or all images are tied to a locked test set (``edit.lock_test``).
        """
        return self._splits.divide(split_rule.SplitRule(shares, seed, keep_given, tie_alike), by_group)

    # --- summaries --------------------------------------------------------------------------------

    def facts(self) -> Facts:
        """Return the counts and median sizes that summarise the project."""
        with self._database.read() as connection:
            return queries.facts(connection)

    def snapshot(self, columns: Sequence[str] = ()) -> Snapshot:
        """Return a snapshot of the labelled, readable images in a split, with their values of ``columns``."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.snapshot(connection, roots, columns)

    def folds(self, count: int, seed: int = 0, columns: Sequence[str] = ()) -> tuple[Snapshot, ...]:
        """Return ``count`` snapshots for cross-validation; in each, a different fold is the validation split.

        Raises:
            ProblemError: there are too few images for this number of folds.
        """
        rule = self._splits.rule
        alike = self.alike() if rule is None or rule.tie_alike else []
        return fold_snapshots(self.snapshot(columns), count, seed, alike)

    def current_state(self) -> CurrentState:
        """Return the current labels, splits and contents of all images, to compare with a run's snapshot."""
        with self._database.read() as connection:
            return current_state(connection)

    def current_classes(self) -> CurrentState:
        """Return the current classes alone: a state without images."""
        with self._database.read() as connection:
            return current_classes(connection)

    def alike(self) -> list[tuple[str, str, float]]:
        """Return the near duplicates: pairs of different content hashes with their correlation, at most 1."""
        return self._splits.alike()
