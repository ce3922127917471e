"""Asks how images are to be split: shares, what belongs together, and the seed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
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

from tldesk.base import Problem, plural
from tldesk.dataset import BurstGroups, ColumnGroups, CopyGroups, FilenamePattern, FolderGroups
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.session import SplitWish
from tldesk.ui.tasks import Tasks, Ticket
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.number_box import number_box

if TYPE_CHECKING:
    from tldesk.dataset import GroupBy, GroupPreview, GroupProposal, Project

_BY_NAME = "name"
_SHOWN = 4
_SURE = frozenset({"column", "copies"})  # names of patients and of copies seldom mean anything else


class SplitDialog(QDialog):
    """Shows at once how many groups a choice makes."""

    wanted = Signal(object)  # SplitWish

    def __init__(self, project: Project, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Split the images"))
        self.setObjectName("splitDialog")
        self._project = project
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self.shares = [self._share(value) for value in (70, 15, 15)]
        self.together = QComboBox(self)
        self.pattern = QLineEdit(self)
        self.groups = QLabel(self)
        self.seed = number_box(self)
        self.problem = ProblemLabel(self)
        self.buttons = QDialogButtonBox(self)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(250)
        self._count_soon.timeout.connect(self._count_groups)
        self._build()
        self._changed()
        self._choices_ticket = tasks.read(lambda: _choices(project), on_done=self._offer)

    def _share(self, value: int) -> QSpinBox:
        box = number_box(self)
        box.setRange(0, 100)
        box.setSuffix(" %")
        box.setValue(value)
        box.valueChanged.connect(self._changed)
        return box

    def _build(self) -> None:
        names = (self.tr("Training"), self.tr("Validation"), self.tr("Test"))
        shares = QWidget(self)  # a widget: a form squeezes bare layouts
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
        for choice, by in (
            (self.tr("Nothing: every image by itself"), None),
            (self.tr("Images in the same folder"), FolderGroups()),
            (self.tr("Images whose names share a part…"), _BY_NAME),
        ):
            self.together.addItem(choice, by)
        self.together.setAccessibleName(self.tr("What belongs together"))
        self.together.currentIndexChanged.connect(self._changed)
        self.pattern.setText(r"(.+)[_-]\d+")
        self.pattern.setAccessibleName(self.tr("Pattern of the file name"))
        self.pattern.setToolTip(self.tr("A regular expression; the part in brackets names the group"))
        self.pattern.textChanged.connect(self._changed)
        self.groups.setProperty("role", "muted")
        self.groups.setWordWrap(True)
        self.seed.setRange(0, 999_999)
        self.seed.setAccessibleName(self.tr("Seed"))
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.addRow(self.tr("Shares"), shares)
        form.addRow(self.tr("Keep together"), self.together)
        form.addRow("", self.pattern)
        form.addRow("", self.groups)
        form.addRow(self.tr("Seed"), self.seed)
        self._form = form
        words = QLabel(
            self.tr(
                "The model learns from the training images, is chosen by the validation images, and measured "
                "with the test images. The same seed gives the same split. A split given by folders "
                "(train, val, test) is kept."
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
        self.setMinimumWidth(520)

    def group_by(self) -> GroupBy | None:
        """What is chosen to keep together."""
        by = self.together.currentData()
        return FilenamePattern(self.pattern.text()) if by == _BY_NAME else by

    def _offer(self, found: tuple[Sequence[GroupProposal], Sequence[str]]) -> None:
        """What fits the pictures, first; then all columns of the table and facts of the files."""
        proposals, names = found
        untouched = self.together.currentIndex() == 0
        for place, proposal in enumerate(proposals[:_SHOWN], start=1):
            title = self.tr("{0} (fits)").format(self._title(proposal))
            self.together.insertItem(place, title, proposal.by)
        for name in names:
            if not any(proposal.by == ColumnGroups(name) for proposal in proposals):
                self.together.addItem(self._column_title(name), ColumnGroups(name))
        if untouched and proposals and proposals[0].kind in _SURE:
            self.together.setCurrentIndex(1)

    def _title(self, proposal: GroupProposal) -> str:
        match proposal.by:
            case ColumnGroups(name):
                return self._column_title(name)
            case CopyGroups():
                return self.tr("Changed copies and their originals, by name")
            case FolderGroups():
                return self.tr("Images in the same folder")
            case BurstGroups():
                return self.tr("Images taken within a minute of each other")
            case FilenamePattern():
                shared = "”, “".join(name for name, _ in proposal.gives.examples[:2])
                return self.tr("Images whose names share a part, like “{0}”").format(shared)

    def _column_title(self, name: str) -> str:
        return self.tr("Images with the same “{0}”").format(name)

    def _problems(self) -> list[Problem]:
        total = sum(box.value() for box in self.shares)
        if total != 100:
            fix = self.tr("Change one of them until the sum is 100 %")
            return [Problem("shares", self.tr("the shares add up to {0} %").format(total), fix)]
        if self.shares[0].value() == 0 or self.shares[1].value() == 0:
            fix = self.tr("Give both at least a few percent")
            return [Problem("shares", self.tr("training and validation both need images"), fix)]
        if self.together.currentData() == _BY_NAME:
            return self._pattern_problems()
        return []

    def _pattern_problems(self) -> list[Problem]:
        fix = self.tr("An example that works is {0}").format(r"plant(\d+)")
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
        self.adjustSize()
        if not problems and self.together.currentIndex() > 0:
            self._count_soon.start()

    def _count_groups(self) -> None:
        by, project = self.group_by(), self._project
        if self._ticket is not None:
            self._ticket.cancel()
        if by is not None:
            self._ticket = self._tasks.read(lambda: _groups(project, by), on_done=self._show_groups)

    def _show_groups(self, preview: GroupPreview) -> None:
        words = self.tr("{0} in {1}").format(
            plural(preview.images, self.tr("image"), self.tr("images")),
            plural(preview.groups, self.tr("group"), self.tr("groups")),
        )
        if preview.examples:
            names = ", ".join(f"“{PurePosixPath(path).name}”" for path in preview.examples[0][1])
            words = self.tr("{0}; one of them: {1}").format(words, names)
        self.groups.setText(words)
        self.adjustSize()

    def _accept(self) -> None:
        training, validation, test = (box.value() / 100 for box in self.shares)
        self.wanted.emit(
            SplitWish(self.group_by(), (training, validation, test), self.seed.value(), keep_given=True)
        )
        self.accept()

    def done(self, result: int) -> None:
        """The dialog closes: nobody waits for the count any more."""
        if self._ticket is not None:
            self._ticket.cancel()
        self._choices_ticket.cancel()
        self._count_soon.stop()
        super().done(result)


def _groups(project: Project, by: GroupBy) -> GroupPreview:
    """What a rule makes. For the reading pool."""
    return project.preview_groups(by)


def _choices(project: Project) -> tuple[Sequence[GroupProposal], Sequence[str]]:
    """Rules that fit, and the columns and facts there are. For the reading pool."""
    return project.group_proposals(), project.group_columns()
