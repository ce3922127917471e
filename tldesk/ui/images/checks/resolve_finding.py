"""A chosen finding: the images it is about, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import plural
from tldesk.dataset import Mark
from tldesk.dataset.checks.thin_duplicates import all_but_one
from tldesk.ui.images.checks.finding_bar import FindingBar, Offer
from tldesk.ui.images.checks.finding_list import Finding, Mend
from tldesk.ui.images.checks.run_checks import Checking
from tldesk.ui.images.choice_list import Choice
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Edits, Project
    from tldesk.ui.images.grid.image_grid import ImageGrid
    from tldesk.ui.images.side_panel import SidePanel

_MANY = 1000  # images whose change is felt
_KEYS = {
    Mend.TOGETHER: "Ctrl+G",
    Mend.THIN: "Ctrl+Del",
    Mend.EXCLUDE: "Ctrl+Del",
    Mend.SPLIT: "",  # the menu has it
    Mend.LEAVE: "Ctrl+Shift+L",
    Mend.BACK: "Ctrl+Shift+B",
    Mend.LOOK: "",  # the menu has it
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a mend changes; ``excluded`` is empty where images are put together."""

    excluded: tuple[int, ...] = ()
    torn: bool = False  # some of what is put together stands on two sides of the split


class Mending(QObject):
    """The list of findings and the bar above the grid, which offers what mends the chosen one.

    Where two images or more are selected, a mend is for the sets that they belong to; else for all.
    """

    imagesAsked = Signal()  # the finding's images, or all again
    splitAsked = Signal()
    said = Signal(str)

    def __init__(
        self, page: QWidget, session: Session, checking: Checking, side: SidePanel, grid: ImageGrid
    ) -> None:
        super().__init__(page)
        self.bar = FindingBar(page)
        self._session = session
        self._tasks: Tasks = session.tasks
        self._checking = checking
        self._list = side.findings
        self._side = side
        self._grid = grid
        self.findings: list[Finding] = []  # as they are listed
        side.findingPicked.connect(self._picked)
        checking.found.connect(self._renew)
        grid.selectionModel().selectionChanged.connect(self.show_bar)

    # --- the list -------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Finding | None:
        """The finding whose images are shown."""
        place = self._list.chosen
        return self.findings[place] if 0 <= place < len(self.findings) else None

    @property
    def ids(self) -> tuple[int, ...] | None:
        """The images of the chosen finding; None where there is none, or where it names no image."""
        return self.chosen.ids if self.chosen is not None and self.chosen.ids else None

    def show_passing(self, ids: Sequence[int], title: str) -> None:
        """Choose the finding of these images; they become one that passes if they are none."""
        place = self._checking.place_for(title, tuple(ids))
        self._show_list()
        self._list.choose(place)
        self.show_bar()

    def let_go(self) -> None:
        """Choose no finding."""
        self._list.choose(-1)
        self.show_bar()

    def forget(self) -> None:
        """Another project was opened."""
        self._checking.forget()
        self._show_list()
        self.show_bar()

    def _show_list(self) -> None:
        self.findings = self._checking.findings
        self._side.set_findings([Choice(one.name, len(one.ids) or None) for one in self.findings])

    def _renew(self) -> None:
        """Other findings: the chosen one stays chosen if it is still there."""
        before = self.chosen
        self._show_list()
        known = [(one.kind, one.title) for one in self.findings]
        if before is not None and (before.kind, before.title) in known:
            self._list.choose(known.index((before.kind, before.title)))
        self.show_bar()
        if before is not None and (self.chosen is None or self.chosen.ids != before.ids):
            self.imagesAsked.emit()

    def _picked(self) -> None:
        self.show_bar()
        self.imagesAsked.emit()

    # --- the bar --------------------------------------------------------------------------------------------

    def show_bar(self) -> None:
        """Tell of the chosen finding, and of how much of it a mend would change."""
        finding = self.chosen
        if finding is None or not finding.words:
            self.bar.hide()
            return
        offers = [Offer(*self._words(mend), _KEYS[mend], partial(self.mend, mend)) for mend in finding.mends]
        scope = self._scope(finding)
        self.bar.show_finding(f"{finding.name} · {scope}" if scope else finding.name, finding.words, offers)

    def _scope(self, finding: Finding) -> str:
        if finding.whole:
            shown = self.tr("examples: {0}") if finding.kind.startswith("shortcut") else "{0}"
            return shown.format(_images(len(finding.ids))) if finding.ids else ""
        if finding.sets:
            sets = self._sets(finding)
            many = plural(len(finding.sets), self.tr("set"), self.tr("sets"))
            if len(sets) < len(finding.sets):
                return self.tr("{0:,} of {1} selected").format(len(sets), many)
            return f"{many}, {_images(len(finding.ids))}"
        ids = self._ids(finding)
        if len(ids) < len(finding.ids):
            return self.tr("{0:,} of {1} selected").format(len(ids), _images(len(finding.ids)))
        return _images(len(ids))

    def _words(self, mend: Mend) -> tuple[str, str]:
        return {
            Mend.TOGETHER: (
                self.tr("Put in the same group"),
                self.tr("The images of each set then always stay on the same side of the split"),
            ),
            Mend.THIN: (
                self.tr("Exclude all but one of each"),
                self.tr("Of each set the labelled, largest one stays; sets with different labels are left"),
            ),
            Mend.EXCLUDE: (
                self.tr("Exclude"),
                self.tr("They are kept, but neither learnt from nor measured with"),
            ),
            Mend.SPLIT: (
                self.tr("Split again…"),
                self.tr("Ask how; groups, identical and alike pictures stay together"),
            ),
            Mend.LEAVE: (
                self.tr("Leave as it is"),
                self.tr("Do not name this again; it can be brought back"),
            ),
            Mend.BACK: (self.tr("Bring all back"), self.tr("Name again what was left as it is")),
            Mend.LOOK: (
                self.tr("Look again"),
                self.tr("Read what is new, mended or not read yet in the project's folders"),
            ),
        }[mend]

    def _selected(self) -> set[int]:
        """The selected images, if they are several: one is always selected."""
        selected = self._grid.selected_ids()
        return set(selected) if len(selected) > 1 else set()

    def _sets(self, finding: Finding) -> tuple[tuple[int, ...], ...]:
        selected = self._selected()
        return tuple(one for one in finding.sets if selected.intersection(one)) or finding.sets

    def _ids(self, finding: Finding) -> tuple[int, ...]:
        if finding.sets:
            return tuple(dict.fromkeys(number for one in self._sets(finding) for number in one))
        selected = self._selected()
        return tuple(one for one in finding.ids if one in selected) or finding.ids

    # --- mends ----------------------------------------------------------------------------------------------

    def mend(self, mend: Mend) -> None:
        """Do what is offered, as one step that Undo takes back."""
        finding, project = self.chosen, self._session.project
        if finding is None or project is None or mend not in finding.mends:
            return
        if mend is Mend.SPLIT:
            self.splitAsked.emit()
        elif self._session.scanning:
            self.said.emit(self.tr("This can be done as soon as all pictures are read"))
        elif mend is Mend.LOOK:
            self._session.rescan()
        elif mend in {Mend.TOGETHER, Mend.THIN}:
            sets = self._sets(finding)
            self._tasks.read(
                lambda: _plan(project, sets, mend), on_done=partial(self._do, project, mend, sets)
            )
        else:
            self._do_at_once(finding, mend)

    def _do_at_once(self, finding: Finding, mend: Mend) -> None:
        ids = () if finding.whole else self._ids(finding)
        if mend is Mend.EXCLUDE:
            self._exclude(ids)
        elif mend is Mend.LEAVE:
            verb = self.tr("Leave “{0}” as it is").format(finding.title)
            self._change(verb, lambda edit: edit.dismiss(finding.kind, ids), len(ids), ids)
            self.said.emit(self.tr("It will not be named again. “Left as they are” brings it back"))
        else:
            verb = self.tr("Bring findings back")
            self._change(verb, lambda edit: edit.bring_back(), len(finding.ids), ())

    def _do(self, project: Project, mend: Mend, sets: Sequence[Sequence[int]], plan: _Plan) -> None:
        if project is not self._session.project:
            return
        if mend is Mend.TOGETHER:
            self._put_together(sets, plan)
        elif plan.excluded:
            self._exclude(plan.excluded)
        else:
            self.said.emit(self.tr("These copies have different labels: give them the right one first"))

    def _put_together(self, sets: Sequence[Sequence[int]], plan: _Plan) -> None:
        number = len({image for one in sets for image in one})
        images = _images(number)
        verb = self.tr("Put {0} in the same group").format(images)
        if len(sets) > 1:
            verb = self.tr("Put {0} in {1} groups").format(images, f"{len(sets):,}")
        self._change(verb, lambda edit: edit.put_together(sets), number, ())
        if plan.torn:
            self.said.emit(
                self.tr("{0}. Some stand in different splits: split again (Ctrl+Shift+S)").format(verb)
            )
        else:
            self.said.emit(self.tr("{0}: they stay on one side of the split").format(verb))

    def _exclude(self, ids: Sequence[int]) -> None:
        verb = self.tr("Exclude {0}").format(_images(len(ids)))
        self._change(verb, lambda edit: edit.mark(ids, Mark.EXCLUDED), len(ids), ids)
        self.said.emit(
            self.tr("{0} excluded: kept, but neither learnt from nor measured with").format(_images(len(ids)))
        )

    def _change(self, verb: str, what: Callable[[Edits], object], images: int, ids: Sequence[int]) -> None:
        if images > _MANY:
            self._session.write(lambda project: what(project.edit), self._checking.check_again)
        else:
            self._session.change(verb, what, ids)
            self._checking.check_again()


def _plan(project: Project, sets: Iterable[Sequence[int]], mend: Mend) -> _Plan:
    """What a mend comes to. For the reading pool."""
    sets = list(sets)
    images = {one.id: one for one in project.images(list({number for one in sets for number in one}))}
    records = [[images[number] for number in one] for one in sets]
    if mend is Mend.THIN:
        return _Plan(excluded=tuple(dict.fromkeys(all_but_one(records))))
    sides = [{image.split for image in one if image.split is not None} for one in records]
    return _Plan(torn=any(len(found) > 1 for found in sides))


def _images(number: int) -> str:
    one = QCoreApplication.translate("Mending", "image")
    return plural(number, one, QCoreApplication.translate("Mending", "images"))
