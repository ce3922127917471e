"""The selected finding: its images, and the actions that resolve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import plural
from tldesk.dataset import FindingKind, Mark, Resolution
from tldesk.dataset.checks.thin_duplicates import all_but_one
from tldesk.ui.images.checks import merge_alike
from tldesk.ui.images.checks.finding_bar import FindingBar, Offer
from tldesk.ui.images.checks.finding_list import ListedFinding
from tldesk.ui.images.checks.run_checks import Checking
from tldesk.ui.images.choice_list import Choice
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Edits, Project
    from tldesk.ui.images.grid.image_grid import ImageGrid
    from tldesk.ui.images.side_panel import SidePanel

_SHORTCUTS = frozenset({FindingKind.FILE_SHORTCUT, FindingKind.BORDER_SHORTCUT})
_KEYS = {
    Resolution.GROUP: "Ctrl+G",
    Resolution.MERGE: "",
    Resolution.ACCEPT: "",
    Resolution.DELETE_CLASS: "",
    Resolution.THIN: "Ctrl+Del",
    Resolution.EXCLUDE: "Ctrl+Del",
    Resolution.SPLIT: "",  # the menu entry has it
    Resolution.DISMISS: "Ctrl+Shift+L",
    Resolution.RESTORE: "Ctrl+Shift+B",
    Resolution.RESCAN: "",  # the menu entry has it
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The changes a resolution makes; ``excluded`` is empty if images are put in a group."""

    excluded: tuple[int, ...] = ()
    torn: bool = False  # images of a new group are in different splits


