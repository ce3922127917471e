"""The data for checks: blur, odd pictures, shortcuts, and dismissed findings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Progress, ProgressMeter
from tldesk.base.parallel import in_threads
from tldesk.dataset.bundles import bundle
from tldesk.dataset.checks import shortcuts
from tldesk.dataset.checks.blur import softness
from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage, empty_classes, moved_images
from tldesk.dataset.checks.measurements import odd_images, unmeasured_files
from tldesk.dataset.checks.odd_pictures import Oddity
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.groups.alike_contents import alike_contents
from tldesk.dataset.store import meta
from tldesk.dataset.store.changes import DISMISSED
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.sql_conditions import USABLE
from tldesk.imaging import PreparedCache, UnreadableImage

_BATCH = 256


@dataclass(frozen=True)
class Dismissed:
    """The dismissed findings.

    Attributes:
        images: finding key -> ids of the images for which the finding was dismissed.
        whole: keys of the findings dismissed for the whole project.
    """

    images: Mapping[str, frozenset[int]]
    whole: frozenset[str]

    def covers(self, finding: str, images: Sequence[int]) -> bool:
        """Return whether a finding was dismissed for all of these images, or for the project."""
        left = self.images.get(finding, frozenset())
        return finding in self.whole or (bool(images) and left.issuperset(images))


class Evidence:
    """The data of a project for checks, available as ``project.evidence``."""

    def __init__(
        self,
        database: Database,
        prepared: Callable[[], PreparedCache],
        roots: Callable[[], Mapping[int, Path]],
    ) -> None:
        """``prepared`` returns the cache of prepared pictures, ``roots`` the folders of the sources by id."""
        self._database = database
        self._prepared = prepared
        self._roots = roots

    def odd_images(self) -> Mapping[Oddity, Sequence[int]]:
        """Return the ids of odd images by kind: blank, dark, bright, blurred, small, of an odd shape.

        Blurred images are found only among those measured by ``measuring``.
        """
        with self._database.read() as connection:
            return odd_images(connection)

    def moved_images(self) -> tuple[MovedImage, ...]:
        """Return the images that lie in another class folder than the one that labelled them, or in none."""
        roots = self._roots()
        with self._database.read() as connection:
            return moved_images(connection, roots)

    def empty_classes(self) -> tuple[EmptyClass, ...]:
        """Return the classes without a usable image, in their order."""
        with self._database.read() as connection:
            return empty_classes(connection)

    def dismissed(self) -> Dismissed:
        """Return the dismissed findings."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT finding, image_id FROM dismissed").fetchall()
            whole = [key for key, _ in meta.beginning_with(connection, DISMISSED)]
        images: dict[str, set[int]] = {}
        for finding, image in rows:
            images.setdefault(finding, set()).add(image)
        return Dismissed(
            {finding: frozenset(found) for finding, found in images.items()},
            frozenset(key.removeprefix(DISMISSED) for key in whole),
        )

    def measuring(self, stop: threading.Event | None = None) -> Generator[Progress, None, None]:
        """Measure the blur of pictures that have not been measured yet; each is measured only once."""
        roots = self._roots()
        with self._database.read() as connection:
            todo = unmeasured_files(connection, roots)
        cache = self._prepared()

        def measure(wanted: tuple[Path, str]) -> tuple[str, float | None]:
            try:
                return wanted[1], softness(cache.read(*wanted))
            except UnreadableImage:  # moved or changed since the scan; the next scan will report it
                return wanted[1], None

        meter = ProgressMeter("Looking for blurred pictures", len(todo))
        found: list[tuple[str, float]] = []
        try:
            for done, (content, value) in enumerate(in_threads(measure, todo, stop, name="measure"), start=1):
                found += [] if value is None else [(content, value)]
                if len(found) >= _BATCH:
                    self._keep(found)
                yield meter.at(done)
        finally:
            self._keep(found)

    def _keep(self, found: list[tuple[str, float]]) -> None:
        if found:
            with self._database.write() as connection:
                connection.executemany("INSERT OR REPLACE INTO softness VALUES (?, ?)", found)
            found.clear()

    def shortcuts(
        self, stop: threading.Event | None = None
    ) -> Generator[Progress, None, tuple[Shortcut, ...]]:
        """Test whether the files' facts alone, or the pictures' borders alone, predict the class."""
        with self._database.read() as connection:
            rows = shortcuts.rows_of(connection, USABLE)
            alike = alike_contents(connection) if rows else []
        ties: dict[str, list[tuple[str, str]]] = {}
        for one, other, _ in alike:
            ties.setdefault(one, []).append((one, other))
            ties.setdefault(other, []).append((one, other))
        keys = [
            [("", content), *ties.get(content, ()), *([("group", group)] if group is not None else [])]
            for *_, content, group in rows
        ]
        data = shortcuts.shortcut_data([row[:8] for row in rows], bundle(keys))
        found = []
        for place, where in enumerate(shortcuts.WHERE):
            yield Progress("Looking for shortcuts", place, len(shortcuts.WHERE))
            if stop is not None and stop.is_set():
                break
            found.append(shortcuts.find_shortcut(data, where))
        return tuple(one for one in found if one is not None)
