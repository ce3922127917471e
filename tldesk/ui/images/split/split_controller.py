"""The dialogs about the split: grouping, splitting, balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.dataset import NoGroups
from tldesk.dataset.splits.split_rule import DEFAULT_SHARES
from tldesk.ui.images.split.balance_dialog import BalanceDialog
from tldesk.ui.images.split.group_dialog import GroupDialog
from tldesk.ui.images.split.split_dialog import SplitDialog
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session, SplitWish

if TYPE_CHECKING:
    from tldesk.dataset import Balance, GroupBy, GroupProposal, Project


class SplitController(QObject):
    """Opens the dialogs over a page, and carries out their requests through the session."""

    imagesAsked = Signal(object, str)  # ids, title

    def __init__(self, page: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._tasks = tasks
        self.dialog: SplitDialog | None = None
        session.splitDone.connect(self._show_what_came)
        session.newProjectRead.connect(self.ask_together)
        session.imagesChanged.connect(self._look_again)

    def split(self) -> None:
        """Ask how to split the images, then split them."""
        project = self._session.project
        if project is not None and self.dialog is None:
            self.dialog = SplitDialog(project, self._tasks, self._page)
            self.dialog.wanted.connect(self._session.split)
            self.dialog.lockWanted.connect(self.lock)
            self.dialog.destroyed.connect(self._closed)
            self.dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def lock(self, locked: bool) -> None:
        """Lock or unlock the test set."""
        verb = self.tr("Lock the test set") if locked else self.tr("Unlock the test set")
        self._session.change(verb, lambda edit: edit.lock_test(locked), OperationChanges(images=True))

    def _look_again(self) -> None:
        if self.dialog is not None:
            self.dialog.look()

    def show_balance(self) -> None:
        """Show the distribution of the classes over the splits."""
        self._count(lambda _found: True)

    def _show_what_came(self) -> None:
        """Show the balance after a split, unless no image has a label."""
        self._count(lambda found: bool(found.all.images))

    def _count(self, worth_it: Callable[[Balance], bool]) -> None:
        project = self._session.project
        if project is None:
            return

        def show(found: Balance) -> None:
            if project is self._session.project and worth_it(found):
                self._show_balance(project, found)

        self._tasks.read(project.splits.balance, on_done=show)

    def _show_balance(self, project: Project, found: Balance) -> None:
        # Only once everything is counted: a dialog that resizes while it appears is misplaced on X11.
        dialog = BalanceDialog(project, found, self._tasks, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.imagesAsked.connect(self.imagesAsked)
        dialog.splitAsked.connect(self.split)
        dialog.open()

    def ask_together(self) -> None:
        """Search for groups; ask about them if there are any and no rule was chosen yet."""
        project = self._session.project
        if project is not None:
            self._tasks.read(
                lambda: _open_proposals(project), on_done=lambda found: self._ask(project, found)
            )

    def _ask(self, project: Project, proposals: Sequence[GroupProposal]) -> None:
        if not proposals or project is not self._session.project:
            return
        dialog = GroupDialog(proposals, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._keep_together)
        dialog.open()

    def _keep_together(self, by: GroupBy) -> None:
        if by == NoGroups():
            self._session.write(lambda project: project.set_groups(by))
        else:
            self._session.split(SplitWish(by, DEFAULT_SHARES, 0, keep_given=True))


def _open_proposals(project: Project) -> Sequence[GroupProposal]:
    """Return the matching rules; none if a rule was already chosen. For the reading pool."""
    return () if project.splits.group_by is not None else project.grouping.proposals()