class FindingResolver(QObject):
    """The list of findings, and the bar above the grid with resolutions for the selected one.

    If two or more images are selected, a resolution applies to their sets; otherwise to all sets.
    """

    imagesAsked = Signal()  # show the finding's images, or all images again
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
        self.findings: list[ListedFinding] = []  # in the order of the list
        side.findingPicked.connect(self._picked)
        checking.found.connect(self._renew)
        grid.selectionModel().selectionChanged.connect(self.show_bar)

    # --- the list -------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> ListedFinding | None:
        """The finding whose images are shown."""
        place = self._list.chosen
        return self.findings[place] if 0 <= place < len(self.findings) else None

    @property
    def ids(self) -> tuple[int, ...] | None:
        """Ids of the images of the selected finding; None if there is none or it lists no images."""
        return self.chosen.ids if self.chosen is not None and self.chosen.ids else None

    def show_passing(self, ids: Sequence[int], title: str) -> None:
        """Select the finding with these images; if there is none, a temporary one is added."""
        place = self._checking.place_for(title, tuple(ids))
        self._show_list()
        self._list.choose(place)
        self.show_bar()

    def let_go(self) -> None:
        """Deselect the finding."""
        self._list.choose(-1)
        self.show_bar()

    def forget(self) -> None:
        """Reset, because another project was opened."""
        self._checking.forget()
        self._show_list()
        self.show_bar()

    def _show_list(self) -> None:
        self.findings = self._checking.findings
        self._side.set_findings([Choice(one.name, len(one.ids) or None) for one in self.findings])

    def _renew(self) -> None:
        """Update the list; the selected finding stays selected if it still exists."""
        before = self.chosen
        self._show_list()
        known = [(one.key, one.title) for one in self.findings]
        if before is not None and (before.key, before.title) in known:
            self._list.choose(known.index((before.key, before.title)))
        self.show_bar()
        if before is not None and (self.chosen is None or self.chosen.ids != before.ids):
            self.imagesAsked.emit()

    def _picked(self) -> None:
        self.show_bar()
        self.imagesAsked.emit()

    # --- the bar --------------------------------------------------------------------------------------------

    def show_bar(self) -> None:
        """Show the selected finding and how many images a resolution would change."""
        finding = self.chosen
        if finding is None or not finding.words:
            self.bar.hide()
            return
        offers = [
            Offer(*self._words(one), _KEYS[one], partial(self.resolve, one)) for one in finding.resolutions
        ]
        scope = self._scope(finding)
        self.bar.show_finding(f"{finding.name} · {scope}" if scope else finding.name, finding.words, offers)

    def _scope(self, finding: ListedFinding) -> str:
        if finding.of_the_project:
            shown = self.tr("examples: {0}") if finding.kind in _SHORTCUTS else "{0}"
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

    def _words(self, resolution: Resolution) -> tuple[str, str]:
        return {
            Resolution.GROUP: (
                self.tr("Put in the same group"),
                self.tr("The images of each set then always stay in the same split"),
            ),
            Resolution.MERGE: (
                self.tr("Merge into one class"),
                self.tr("All their images then belong to the larger class"),
            ),
            Resolution.ACCEPT: (
                self.tr("Accept the folders"),
                self.tr("The images get the class of the folder that they are in"),
            ),
            Resolution.DELETE_CLASS: (
                self.tr("Delete the class"),
                self.tr("Images with missing files lose its label; can be undone"),
            ),
            Resolution.THIN: (
                self.tr("Exclude all but one of each"),
                self.tr(
                    "Keeps the labelled, largest one of each set; sets with different labels are not changed"
                ),
            ),
            Resolution.EXCLUDE: (
                self.tr("Exclude"),
                self.tr("They are kept, but not used for training or testing"),
            ),
            Resolution.SPLIT: (
                self.tr("Split again…"),
                self.tr("Choose how; groups, identical and similar pictures stay together"),
            ),
            Resolution.DISMISS: (
                self.tr("Dismiss"),
                self.tr("Dismiss; you can restore it later"),
            ),
            Resolution.RESTORE: (self.tr("Restore all"), self.tr("List the dismissed findings again")),
            Resolution.RESCAN: (
                self.tr("Rescan"),
                self.tr("Read new, repaired and unread pictures in the project's folders"),
            ),
        }[resolution]

    def _selected(self) -> set[int]:
        """Return the selected images if there are several (one is always selected), otherwise none."""
        selected = self._grid.selected_ids()
        return set(selected) if len(selected) > 1 else set()

    def _sets(self, finding: ListedFinding) -> tuple[tuple[int, ...], ...]:
        selected = self._selected()
        return tuple(one for one in finding.sets if selected.intersection(one)) or finding.sets

    def _ids(self, finding: ListedFinding) -> tuple[int, ...]:
        if finding.sets:
            return tuple(dict.fromkeys(number for one in self._sets(finding) for number in one))
        selected = self._selected()
        return tuple(one for one in finding.ids if one in selected) or finding.ids

    # --- resolutions ----------------------------------------------------------------------------------------

    def resolve(self, resolution: Resolution) -> None:
        """Apply a resolution as one undoable step."""
        finding, project = self.chosen, self._session.project
        if finding is None or project is None or resolution not in finding.resolutions:
            return
        if resolution is Resolution.SPLIT:
            self.splitAsked.emit()
        elif self._session.scanning:
            self.said.emit(self.tr("Possible once all pictures have been read"))
        elif resolution is Resolution.RESCAN:
            self._session.rescan()
        elif resolution in {Resolution.GROUP, Resolution.THIN}:
            sets = self._sets(finding)
            self._tasks.read(
                lambda: _plan(project, sets, resolution), on_done=partial(self._do, project, resolution, sets)
            )
        else:
            self._do_at_once(finding, resolution)

    def _do_at_once(self, finding: ListedFinding, resolution: Resolution) -> None:
        ids = () if finding.of_the_project else self._ids(finding)
        if resolution is Resolution.EXCLUDE:
            self._exclude(ids)
        elif resolution is Resolution.MERGE and finding.alike is not None:
            merge_alike.merge(self._session, finding.alike, self._checking.check_again)
        elif resolution is Resolution.ACCEPT:
            verb = self.tr("Accept the folder's class for {0}").format(_images(len(ids)))
            self._change_classes(verb, lambda edit: edit.accept_folders(ids), len(ids))
        elif resolution is Resolution.DELETE_CLASS and finding.empty is not None:
            gone = finding.empty
            verb = self.tr("Delete class “{0}”").format(gone.name)
            self._change_classes(verb, lambda edit: edit.delete_class(gone.class_id), gone.missing)
        elif resolution is Resolution.DISMISS:
            verb, key = self.tr("Dismiss “{0}”").format(finding.title), finding.key
            self._change(verb, lambda edit: edit.dismiss(key, ids), len(ids), ids)
            self.said.emit(self.tr("Dismissed. Choose “Dismissed” in the list to restore it"))
        else:
            verb = self.tr("Restore findings")
            self._change(verb, lambda edit: edit.bring_back(), len(finding.ids), ())

    def _do(
        self, project: Project, resolution: Resolution, sets: Sequence[Sequence[int]], plan: _Plan
    ) -> None:
        if project is not self._session.project:
            return
        if resolution is Resolution.GROUP:
            self._put_together(sets, plan)
        elif plan.excluded:
            self._exclude(plan.excluded)
        else:
            self.said.emit(self.tr("These copies have different labels: correct the labels first"))

    def _put_together(self, sets: Sequence[Sequence[int]], plan: _Plan) -> None:
        number = len({image for one in sets for image in one})
        images = _images(number)
        verb = self.tr("Put {0} in the same group").format(images)
        if len(sets) > 1:
            verb = self.tr("Put {0} in {1} groups").format(images, f"{len(sets):,}")
        self._change(verb, lambda edit: edit.put_together(sets), number, ())
        if plan.torn:
            self.said.emit(
                self.tr("{0}. Some are in different splits: split again (Ctrl+Shift+S)").format(verb)
            )
        else:
            self.said.emit(self.tr("{0}: they stay in the same split").format(verb))

    def _exclude(self, ids: Sequence[int]) -> None:
        verb = self.tr("Exclude {0}").format(_images(len(ids)))
        self._change(verb, lambda edit: edit.mark(ids, Mark.EXCLUDED), len(ids), ids)
        self.said.emit(
            self.tr("{0} excluded: kept, but not used for training or testing").format(_images(len(ids)))
        )

    def _change_classes(self, verb: str, what: Callable[[Edits], object], images: int) -> None:
        changes = OperationChanges(images=True, classes=True)
        self._session.change(verb, what, changes, images, self._checking.check_again)

    def _change(self, verb: str, what: Callable[[Edits], object], images: int, ids: Sequence[int]) -> None:
        changes = OperationChanges(labels=tuple(ids)) if ids else OperationChanges(images=True)
        self._session.change(verb, what, changes, images, self._checking.check_again)


def _plan(project: Project, sets: Iterable[Sequence[int]], resolution: Resolution) -> _Plan:
    """Return the changes a resolution would make. For the reading pool."""
    sets = list(sets)
    images = {one.id: one for one in project.images(list({number for one in sets for number in one}))}
    records = [[images[number] for number in one] for one in sets]
    if resolution is Resolution.THIN:
        return _Plan(excluded=tuple(dict.fromkeys(all_but_one(records))))
    sides = [{image.split for image in one if image.split is not None} for one in records]
    return _Plan(torn=any(len(found) > 1 for found in sides))


def _images(number: int) -> str:
    one = QCoreApplication.translate("FindingResolver", "image")
    return plural(number, one, QCoreApplication.translate("FindingResolver", "images"))
