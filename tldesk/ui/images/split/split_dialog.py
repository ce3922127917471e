"""Asks how to split the images: shares, grouping and seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem
from tldesk.dataset import ColumnGroups, FilenamePattern, Filter, FolderGroups, NoGroups, Split
from tldesk.dataset.splits.split_rule import DEFAULT_SHARES
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.images.split.group_words import is_sure, title_of, words_of
from tldesk.ui.images.split.lock_row import LockRow
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.session import SplitWish
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.fit_on_screen import fit_on_screen
from tldesk.ui.widgets.number_box import number_box

if TYPE_CHECKING:
    from tldesk.dataset import GroupBy, GroupPreview, GroupProposal, Project, SplitRule

_BY_NAME = "name"
_SHOWN = 4
_SHARES = tuple(round(100 * share) for share in DEFAULT_SHARES)  # percent


@dataclass(frozen=True, slots=True)
class _SplitFacts:
    """The available rules and the settings of the last split; read in the background."""

    proposals: Sequence[GroupProposal]
    columns: Sequence[str]
    by: GroupBy | None
    rule: SplitRule | None
    given: Mapping[Split, int]


class SplitDialog(QDialog):
    """Shows immediately how many groups the selected rule gives."""

    wanted = Signal(object)  # SplitWish
    lockWanted = Signal(bool)

    def __init__(self, project: Project, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Split the images"))
        self.setObjectName("splitDialog")
        self._project = project
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self.shares = [self._share(value) for value in _SHARES]
        self.together = QComboBox(self)
        self.pattern = QLineEdit(self)
        self.groups = QLabel(self)
        self.seed = number_box(self)
        self.given = QCheckBox(self)
        self.lock = LockRow(self)
        self.problem = ProblemLabel(self)
        self.buttons = QDialogButtonBox(self)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(250)
        self._count_soon.timeout.connect(self._count_groups)
        self._build()
        self._changed()
        self._choices_ticket = tasks.read(lambda: _split_facts(project), on_done=self._offer)
        self._lock_ticket: Ticket | None = None
        self.look()

    def _share(self, value: int) -> QSpinBox:
        box = number_box(self)
        box.setRange(0, 100)
        box.setSuffix(" %")
        box.setValue(value)
        box.valueChanged.connect(self._changed)
        return box

    def _share_row(self) -> QWidget:
        names = (self.tr("Training"), self.tr("Validation"), self.tr("Test"))
        shares = QWidget(self)  # a widget, because a form layout squeezes bare layouts
        row = QHBoxLayout(shares)
        row.setContentsMargins(0, 0, 0, 0)
        for box, name in zip(self.shares, names, strict=True):
            column = QVBoxLayout()
            label = QLabel(name, self)
            label.setProperty("role", "muted")
            label.setBuddy(box)
            box.setAccessibleName(name)
            column.setSpacing(2)
            column.addWidget(label)
            column.addWidget(box)
            row.addLayout(column)
        return shares

    def _build(self) -> None:
        for choice, by in (
            (self.tr("Nothing: every image on its own"), NoGroups()),
            (self.tr("Images in the same folder"), FolderGroups()),
            (self.tr("Images whose names share a part…"), _BY_NAME),
        ):
            self.together.addItem(choice, by)
        # Long titles of rules must not push the form's labels out of the dialog.
        self.together.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.together.setMinimumContentsLength(30)
        self.together.setAccessibleName(self.tr("Images that belong together"))
        self.together.currentIndexChanged.connect(self._changed)
        self.pattern.setText(r"(.+)[_-]\d+")
        self.pattern.setAccessibleName(self.tr("File name pattern"))
        self.pattern.setToolTip(self.tr("A regular expression; the part in brackets names the group"))
        self.pattern.textChanged.connect(self._changed)
        self.groups.setProperty("role", "muted")
        self.groups.setWordWrap(True)
        self.seed.setRange(0, 999_999)
        self.seed.setAccessibleName(self.tr("Seed"))
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.addRow(self.tr("Shares"), self._share_row())
        form.addRow(self.tr("Keep together"), self.together)
        form.addRow("", self.pattern)
        form.addRow("", self.groups)
        form.addRow(self.tr("Seed"), self.seed)
        form.addRow("", self.given)
        self.given.setChecked(True)
        form.setRowVisible(self.given, False)  # until it is known that there is something to keep
        form.addRow(self.tr("Test set"), self.lock)
        self.lock.wanted.connect(self.lockWanted)
        self._form = form
        words = QLabel(
            self.tr(
                "The model is trained on the training images, chosen on the validation "
                "images and tested on the test images. The same seed gives the same split."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        split = self.buttons.addButton(self.tr("Split"), QDialogButtonBox.ButtonRole.AcceptRole)
        make_primary(split)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(600)

    def group_by(self) -> GroupBy:
        """The selected grouping rule."""
        by: GroupBy | str = self.together.currentData()
        return FilenamePattern(self.pattern.text()) if isinstance(by, str) else by

    def look(self) -> None:
        """Read again whether the test set is locked."""
        if self._lock_ticket is not None:
            self._lock_ticket.cancel()
        project = self._project
        self._lock_ticket = self._tasks.read(lambda: _lock_of(project), on_done=self._show_lock)

    def _show_lock(self, state: tuple[bool, int]) -> None:
        locked, images = state
        self.lock.show_state(locked=locked, images=images)
        self.shares[2].setEnabled(not locked)
        tip = self.tr("The test set is locked; its share applies once it is unlocked") if locked else ""
        self.shares[2].setToolTip(tip)
        fit_on_screen(self)

    def _offer(self, known: _SplitFacts) -> None:
        """Offer the rules that match the pictures, then all columns of the table and file facts."""
        untouched = self.together.currentIndex() == 0
        proposals = known.proposals
        for place, proposal in enumerate(proposals[:_SHOWN], start=1):
            title = self.tr("{0} (suggested)").format(title_of(proposal.by, proposal.gives))
            self.together.insertItem(place, title, proposal.by)
        for name in known.columns:
            if not any(proposal.by == ColumnGroups(name) for proposal in proposals):
                self.together.addItem(title_of(ColumnGroups(name)), ColumnGroups(name))
        if untouched and known.by is not None:
            self._choose(known.by)
        elif untouched and proposals and is_sure(proposals[0]):
            self.together.setCurrentIndex(1)
        if known.given:
            self._offer_given(known.given, known.rule)
        if known.rule is not None and self._shares_untouched():
            self._show_rule(known.rule)

    def _offer_given(self, given: Mapping[Split, int], rule: SplitRule | None) -> None:
        """Let the user choose whether the split of folders or the table is kept, or all images divided."""
        names = {
            Split.TRAIN: self.tr("training"),
            Split.VALIDATION: self.tr("validation"),
            Split.TEST: self.tr("test"),
        }
        counts = ", ".join(f"{names[split]} {count:,}" for split, count in given.items())
        self.given.setText(self.tr("Keep the split that folders or the table give ({0})").format(counts))
        self.given.setToolTip(self.tr("Without it, all images are divided anew, into the shares above"))
        self.given.setChecked(rule is None or rule.keep_given)
        self._form.setRowVisible(self.given, True)
        fit_on_screen(self)

    def _choose(self, by: GroupBy) -> None:
        """Select the saved rule; if it is not in the list, it is added."""
        places = [place for place in range(self.together.count()) if self.together.itemData(place) == by]
        if not places and isinstance(by, FilenamePattern):
            self.pattern.setText(by.regex)
            places = [self.together.findData(_BY_NAME)]
        elif not places:
            self.together.addItem(title_of(by), by)
            places = [self.together.count() - 1]
        self.together.setCurrentIndex(places[0])

    def _shares_untouched(self) -> bool:
        return [box.value() for box in self.shares] == list(_SHARES) and self.seed.value() == 0

    def _show_rule(self, rule: SplitRule) -> None:
        """Show the shares and the seed of the last split."""
        percents = [round(100 * share / sum(rule.shares)) for share in rule.shares]
        percents[0] += 100 - sum(percents)
        for box, value in zip(self.shares, percents, strict=True):
            box.setValue(value)
        self.seed.setValue(rule.seed)

    def _problems(self) -> list[Problem]:
        total = sum(box.value() for box in self.shares)
        if total != 100:
            fix = self.tr("Change them so that they add up to 100 %")
            return [Problem("shares", self.tr("the shares add up to {0} %").format(total), fix)]
        if self.shares[0].value() == 0 or self.shares[1].value() == 0:
            fix = self.tr("Give each of them at least a few per cent")
            return [Problem("shares", self.tr("training and validation both need images"), fix)]
        if self.together.currentData() == _BY_NAME:
            return self._pattern_problems()
        return []

    def _pattern_problems(self) -> list[Problem]:
        fix = self.tr("A valid example is {0}").format(r"plant(\d+)")
        try:
            parts = re.compile(self.pattern.text()).groups
        except re.error as error:
            return [Problem("pattern", self.tr("the pattern is not valid ({0})").format(error), fix)]
        if not parts:
            return [Problem("pattern", self.tr("the pattern has no part in brackets"), fix)]
        return []

    def _changed(self) -> None:
        problems = self._problems()
        self.problem.set_problems(problems)
        self.buttons.buttons()[0].setEnabled(not problems)
        by_name = self.together.currentData() == _BY_NAME
        self._form.setRowVisible(self.pattern, by_name)
        self._form.setRowVisible(self.groups, self.together.currentIndex() > 0)
        self.groups.setText(self.tr("Counting the groups…"))
        fit_on_screen(self)
        if not problems and self.together.currentIndex() > 0:
            self._count_soon.start()

    def _count_groups(self) -> None:
        by, project = self.group_by(), self._project
        if self._ticket is not None:
            self._ticket.cancel()
        self._ticket = self._tasks.read(lambda: _groups(project, by), on_done=self._show_groups)

    def _show_groups(self, preview: GroupPreview) -> None:
        self.groups.setText(words_of(preview))
        fit_on_screen(self)

    def _accept(self) -> None:
        training, validation, test = (box.value() / 100 for box in self.shares)
        shares, keep = (training, validation, test), self.given.isChecked()
        self.wanted.emit(SplitWish(self.group_by(), shares, self.seed.value(), keep_given=keep))
        self.accept()

    def done(self, result: int) -> None:
        """Cancel reading when the dialog closes."""
        for ticket in (self._ticket, self._choices_ticket, self._lock_ticket):
            if ticket is not None:
                ticket.cancel()
        self._count_soon.stop()
        super().done(result)


def _groups(project: Project, by: GroupBy) -> GroupPreview:
    """Return the groups that a rule gives. For the reading pool."""
    return project.grouping.preview(by)


def _split_facts(project: Project) -> _SplitFacts:
    """Return matching rules, available columns and file facts, and the last split. For the reading pool."""
    splits = project.splits
    grouping = project.grouping
    return _SplitFacts(grouping.proposals(), grouping.columns(), splits.group_by, splits.rule, splits.given())


def _lock_of(project: Project) -> tuple[bool, int]:
    """Return whether the test set is locked, and the number of its images. For the reading pool."""
    return project.splits.locked, project.count(Filter(split=Split.TEST))
