"""The project: the only way to the database for every other package."""

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
from tldesk.dataset.current_state import CurrentState, current_state
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
from tldesk.dataset.store import classes, journal, rendering_setting
from tldesk.dataset.store.changes import Changes
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.tables.column_values import ImageValues, value_counts
from tldesk.imaging import PreparedCache, Rendering

# seconds: a program that only asks whether a scan is running holds its lock for a moment
_PATIENCE = 2.0


class Project:
    """A folder ``NAME.tldesk`` with the database, the runs and the caches; pictures stay where they are.

    Safe to use from many threads. Close it, or use it in a ``with`` statement.
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
        """Make a project, and scan ``images`` if given.

        Args:
            path: the project's folder; ".tldesk" is added if it is not there.
            images: folder of pictures.
            labels: table of labels (CSV, TSV) for them; without it, folder names are the labels.
            columns: the table's columns; guessed if not given.
            stop: ends the scan early; the project can be used all the same.

        Raises:
            ProblemError: it exists already, cannot be written, or the folder or the table does not fit.
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
            ProblemError: there is none, it is damaged, written by a newer tldesk, or cannot be written.
        """
        return cls(*open_folder(path))

    def examine(self) -> None:
        """Check a large database for damage, which opening it skips as it takes a while.

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
        """What a person may change: labels, marks, notes, classes; undo and redo."""
        return self._edits

    @property
    def splits(self) -> Splits:
        """The splits: the rule, the balance of the classes, the lock of the test set."""
        return self._splits

    @property
    def grouping(self) -> Grouping:
        """Possible groups: what rules would give, and which rules fit."""
        return self._grouping

    @property
    def values(self) -> ImageValues:
        """The images' values in columns of tables and notes, and facts about each column."""
        return self._values

    @property
    def folders(self) -> SourceFolders:
        """The folders of pictures: copied in, and found again elsewhere."""
        return self._folders

    @property
    def evidence(self) -> Evidence:
        """Measurements for checks: which images stand out, what was dismissed, which shortcuts there are."""
        return self._evidence

    def close(self) -> None:
        """Close all threads' connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- sources and scans ------------------------------------------------------------------------

    def sources(self) -> tuple[Source, ...]:
        """The folders of pictures."""
        return self._folders.sources()

    def add_source(
        self, images: Path | str, labels: Path | str | None = None, columns: Columns | None = None
    ) -> None:
        """Add a folder of pictures; the next scan reads it.

        Raises:
            ProblemError: the folder is not there or overlaps another one, or the table does not fit.
        """
        self._folders.add(images, labels, columns)

    def scan(self, stop: threading.Event | None = None) -> Iterator[Progress]:
        """Bring the project up to date with its folders; ``last_scan`` then holds what was found.

        Nothing is lost by a scan: moved files keep their labels, vanished ones stay known as missing. It may
        be stopped at any time. Images that came after the project was split join a split.

        Raises:
            ProblemError: none of the folders is there, the database cannot be written, or another program is
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
        """Whether the last scan was killed: some pictures are not read, or not labelled, yet."""
        with self._database.read() as connection:
            return writes.has_begun(connection) and not is_held(self._scan_lock)

    @property
    def _scan_lock(self) -> Path:
        return self._path / "scan.lock"

    def last_scan(self) -> ScanReport:
        """What the last scan found; an empty report before the first one."""
        with self._database.read() as connection:
            return writes.kept_report(connection) or ScanReport()

    # --- classes ----------------------------------------------------------------------------------

    def classes(self) -> tuple[ClassInfo, ...]:
        """In their fixed order."""
        with self._database.read() as connection:
            return classes.all_classes(connection)

    # --- images -----------------------------------------------------------------------------------

    def count(self, wanted: Filter = Filter()) -> int:  # noqa: B008 - frozen
        """How many images a filter lets through."""
        with self._database.read() as connection:
            return queries.count(connection, wanted)

    def ids(self, wanted: Filter = Filter()) -> list[int]:  # noqa: B008 - frozen
        """The images that a filter lets through, ordered by path."""
        with self._database.read() as connection:
            return queries.ids(connection, wanted)

    def image(self, image_id: int) -> ImageRecord:
        """One image.

        Raises:
            ProblemError: there is no such image.
        """
        return self.images([image_id])[0]

    def images(self, ids: Sequence[int]) -> list[ImageRecord]:
        """Many images, in the order of ``ids``.

        Raises:
            ProblemError: there is no such image.
        """
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.records(connection, ids, roots)

    def history(self, image_id: int) -> tuple[ImageEvent, ...]:
        """All that happened to an image, oldest first."""
        with self._database.read() as connection:
            return journal.history(connection, image_id)

    def path_of(self, content: str) -> Path | None:
        """The path of a readable file with this content hash, None if there is none."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.path_of(connection, content, roots)

    def rendering(self) -> Rendering:
        """How deep pictures and stacks are read; ``edit.read_pictures`` changes it."""
        with self._database.read() as connection:
            return rendering_setting.of_project(connection)

    def prepared(self) -> PreparedCache:
        """The project's prepared pictures, read by its present rule."""
        return PreparedCache(self.cache_dir / "prepared", rendering=self.rendering())

    def worth_keeping_prepared(self) -> list[tuple[Path, str]]:
        """The readable files, with their content hashes, that ``imaging.PreparedCache`` keeps prepared."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.slow_to_decode(connection, roots)

    # --- groups and splits ------------------------------------------------------------------------

    def set_groups(self, by: GroupBy) -> None:
        """Set the rule for groups; images that later scans find are grouped by the same rule.

        Raises:
            ProblemError: the rule is broken, or puts no image into a group.
        """
        with self._database.write() as connection:
            edits = rules.set_groups(connection, by)
            if edits:
                entry = JournalEntry("Say which images belong together")
                journal.record(connection, entry, Changes((), edits))

    def columns(self) -> Mapping[str, Mapping[str, int]]:
        """The values that tables, people and files give images: column to value to number of images.

        Columns in which each of many images has another value are left out.
        """
        with self._database.read() as connection:
            return value_counts(connection)

    def readers(self) -> tuple[str, ...]:
        """The names of further readers, who have given images classes beside their labels."""
        with self._database.read() as connection:
            return queries.readers(connection)

    def readings(self) -> Sequence[Reading]:
        """The classes that readers give usable images which a further reader has looked at."""
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
        """Divide the readable images into train, validation and test; the number of images in each.

        Args:
            by_group: the rule for groups, as ``set_groups``; None keeps the present one.
            shares: of train, validation and test; they need not add up to 1.
            seed: another seed, another split; the same seed, the same split.
            keep_given: keep the splits that folders (train/, val/, test/) or a table gave.
            tie_alike: keep near duplicates together, as groups and identical files always are.

        Raises:
            ProblemError: the shares make no sense, the group rule does not fit, there is no readable image,
                or everything belongs together with a locked test set (``edit.lock_test``).
        """
        return self._splits.divide(split_rule.SplitRule(shares, seed, keep_given, tie_alike), by_group)

    # --- summaries --------------------------------------------------------------------------------

    def facts(self) -> Facts:
        """The project in numbers."""
        with self._database.read() as connection:
            return queries.facts(connection)

    def snapshot(self, columns: Sequence[str] = ()) -> Snapshot:
        """The labelled, readable images that are in a split, apart from the database; with these columns."""
        roots = self._folders.roots()
        with self._database.read() as connection:
            return queries.snapshot(connection, roots, columns)

    def folds(self, count: int, seed: int = 0, columns: Sequence[str] = ()) -> tuple[Snapshot, ...]:
        """Snapshots for cross-validation: in each a different fold validates and the rest trains.

        Raises:
            ProblemError: there are too few images for so many folds.
        """
        rule = self._splits.rule
        alike = self.alike() if rule is None or rule.tie_alike else []
        return fold_snapshots(self.snapshot(columns), count, seed, alike)

    def current_state(self) -> CurrentState:
        """Labels, splits and contents of all images now, to compare with a run's snapshot."""
        with self._database.read() as connection:
            return current_state(connection)

    def alike(self) -> list[tuple[str, str, float]]:
        """Pairs of different contents that look alike (near duplicates), with their correlation up to 1."""
        return self._splits.alike()
