"""Runs checks of the images from the window and keeps their findings."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QPushButton

from tldesk.base import Progress, plural
from tldesk.ui.images.checks.finding_list import (
    WATCHED,
    ListedFinding,
    check_project,
    is_about_labels,
    of_report,
    sorted_by_kind,
    with_changes,
)
from tldesk.ui.lane.tasks import Task, Tasks, Ticket
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.left_out_words import left_out_words

if TYPE_CHECKING:
    from tldesk.dataset import Project, ScanReport
    from tldesk.dataset.checks.network_inspection import Inspection
    from tldesk.dataset.checks.shortcuts import Shortcut
    from tldesk.model.library import WeightsLibrary

_AGAIN_MS = 500  # ms after the last of several edits
_QUICK = 20_000  # images; if there are more, the check is not repeated automatically


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check, with the parts that need not be recomputed after an edit."""

    findings: list[ListedFinding]
    shortcuts: tuple[Shortcut, ...] = ()
    inspection: Inspection | None = None
    images: int = 0


class Checking(QObject):
    """Runs checks on the compute thread; ``findings`` are those of the last check.

    After an edit or undo, the check is repeated if that is fast: labels and groups are compared again, but
    the pictures are not measured again.
    """

    found = Signal()
    said = Signal(str)

    def __init__(self, button: QPushButton, session: Session, tasks: Tasks) -> None:
        super().__init__(button)
        self._last: Checked | None = None
        self._of_files: list[ListedFinding] | None = None
        self._passing: list[ListedFinding] = []
        self._button = button
        self._session = session
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AGAIN_MS)
        self._soon.timeout.connect(self.check_again)
        session.history.changed.connect(self._edited)
        session.scanningChanged.connect(self._scan_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.imagesChanged.connect(self._labels_changed)

    @property
    def findings(self) -> list[ListedFinding]:
        """Temporary findings of other pages, then the others in order."""
        checked = [] if self._last is None else self._last.findings
        if self._of_files is not None:  # more recent than those of the check
            checked = sorted_by_kind([*self._of_files, *(one for one in checked if one.kind not in WATCHED)])
        return [*self._passing, *checked]

    def check(self) -> None:
        """Check the images; pictures that are not measured yet are read."""
        project = self._session.project
        if project is not None:
            self._start(self.tr("Checking the images"), project, None)

    def check_deeply(self) -> None:
        """Also check with a network; features that are not cached yet are computed."""
        project = self._session.project
        if project is not None:
            title = self.tr("Checking the images with a network")
            self._start(title, project, self._session.library)

    def check_again(self) -> None:
        """Check labels, groups and splits again after an edit; does nothing before the first check."""
        project, last = self._session.project, self._last
        if project is None or last is None:
            return
        if self._ticket is not None:
            self._ticket.cancel()
        self._soon.stop()
        self._ticket = self._tasks.read(
            lambda: _again(project, last), on_done=lambda checked: self._take_again(project, checked)
        )

    def forget(self) -> None:
        """Reset, because another project was opened."""
        self._last, self._of_files, self._passing = None, None, []
        self._soon.stop()
        if self._ticket is not None:
            self._ticket.cancel()
        self._button.setText(self.tr("Check"))

    def take_files(self, findings: list[ListedFinding]) -> None:
        """Replace the listed missing and changed files by these."""
        self._of_files = findings
        self.found.emit()

    def place_for(self, title: str, ids: tuple[int, ...]) -> int:
        """Return the index of the finding with these images; if there is none, a temporary one is added."""
        self._passing = []
        places = [place for place, one in enumerate(self.findings) if (one.title, one.ids) == (title, ids)]
        if not places:
            self._passing = [ListedFinding(title, ids)]
        return places[0] if places else 0

    def _scan_changed(self) -> None:
        project = self._session.project
        if project is not None and not self._session.scanning:
            self._tasks.read(project.last_scan, on_done=self._tell_of_scan)

    def _tell_of_scan(self, report: ScanReport) -> None:
        if report.left_out and report.added + report.changed:
            self.said.emit(" ".join(left_out_words(report.left_out)))
        if report.identifying and report.added + report.changed:
            self.said.emit(self.tr("{0}: see Check").format(report.identifying))

    def _labels_changed(self) -> None:
        """Count again how many doubtful labels have been changed."""
        project, judged = self._session.project, list(filter(is_about_labels, self.findings))
        if project is not None and judged and not self._session.scanning:
            self._tasks.read(lambda: with_changes(project, judged), on_done=self._take_changes)

    def _take_changes(self, judged: list[ListedFinding]) -> None:
        if self._last is None:
            return
        by_ids = {(one.title, one.ids): one for one in judged}
        findings = [by_ids.get((one.title, one.ids), one) for one in self._last.findings]
        if findings != self._last.findings:
            self._last = replace(self._last, findings=findings)
            self.found.emit()

    def _start(self, title: str, project: Project, library: WeightsLibrary | None) -> None:
        def take(step: Progress | Checked) -> None:
            if isinstance(step, Checked) and project is self._session.project:
                self._take(step)

        task = self._tasks.stream(title, lambda stop: _check(project, library, stop), on_event=take)
        self._started(task)

    def _started(self, task: Task) -> None:
        self._button.setEnabled(False)
        task.stateChanged.connect(lambda _state: self._button.setEnabled(not task.active))

    def _edited(self) -> None:
        last = self._last
        if last is None:
            return
        if last.images <= _QUICK:
            self._soon.start()
        else:
            self._button.setText(self.tr("Check again"))

    def _take(self, checked: Checked) -> None:
        number = self._show(checked)
        nothing = self.tr("Check: no findings")
        self.said.emit(self.tr("Check: {0}").format(number) if checked.findings else nothing)
        self.found.emit()

    def _take_again(self, project: Project, checked: Checked) -> None:
        if project is self._session.project:
            self._show(checked)
            self.found.emit()

    def _show(self, checked: Checked) -> str:
        self._last, self._passing = checked, []
        number = plural(len(self.findings), self.tr("finding"), self.tr("findings"))
        self._button.setText(self.tr("Check · {0}").format(number))
        return number


def _check(
    project: Project, library: WeightsLibrary | None, stop: threading.Event
) -> Iterator[Progress | Checked]:
    """Yield progress and finally the result; no result if stopped."""
    from tldesk.dataset import checking

    look = _inspector(project, library, stop)
    report = yield from checking(project, stop)
    seen = (yield from look) if look is not None else None
    if report is None or stop.is_set():
        return
    yield Checked(of_report(project, report, seen), report.known_shortcuts, seen, report.images)


def _inspector(
    project: Project, library: WeightsLibrary | None, stop: threading.Event
) -> Generator[Progress, None, Inspection | None] | None:
    """Return the steps of a check with a network.

    Missing weights raise an error before anything is measured.
    """
    if library is None:
        return None
    from tldesk.run.network_check import inspecting, recipe_to_look_with

    return inspecting(project, recipe_to_look_with(project, library), stop)


def _again(project: Project, last: Checked) -> Checked:
    """Check again after an edit. For the reading pool."""
    return replace(last, findings=check_project(project, last.shortcuts, last.inspection))
