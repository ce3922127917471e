"""Watches the files of the open project: which are new, changed or missing, and what can be done about it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tldesk.base import plural
from tldesk.dataset import Finding, FindingKind
from tldesk.dataset.checks.findings import about_classes_and_folders
from tldesk.dataset.left_out import NOTHING_LEFT_OUT, LeftOut
from tldesk.ui.images.checks import merge_alike
from tldesk.ui.images.checks.finding_list import ListedFinding, listed
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.ask_for_files import ask_for_files
from tldesk.ui.widgets.banner import Banner, Deed

if TYPE_CHECKING:
    from tldesk.dataset import Project, Source
    from tldesk.dataset.checks.alike_classes import AlikeClasses
    from tldesk.dataset.files.folder_changes import FolderChanges

_AFTER_OPENING = 2500  # ms: reading the visible pictures has priority
log = logging.getLogger(__name__)
_REST = 20  # scanning all files may take at most 1 / _REST of the time


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("FilesWatch", text)


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of scanning the files.

    Attributes:
        changes: changes in the folders since the last scan.
        missing: ids of images whose files were missing in the last scan.
        changed: ids of images whose files had changed in the last scan.
        left_out: what the last scan did not bring in, unless that was dismissed.
        alike: classes that may be one, unless that was dismissed.
    """

    changes: FolderChanges
    missing: tuple[int, ...]
    changed: tuple[int, ...]
    left_out: LeftOut = NOTHING_LEFT_OUT
    alike: tuple[AlikeClasses, ...] = ()


class FilesWatch(QObject):
    """Owns the banner above the images.

    Looks for changes after a project is opened, after scans, and when the window is activated again. The last
    of these compares only the modification times of the folders; all files are scanned only if one differs,
    and for at most a twentieth of the time.
    """

    found = Signal()  # ``findings`` has changed
    imagesAsked = Signal(object, str)

    def __init__(self, parent: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(parent)
        self.banner = Banner(parent)
        self.findings: list[ListedFinding] = []
        self._window = parent
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._stop = threading.Event()
        self._seen: Seen | None = None
        self._waived: object = None  # changes that the user chose to see later
        self._next = 0.0  # earliest time of the next full scan
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.look)
        session.projectChanged.connect(self._project_changed)
        session.scanningChanged.connect(self._scanning_changed)
        session.imagesChanged.connect(self._images_changed)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._state_changed)
        self._project_changed()

    # --- scanning -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Scan all files and show the result."""
        project = self._session.project
        if project is None or self._session.scanning:
            return
        self._later.stop()
        self._let_go()
        stop, begun = self._stop, time.monotonic()

        def take(seen: Seen | None) -> None:
            self._next = time.monotonic() + _REST * (time.monotonic() - begun)
            if seen is not None and project is self._session.project:
                self._take(seen)

        self._ticket = self._tasks.read(
            lambda: _see(project, stop), on_done=take, on_failed=_note, behind=True
        )

    def look_if_changed(self) -> None:
        """Scan all files only if a folder was changed, added or removed."""
        project, seen = self._session.project, self._seen
        if project is None or seen is None or self._session.scanning or time.monotonic() < self._next:
            return
        changes = seen.changes
        self._tasks.read(
            lambda: _differs(project, changes),
            on_done=lambda differs: self.look() if differs else None,
            on_failed=_note,
            behind=True,
        )

    def _project_changed(self) -> None:
        self._let_go()
        self._seen = self._waived = None
        self.findings = []
        self.banner.hide()
        self._later.stop()
        if self._session.project is not None:
            self._later.start(_AFTER_OPENING)

    def _scanning_changed(self) -> None:
        self._let_go()
        if self._session.scanning:
            self.banner.hide()
        else:
            self._later.start(0)

    def _images_changed(self) -> None:
        """Update the findings: images may have been forgotten, or restored by undo."""
        project = self._session.project
        if project is not None and self._seen is not None and not self._session.scanning:
            changes = self._seen.changes
            self._tasks.read(
                lambda: _seen(project, changes),
                on_done=lambda seen: self._take_again(project, seen),
                on_failed=_note,
            )

    def _take_again(self, project: Project, seen: Seen) -> None:
        if self._seen is not None and project is self._session.project:
            self._take(replace(seen, changes=self._seen.changes, changed=self._seen.changed))

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.look_if_changed()

    def _let_go(self) -> None:
        self._stop.set()
        self._stop = threading.Event()
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def _take(self, seen: Seen) -> None:
        self._seen = seen
        findings = _findings(seen)
        if findings != self.findings:
            self.findings = findings
            self.found.emit()
        self._tell()

    # --- the banner -----------------------------------------------------------------------------------------

    def _tell(self) -> None:
        seen = self._seen
        if seen is None or self._key(seen) == self._waived:
            self.banner.hide()
        elif seen.changes.absent:
            self._tell_absent(seen.changes.absent[0])
        elif seen.changes.differs:
            self._say(_news(seen.changes), (self.tr("Rescan"), self._read))
        elif seen.missing:
            self._tell_missing(seen.missing)
        elif seen.alike:
            self._ask_whether_one(seen.alike[0])
        else:
            self.banner.hide()

    def _tell_absent(self, source: Source) -> None:
        words = self.tr(
            "The folder {0} was not found. Labels are kept; its images cannot be shown or used for training."
        )
        deeds: list[Deed] = [
            (self.tr("Locate folder…"), lambda: self._ask_place(source)),
            (self.tr("Rescan"), self._look_again),
        ]
        self._say(words.format(source.images), *deeds)

    def _tell_missing(self, ids: tuple[int, ...]) -> None:
        files = plural(len(ids), self.tr("file is"), self.tr("files are"))
        words = self.tr("{0} missing. Put the files back, or forget these images; labels are kept.")
        if len(ids) == 1:
            words = self.tr("{0} missing. Put the file back, or forget this image; its label is kept.")
        self._say(
            words.format(files),
            (self.tr("Show them"), lambda: self.imagesAsked.emit(ids, self.tr("Missing files"))),
            (self.tr("Forget them"), lambda: self.forget(ids)),
        )

    def _ask_whether_one(self, alike: AlikeClasses) -> None:
        session = self._session
        self._say(
            merge_alike.question(alike),
            (self.tr("Merge them"), lambda: merge_alike.merge(session, alike)),
            (self.tr("Keep both"), lambda: merge_alike.keep_apart(session, alike)),
        )

    def _say(self, words: str, *deeds: Deed) -> None:
        self.banner.tell("warning", words, [*deeds, (self.tr("Later"), self._waive)])

    # --- actions --------------------------------------------------------------------------------------------

    def forget(self, ids: tuple[int, ...]) -> None:
        """Forget missing images; undo restores them."""
        many = plural(len(ids), self.tr("missing image"), self.tr("missing images"))
        verb = self.tr("Forget {0}").format(many)
        self._session.change(verb, lambda edit: edit.forget(ids), OperationChanges(images=True), len(ids))

    def show_place(self, source: Source, folder: Path) -> None:
        """Record the new location of a folder that has moved, and scan it there."""
        project = self._session.project
        if project is not None:
            self._tasks.read(
                lambda: project.folders.relocate(source.id, folder),
                on_done=lambda _found: self._read(),
            )

    def _ask_place(self, source: Source) -> None:
        ask_for_files(
            self._window,
            self._session.settings,
            self.tr("Locate the folder {0}").format(source.images.name),
            "",
            lambda chosen: self.show_place(source, chosen[0]),
            mode=QFileDialog.FileMode.Directory,
        )

    def _read(self) -> None:
        self._session.rescan()

    def _look_again(self) -> None:
        self._next = 0.0
        self.look()

    def _waive(self) -> None:
        self._waived = None if self._seen is None else self._key(self._seen)
        self.banner.hide()

    @staticmethod
    def _key(seen: Seen) -> object:
        changes = seen.changes
        absent = tuple(one.images for one in changes.absent)
        return (
            absent,
            changes.new,
            changes.vanished,
            changes.changed,
            changes.tables,
            seen.missing,
            seen.alike,
        )


