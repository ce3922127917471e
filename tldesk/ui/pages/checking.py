"""Checks of the images from the window: what was found, and the button that starts them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from tldesk.base import Progress, plural
from tldesk.ui.pages.findings import Finding, check_project, judged_since, of_inspection
from tldesk.ui.session import Session
from tldesk.ui.tasks import Task, Tasks

if TYPE_CHECKING:
    from tldesk.dataset import Project, ScanReport
    from tldesk.model.library import WeightsLibrary


class Checking(QObject):
    """Runs a check on the compute thread; ``findings`` are the files' and those of the last one."""

    found = Signal()
    said = Signal(str)

    def __init__(self, button: QPushButton, session: Session, tasks: Tasks) -> None:
        super().__init__(button)
        self.findings: list[Finding] = []
        self._of_files: list[Finding] = []
        self._shown: list[Finding] = []
        self._button = button
        self._session = session
        self._tasks = tasks
        session.scanningChanged.connect(self._scan_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.imagesChanged.connect(self._labels_changed)

    def check(self) -> None:
        """Look for problems in what a scan has noted."""
        project = self._session.project
        if project is not None:
            title = self.tr("Checking the images")
            self._started(self._tasks.compute(title, lambda: check_project(project), on_done=self._take))

    def check_deeply(self) -> None:
        """Also let a network look at the images; features are computed where they are not kept yet."""
        project, library = self._session.project, self._session.library
        if project is not None:
            self._started(
                self._tasks.stream(
                    self.tr("Checking the images with a network"),
                    lambda stop: _deeply(project, library, stop),
                    on_event=self._take_step,
                )
            )

    def forget(self) -> None:
        """Another project was opened."""
        self.findings, self._of_files = [], []
        self._button.setText(self.tr("Check"))

    def take_files(self, findings: list[Finding]) -> None:
        """What became of files, in place of what was known of them before."""
        before, self._of_files = self._of_files, findings
        rest = [one for one in self.findings if one not in before]
        passing = [one for one in rest if one.passing]
        self.findings = [*passing, *findings, *(one for one in rest if not one.passing)]
        self.found.emit()

    def _scan_changed(self) -> None:
        project = self._session.project
        if project is not None and not self._session.scanning:
            self._tasks.read(project.last_scan, on_done=self._tell_of_persons)

    def _tell_of_persons(self, report: ScanReport) -> None:
        if report.identifying and report.added + report.changed:
            self.said.emit(self.tr("{0}: see Check").format(report.identifying))

    def place_for(self, title: str, ids: tuple[int, ...]) -> int:
        """Where the finding of these images stands; they become one that passes if they are none."""
        lasting = [one for one in self.findings if not one.passing]
        places = [place for place, one in enumerate(lasting) if (one.title, one.ids) == (title, ids)]
        self.findings = lasting if places else [Finding(title, ids, passing=True), *lasting]
        return places[0] if places else 0

    def place_after(self, chosen: int) -> int:
        """Where the finding stands now that was chosen among those shown until now; -1 where it is gone."""
        before, self._shown = self._shown, list(self.findings)
        if not 0 <= chosen < len(before):
            return -1
        kept = before[chosen]
        same = [(one.title, one.ids) == (kept.title, kept.ids) for one in self._shown]
        return same.index(True) if True in same else -1

    def _labels_changed(self) -> None:
        """What a network found of labels is of the labels as they were: say how many have changed since."""
        project, judged = self._session.project, [one for one in self.findings if one.judged]
        if project is not None and judged and not self._session.scanning:
            self._tasks.read(lambda: judged_since(project, judged), on_done=self._take_changes)

    def _take_changes(self, judged: list[Finding]) -> None:
        by_ids = {(one.title, one.ids): one for one in judged}
        findings = [by_ids.get((one.title, one.ids), one) for one in self.findings]
        if findings != self.findings:
            self.findings = findings
            self.found.emit()

    def _started(self, task: Task) -> None:
        self._button.setEnabled(False)
        task.stateChanged.connect(lambda _state: self._button.setEnabled(not task.active))

    def _take_step(self, step: Progress | list[Finding]) -> None:
        if isinstance(step, list):
            self._take(step)

    def _take(self, findings: list[Finding]) -> None:
        self.findings = [*self._of_files, *findings]
        number = plural(len(findings), self.tr("finding"), self.tr("findings"))
        self._button.setText(self.tr("Check · {0}").format(number))
        self.said.emit(self.tr("Check: {0}").format(number) if findings else self.tr("Check: nothing found"))
        self.found.emit()


def _deeply(
    project: Project, library: WeightsLibrary, stop: threading.Event
) -> Iterator[Progress | list[Finding]]:
    """Progress, and at the end the findings; nothing where it was stopped."""
    from tldesk.run.inspecting import inspecting, recipe_to_look_with

    recipe = recipe_to_look_with(project, library)
    findings = check_project(project)
    seen = yield from inspecting(project, recipe, stop)
    if seen is not None:
        yield [*findings, *of_inspection(project, seen)]
