"""What became of the files while the project was open or closed, and what can be done about it."""

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
from tldesk.ui.images.checks.finding_list import Finding
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.ask_for_files import ask_for_files
from tldesk.ui.widgets.banner import Banner, Deed

if TYPE_CHECKING:
    from tldesk.dataset import Project, Source
    from tldesk.dataset.files.watch import Look

_AFTER_OPENING = 2500  # ms: pictures are wanted first
log = logging.getLogger(__name__)
_REST = 20  # a look through all files may take one part in so many of the time


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("FilesWatch", text)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found.

    Attributes:
        look: at the folders.
        missing: images whose files are gone, as of the last scan.
        changed: images whose files the last scan found changed.
    """

    look: Look
    missing: tuple[int, ...]
    changed: tuple[int, ...]


class FilesWatch(QObject):
    """Owns the banner over the images. Looks after opening, after scans, and when the window is used again.

    Coming back to the window asks only for the times of the folders; all files are looked through where one
    of them differs, and never for more than a twentieth of the time.
    """

    found = Signal()  # ``findings`` are other ones
    imagesAsked = Signal(object, str)

    def __init__(self, parent: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(parent)
        self.banner = Banner(parent)
        self.findings: list[Finding] = []
        self._window = parent
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._stop = threading.Event()
        self._seen: Seen | None = None
        self._waived: object = None  # what somebody wants to see later
        self._next = 0.0  # when all files may be looked through again
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

    # --- looking --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look through all files; what is found is shown."""
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
        """Look through all files only where a folder differs, or has come or gone."""
        project, seen = self._session.project, self._seen
        if project is None or seen is None or self._session.scanning or time.monotonic() < self._next:
            return
        look = seen.look
        self._tasks.read(
            lambda: _differs(project, look),
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
        """Images may have been forgotten, or undo brought them back."""
        project = self._session.project
        if project is not None and self._seen is not None and not self._session.scanning:
            self._tasks.read(
                lambda: _missing(project),
                on_done=lambda ids: self._take_missing(project, ids),
                on_failed=_note,
            )

    def _take_missing(self, project: Project, ids: tuple[int, ...]) -> None:
        if self._seen is not None and project is self._session.project:
            self._take(replace(self._seen, missing=ids))

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

    # --- telling --------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        seen = self._seen
        if seen is None or self._key(seen) == self._waived:
            self.banner.hide()
        elif seen.look.absent:
            self._tell_absent(seen.look.absent[0])
        elif seen.look.differs:
            self._say(_news(seen.look), (self.tr("Read them"), self._read))
        elif seen.missing:
            self._tell_missing(seen.missing)
        else:
            self.banner.hide()

    def _tell_absent(self, source: Source) -> None:
        words = self.tr(
            "The folder {0} is not there. Labels are kept; its pictures cannot be shown or learnt from."
        )
        deeds: list[Deed] = [
            (self.tr("Show where it is now…"), lambda: self._ask_place(source)),
            (self.tr("Look again"), self._look_again),
        ]
        self._say(words.format(source.images), *deeds)

    def _tell_missing(self, ids: tuple[int, ...]) -> None:
        files = plural(len(ids), self.tr("file is"), self.tr("files are"))
        words = self.tr("{0} no longer there. Put them back, or forget these images; labels are kept.")
        if len(ids) == 1:
            words = self.tr("{0} no longer there. Put it back, or forget this image; its label is kept.")
        self._say(
            words.format(files),
            (self.tr("Show them"), lambda: self.imagesAsked.emit(ids, self.tr("Missing files"))),
            (self.tr("Forget them"), lambda: self.forget(ids)),
        )

    def _say(self, words: str, *deeds: Deed) -> None:
        self.banner.tell("warning", words, [*deeds, (self.tr("Later"), self._waive)])

    # --- doing ----------------------------------------------------------------------------------------------

    def forget(self, ids: tuple[int, ...]) -> None:
        """Let go of missing images; undo brings them back."""
        many = plural(len(ids), self.tr("missing image"), self.tr("missing images"))
        self._session.change(self.tr("Forget {0}").format(many), lambda edit: edit.forget(ids))

    def show_place(self, source: Source, folder: Path) -> None:
        """A folder lies elsewhere now: note it, and read it there."""
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
            self.tr("Where is {0} now?").format(source.images.name),
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
        look = seen.look
        absent = tuple(one.images for one in look.absent)
        return (absent, look.new, look.vanished, look.changed, seen.missing)


def _findings(seen: Seen) -> list[Finding]:
    found = []
    if seen.missing:
        words = tr(
            "Their files are no longer there. Labels are kept; put the files back, or forget the images"
        )
        found.append(Finding(tr("Missing files"), seen.missing, words))
    if seen.changed:
        words = tr(
            "The last look found other pictures in these files. They kept their labels: are they right?"
        )
        found.append(Finding(tr("Changed files"), seen.changed, words))
    return found


def _news(look: Look) -> str:
    """``Since the pictures were last read: 12 new pictures, 3 gone or moved, 1 changed.``"""
    parts = []
    if look.new:
        parts.append(plural(look.new, tr("new picture"), tr("new pictures")))
    if look.vanished:
        parts.append(tr("{0} gone or moved").format(f"{look.vanished:,}"))
    if look.changed:
        parts.append(tr("{0} changed").format(f"{look.changed:,}"))
    return tr("Since the pictures were last read: {0}.").format(", ".join(parts))


def _note(error: Exception) -> None:
    """Nobody asked for it: what cannot be looked at now is met, with words, when it is needed."""
    log.warning("The folders could not be looked at", exc_info=error)


def _missing(project: Project) -> tuple[int, ...]:
    from tldesk.dataset import Filter

    return tuple(project.ids(Filter(missing=True)))


def _see(project: Project, stop: threading.Event) -> Seen | None:
    look = project.folders.look(stop)
    return None if look is None else Seen(look, _missing(project), project.last_scan().changed_ids)


def _differs(project: Project, look: Look) -> bool:
    from tldesk.dataset.files.watch import differ

    return project.folders.absent() != look.absent or differ(look.folders)