def _findings(seen: Seen) -> list[ListedFinding]:
    found = ((FindingKind.MISSING, seen.missing), (FindingKind.CHANGED, seen.changed))
    of_files = [Finding(kind, ids) for kind, ids in found if ids]
    return listed([*of_files, *about_classes_and_folders(seen.alike, seen.left_out)])


def _news(changes: FolderChanges) -> str:
    """``Since the pictures were last read: 12 new pictures, 3 gone or moved, 1 changed.``"""
    parts = []
    if changes.new:
        parts.append(plural(changes.new, tr("new picture"), tr("new pictures")))
    if changes.vanished:
        parts.append(tr("{0} missing or moved").format(f"{changes.vanished:,}"))
    if changes.changed:
        parts.append(tr("{0} changed").format(f"{changes.changed:,}"))
    parts += [tr("the table {0} changed").format(table.name) for table in changes.tables]
    return tr("Since the last scan: {0}.").format(", ".join(parts))


def _note(error: Exception) -> None:
    """Only log it: the scan was automatic, and a real problem is shown when the files are needed."""
    log.warning("The folders could not be looked at", exc_info=error)


def _missing(project: Project) -> tuple[int, ...]:
    from tldesk.dataset import Filter

    return tuple(project.ids(Filter(missing=True)))


def _see(project: Project, stop: threading.Event) -> Seen | None:
    changes = project.folders.changes(stop)
    return None if changes is None else _seen(project, changes)


def _seen(project: Project, changes: FolderChanges) -> Seen:
    from tldesk.dataset.check_project import open_alike_classes

    scanned, dismissed = project.last_scan(), project.evidence.dismissed().whole
    return Seen(
        changes,
        _missing(project),
        scanned.changed_ids,
        NOTHING_LEFT_OUT if FindingKind.LEFT_OUT in dismissed else scanned.left_out,
        open_alike_classes(project),
    )


def _differs(project: Project, changes: FolderChanges) -> bool:
    from tldesk.dataset.files.folder_changes import any_differs

    return project.folders.absent() != changes.absent or any_differs(changes.folders)
