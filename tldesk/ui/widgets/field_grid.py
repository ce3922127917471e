"""A grid of fields of a recipe: title, editor, and a line for problems below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tldesk.base import Problem
from tldesk.recipe import FieldHelp, field_help
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.widgets.field_editors import Editor, SwitchEditor, editor_for


class FieldGrid(QWidget):
    """Fields given by their dotted paths, in ``columns`` columns, filled row by row.

    Fields of which only one applies at a time share a cell: ``head.hidden|head.neighbours``. ``titles``
    replaces titles that would not be understood outside their part of the recipe.
    """

    edited = Signal()

    def __init__(
        self,
        paths: Sequence[str],
        columns: int,
        titles: Mapping[str, str] = MappingProxyType({}),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._titles = titles
        self._editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._messages: dict[str, ProblemLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._columns = columns
        for place, shared in enumerate(paths):
            for path in shared.split("|"):
                self._add(path, *divmod(place, columns))
        for column in range(columns):
            self._grid.setColumnStretch(column * 3 + 1, 1)
            if column:
                self._grid.setColumnMinimumWidth(column * 3 - 1, 2)

    def put(self, values: Mapping[str, object]) -> None:
        """Show values by path; paths that are not in this grid are ignored."""
        for path, editor in self._editors.items():
            if path in values:
                editor.put(values[path])

    def get(self) -> dict[str, object]:
        """Return the values by path, as typed."""
        return {path: editor.get() for path, editor in self._editors.items()}

    def type_in(self, path: str, value: object) -> bool:
        """Show a possibly invalid value; return False if there is no such field or it is a tick box."""
        editor = self._editors.get(path)
        if editor is None or isinstance(editor, SwitchEditor):
            return False
        editor.put(value)
        return True

    def mistakes(self) -> list[Problem]:
        """Return values that cannot be parsed, by path."""
        found = (editor.mistake(path) for path, editor in self._editors.items())
        return [problem for problem in found if problem is not None]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show each problem below its field and mark the field; all others are cleared."""
        for path, message in self._messages.items():
            own = [problem for problem in problems if problem.where == path]
            message.set_problems(own)
            mark(self._editors[path].widget(), wrong=bool(own))

    def editor(self, path: str) -> QWidget:
        """Return the control of a field."""
        return self._editors[path].widget()

    def control(self, path: str) -> QWidget | None:
        """Return the control of a field; None if it is not in this grid or hidden now."""
        found = self._editors.get(path)
        return None if found is None or found.widget().isHidden() else found.widget()

    def message(self, path: str) -> str:
        """Return the problem shown below a field; empty if there is none."""
        shown = self._messages[path]
        return "" if shown.isHidden() else shown.text()

    def set_shown(self, path: str, shown: bool) -> None:
        """Show or hide a field depending on whether it applies."""
        self._editors[path].widget().setVisible(shown)
        if path in self._labels:
            self._labels[path].setVisible(shown)

    def _add(self, path: str, row: int, column: int) -> None:
        about = field_help(path)
        editor = editor_for(about, self.edited.emit, self)
        self._editors[path] = editor
        at = row * (self._columns + 1)  # below each row of fields, one row per column for messages
        control = editor.widget()
        describe(control, about)
        control.setAccessibleName(self._titles.get(path, about.title))
        if about.kind == "switch":
            self._grid.addWidget(control, at, column * 3, 1, 2)
        else:
            title = QLabel(self._titles.get(path, about.title), self)
            title.setToolTip(about.description)
            title.setBuddy(control)
            self._labels[path] = title
            self._grid.addWidget(title, at, column * 3)
            self._grid.addWidget(control, at, column * 3 + 1)
        self._messages[path] = ProblemLabel(self)
        # With two columns, a message may be as wide as the grid; more columns would be pushed apart by it.
        wide = -1 if self._columns == 2 else 2
        self._grid.addWidget(self._messages[path], at + 1 + column, column * 3, 1, wide)


def tab_before(control: QWidget, following: QWidget) -> None:
    """Put ``control`` just before ``following`` in the tab order; a control created late would come last."""
    QWidget.setTabOrder(following, control)
    QWidget.setTabOrder(control, following)


def describe(control: QWidget, about: FieldHelp) -> None:
    """Set a control's title and description, for the tool tip and for screen readers."""
    control.setToolTip(about.description)
    control.setAccessibleName(about.title)
    control.setAccessibleDescription(about.description)


def mark(control: QWidget, *, wrong: bool) -> None:
    """Show or remove the red frame around a control."""
    state = "true" if wrong else "false"
    if control.property("problem") != state:
        control.setProperty("problem", state)
        control.style().unpolish(control)
        control.style().polish(control)
