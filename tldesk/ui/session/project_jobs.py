"""Creates, opens and scans projects, in functions for other threads. No Qt in here."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Progress

if TYPE_CHECKING:
    from tldesk.dataset import Action, Columns, LayoutChoice, Project
    from tldesk.imaging import PreparedCache


@dataclass(frozen=True, slots=True)
class NewProject:
    """The user's choices for a new project, or for a folder added to one."""

    path: Path  # NAME.tldesk
    images: Path  # a folder, or a zip file to be unpacked into the project
    labels: Path | None = None
    columns: Columns | None = None
    copy: bool = False  # copy the pictures into the project instead of leaving them where they are
    layout: LayoutChoice | None = None  # how their folders are taken; None leaves it to the scan


@dataclass(frozen=True, slots=True)
class Opened:
    """An open project and its undo history."""

    project: Project
    prepared: PreparedCache
    done: tuple[Action, ...] = ()
    undone: tuple[Action, ...] = ()
    cut_off: bool = False  # a scan was interrupted and must be continued
    last: int = 0  # number of the newest action in the journal


def open_project(path: Path) -> Opened:
    """Open a project.

    Raises:
        ProblemError: see ``Project.open``.
    """
    from tldesk.dataset import Project

    return with_journal(Project.open(path))


def with_journal(project: Project) -> Opened:
    """Return the project with its current undo history."""
    undone = tuple(reversed(project.edit.redo_stack()))
    return Opened(
        project,
        project.prepared(),
        project.edit.undo_stack(),
        undone,
        project.scan_was_cut_off,
        project.edit.last(),
    )


def create(new: NewProject, stop: threading.Event) -> Iterator[Progress | Opened]:
    """Create a project, scan its pictures, split it. If copying is stopped or fails, no project is left.

    Raises:
        ProblemError: the project cannot be created, or the pictures cannot be added.
    """
    from tldesk.dataset import Project

    project, taken = Project.create(new.path), False
    try:
        taken = yield from _take_in(project, new, stop)
    finally:
        if not taken:
            project.close()
            shutil.rmtree(project.path, ignore_errors=True)
    if taken:
        yield Opened(project, project.prepared())
        yield from rescan(project, stop)


def add(project: Project, new: NewProject, stop: threading.Event) -> Iterator[Progress]:
    """Add a folder of pictures, or a copy of it, and scan.

    Raises:
        ProblemError: the pictures cannot be added.
    """
    if (yield from _take_in(project, new, stop)):
        yield from rescan(project, stop)


def _take_in(project: Project, new: NewProject, stop: threading.Event) -> Generator[Progress, None, bool]:
    """Add the folder or a copy of it, or an unpacked zip file; return False if that was stopped."""
    from tldesk.dataset import LayoutChoice

    layout, table = new.layout or LayoutChoice(), (new.labels, new.columns)
    if new.copy or new.images.is_file():
        return (yield from project.folders.copy_in(new.images, *table, stop, layout=layout))
    project.add_source(new.images, *table, layout)
    return True


def create_sample(folder: Path, stop: threading.Event) -> Iterator[Progress | Opened]:
    """Draw the sample pictures into a folder and create a project from them."""
    from tldesk.dataset import FilenamePattern, Project
    from tldesk.dataset.sample.write_sample import SAMPLE_GROUP_PATTERN, write_sample

    pictures = folder / "pictures"
    for progress in write_sample(pictures):
        if stop.is_set():
            return
        yield progress
    project = Project.create(folder / "leaves.tldesk")
    project.add_source(pictures)
    yield Opened(project, project.prepared())
    yield from project.scan(stop)
    if not stop.is_set():
        project.split(by_group=FilenamePattern(SAMPLE_GROUP_PATTERN))


def rescan(project: Project, stop: threading.Event) -> Iterator[Progress]:
    """Scan, and split a project that was never split.

    Images added later are assigned to its splits automatically.
    """
    from tldesk.dataset import Filter, Split

    yield from project.scan(stop)
    splits = [project.count(Filter(split=each)) for each in Split]
    if not stop.is_set() and not any(splits) and project.count() > project.count(Filter(quarantined=True)):
        known = project.splits.group_by is not None
        project.split(by_group=None if known else project.grouping.sure_rule())
