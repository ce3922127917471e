"""Scans the folders: finds and compares files, lists and labels new images, reads them, and reports.

New files are listed, with their labels from folders and tables, before the first picture is read, so that
100,000 images can be seen and labelled within seconds. Each batch is one transaction that leaves the project
consistent, so a scan may be stopped or killed at any moment, and the next one continues. Files with unchanged
size and time are not opened.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.base.file_names import text_path
from tldesk.base.parallel import in_threads
from tldesk.dataset.checks import not_shown, privacy
from tldesk.dataset.files.folder_changes import keep_table
from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.read_file import FileReading, file_reader, hash_or_none
from tldesk.dataset.files.reconcile import Comparison, Decision, KnownImage, Place, compare, decide
from tldesk.dataset.files.rewritten import forget_times, keep_newest, rewritten
from tldesk.dataset.files.source_files import SourceFiles, source_files
from tldesk.dataset.files.unread_folders import unread_notes
from tldesk.dataset.files.walk import FileStat
from tldesk.dataset.groups.rules import apply_stored_groups
from tldesk.dataset.left_out import LeftOut
from tldesk.dataset.records import ScanReport, Source
from tldesk.dataset.scan import writes
from tldesk.dataset.scan.folder_labels import LabelNotes, label_source
from tldesk.dataset.store import layout_setting
from tldesk.dataset.store.database import Database
from tldesk.imaging import PreparedCache

_BATCH = 256
_BATCH_SECONDS = 1.0
_PROGRESS_SECONDS = 0.1
_MOST_NAMED = 10_000
_T = TypeVar("_T")


@dataclass
class Scan:
    """One scan. Iterate over ``run()``; afterwards ``report`` is the result.

    Pictures that are slow to decode are added to the cache ``prepared``, so that they are decoded only once.
    """

    database: Database
    sources: Sequence[Source]
    stop: threading.Event
    prepared: PreparedCache
    report: ScanReport = field(default_factory=ScanReport)

    def run(self) -> Iterator[Progress]:
        """Run the scan.

        Raises:
            ProblemError: none of the folders exists, or the database cannot be written.
        """
        self._notes: list[str] = []
        self._roots = {source.id: text_path(source.images) for source in self.sources}
        self._found: dict[int, Mapping[str, FileStat]] = {}  # by source
        self._layouts: dict[int, Layout] = {}
        self._media_lists: dict[int, tuple[str, ...]] = {}
        self._label_notes = LabelNotes()
        self._newest: dict[int, int] = {}
        self._left_out = LeftOut()
        self._left = False
        self._same = 0
        self._quiet = False  # no file has changed
        present = [source for source in self.sources if source.images.is_dir()]
        self._refuse_if_nothing_is_there(present)
        with self.database.write() as connection:
            whole = not writes.has_begun(connection)
            self._before = writes.kept_report(connection) if whole else None
            writes.note_begin(connection)
        try:
            yield from self._bring_up_to_date(present)
        except GeneratorExit:  # the caller stopped iterating: label and report the files read so far
            self._left = True
            self._finish()
            raise
        self._finish()

    def _bring_up_to_date(self, present: Sequence[Source]) -> Iterator[Progress]:
        yield from self._find(present)
        if self.stop.is_set():
            return
        known, found = self._other_than_before()
        comparison = compare(known, found)
        self._quiet = self._before is not None and not known and not found
        hashes: dict[Place, str | None] = {}
        if comparison.needs_hashes:
            yield from self._hash([image.place for image in comparison.altered] + comparison.new, hashes)
        if self.stop.is_set():
            return
        decision = decide(comparison, hashes, found)
        self._list(present, comparison, decision, found)
        yield from self._read(present, decision.changed + comparison.retry, found)

    def _refuse_if_nothing_is_there(self, present: Sequence[Source]) -> None:
        absent = [source for source in self.sources if source not in present]
        problems = [
            Problem(
                str(source.images),
                "the folder of pictures is not there",
                "Connect the drive that it is on, or locate the folder if it has moved",
                command="tldesk folders PROJECT --moved NEW",
            )
            for source in absent
        ]
        if absent and not present:
            raise ProblemError(*problems)
        self._notes.extend(
            f"{problem.where}: {problem.what}; its images were left as they were" for problem in problems
        )

    def _find(self, present: Sequence[Source]) -> Iterator[Progress]:
        for source in present:
            yield Progress("Looking for pictures", sum(map(len, self._found.values())), 0)
            of_source = source_files(source, self.stop)
            found = of_source.found
            self._look_for_rewritten(source, of_source)
            self._newest[source.id] = of_source.newest
            self._found[source.id], self._layouts[source.id] = of_source.files, of_source.layout
            self._media_lists[source.id] = of_source.media_lists
            self._notes.extend(f"The folder {folder} cannot be listed" for folder in found.unreadable_folders)
            self._notes.extend(unread_notes(found))
            self._left_out += found.left_out

    def _look_for_rewritten(self, source: Source, found: SourceFiles) -> None:
        with self.database.read() as connection:
            images = rewritten(connection, source, found, self.stop)
        if images:
            with self.database.write() as connection:
                forget_times(connection, images)

    def _other_than_before(self) -> tuple[list[KnownImage], dict[Place, FileStat]]:
        """Return the images and files to compare: all except the unchanged ones."""
        left = {source: dict(files) for source, files in self._found.items()}
        with self.database.read() as connection:
            known = writes.known_otherwise(connection, left)
        found = {(source, path): files[path] for source, files in left.items() for path in sorted(files)}
        self._same = sum(map(len, self._found.values())) - len(found)
        return known, found

    def _hash(self, places: Sequence[Place], into: dict[Place, str | None]) -> Iterator[Progress]:
        meter = ProgressMeter("Comparing pictures", len(places))
        for done, (place, content) in enumerate(self._parallel(places, hash_or_none), start=1):
            into[place] = content
            yield meter.at(done)

    def _list(
        self,
        present: Sequence[Source],
        comparison: Comparison,
        decision: Decision,
        found: Mapping[Place, FileStat],
    ) -> None:
        """Write the decisions, and all data that do not require reading the files: paths and labels."""
        with self.database.write() as connection:
            writes.apply_decision(connection, comparison, decision, found)
            writes.list_images(connection, decision.added, found)
            self._label(connection, present)
        self.report = ScanReport(
            moved=len(decision.moved),
            unchanged=self._same + len(comparison.unchanged + comparison.returned + decision.same),
        )

    def _label(self, connection: sqlite3.Connection, present: Sequence[Source]) -> None:
        # If no file has changed and there are no tables, the labels are the same as before.
        if self._quiet and self._before is not None and not any(one.labels for one in present):
            self._label_notes.notes.extend(self._before.understood)
            return
        for source in present:
            keep_table(connection, source)
            layout, found = self._layouts[source.id], sorted(self._found[source.id])
            layout_setting.put_media_lists(connection, source.id, self._media_lists[source.id])
            label_source(connection, source, found, layout, self._label_notes)

    def _read(
        self, present: Sequence[Source], again: Sequence[KnownImage], found: Mapping[Place, FileStat]
    ) -> Iterator[Progress]:
        """Read the new and changed files; write them in batches."""
        with self.database.read() as connection:
            unread = writes.unread_images(connection, [source.id for source in present])
        images = {image.place: image for image in [*again, *unread]}
        meter = ProgressMeter("Reading pictures", len(images))
        if images:
            yield meter.at(0)  # all images are listed by now
        batch: list[tuple[KnownImage, FileStat, FileReading]] = []
        written = time.monotonic()
        try:
            readings = self._parallel(sorted(images), file_reader(self.prepared))
            for done, (place, reading) in enumerate(readings, start=1):
                image = images[place]
                batch.append((image, found.get(place, image.stat), reading))
                if len(batch) >= _BATCH or time.monotonic() - written > _BATCH_SECONDS:
                    self._write_batch(batch)
                    written = time.monotonic()
                yield meter.at(done)
        finally:  # also if the caller stops iterating: keep the files read so far
            self._write_batch(batch)

    def _write_batch(self, batch: list[tuple[KnownImage, FileStat, FileReading]]) -> None:
        if not batch:
            return
        with self.database.write() as connection:
            added, changed, unchanged = writes.write_readings(connection, batch)
        batch.clear()
        self.report = replace(
            self.report,
            added=self.report.added + added,
            changed=self.report.changed + len(changed),
            changed_ids=(*self.report.changed_ids, *changed)[:_MOST_NAMED],
            unchanged=self.report.unchanged + unchanged,
        )

    def _parallel(
        self, places: Iterable[Place], work: Callable[[Path], _T]
    ) -> Generator[tuple[Place, _T], None, None]:
        """Process files in several threads and yield the results in order; ends early when stopped."""

        def one(place: Place) -> tuple[Place, _T]:
            return place, work(self._roots[place[0]] / place[1])

        return in_threads(one, places, self.stop, name="scan")

    def _finish(self) -> None:
        label_notes = self._label_notes
        with self.database.write() as connection:
            if not self._quiet:
                apply_stored_groups(connection)
            missing, quarantined, images = writes.totals(connection)
            notes = [
                *self._notes,
                *label_notes.notes,
                *filter(None, [not_shown.sentence(connection)]),
                *writes.size_notes(connection, images),
            ]
            if self.stop.is_set() or self._left:
                notes.append("The scan was stopped; scan again to read the rest")
            else:
                for source, newest in self._newest.items():
                    keep_newest(connection, source, newest)
            self.report = replace(
                self.report,
                missing=missing,
                quarantined=quarantined,
                rows_without_file=tuple(label_notes.rows_without_file),
                files_without_row=tuple(label_notes.files_without_row),
                notes=tuple(notes),
                understood=tuple(label_notes.notes),
                identifying=self._identifying(connection),
                left_out=self._left_out,
            )
            writes.keep_report(connection, self.report)

    def _identifying(self, connection: sqlite3.Connection) -> str:
        """Return the sentence on identifying images; if no file has changed, reuse the last one (faster)."""
        if self._quiet and self._before is not None:
            return self._before.identifying
        return privacy.sentence(connection)


def throttled(steps: Iterator[Progress]) -> Iterator[Progress]:
    """Pass on at most ten steps per second, but always the first of each kind and the last one."""
    shown, held, doing = 0.0, None, ""
    for step in steps:
        held = step
        if step.what != doing or time.monotonic() - shown >= _PROGRESS_SECONDS:
            shown, held, doing = time.monotonic(), None, step.what
            yield step
    if held is not None:
        yield held
