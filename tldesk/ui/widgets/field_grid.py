"""A grid of fields of a recipe: title, editor, and a line for what is wrong under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tldesk.base import Problem
from tldesk.recipe import FieldHelp, field_help
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.widgets.field_editors import Editor, editor_for


class FieldGrid(QWidget):
    """Fields given by their dotted paths, in ``columns`` columns, filled row by row.

    ``titles`` replaces the titles of fields that would not be understood without their part of the recipe.
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
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        for place, path in enumerate(paths):
            self._add(path, *divmod(place, columns))
        for column in range(columns):
            self._grid.setColumnStretch(column * 3 + 1, 1)
            if column:
                self._grid.setColumnMinimumWidth(column * 3 - 1, 8)

    def put(self, values: Mapping[str, object]) -> None:
        """Show values by path; paths that are not in this grid are passed over."""
        for path, editor in self._editors.items():
            if path in values:
                editor.put(values[path])

    def get(self) -> dict[str, object]:
        """The values by path, as typed."""
        return {path: editor.get() for path, editor in self._editors.items()}

    def mistakes(self) -> list[Problem]:
        """What cannot be understood, by path."""
        found = (editor.mistake(path) for path, editor in self._editors.items())
        return [problem for problem in found if problem is not None]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put each problem under its field and mark the field; the others are cleared."""
        for path, message in self._messages.items():
            own = [problem for problem in problems if problem.where == path]
            message.set_problems(own)
            mark(self._editors[path].widget(), wrong=bool(own))

    def editor(self, path: str) -> QWidget:
        """The control of a field."""
        return self._editors[path].widget()

    def message(self, path: str) -> str:
        """What is said under a field, empty if nothing is wrong."""
        shown = self._messages[path]
        return "" if shown.isHidden() else shown.text()

    def set_shown(self, path: str, shown: bool) -> None:
        """Show or hide a field that does or does not matter."""
        self._editors[path].widget().setVisible(shown)
        if path in self._labels:
            self._labels[path].setVisible(shown)

    def _add(self, path: str, row: int, column: int) -> None:
        about = field_help(path)
        editor = editor_for(about, self.edited.emit)
        self._editors[path] = editor
        control = editor.widget()
        describe(control, about)
        if about.kind == "switch":
            self._grid.addWidget(control, row * 2, column * 3, 1, 2)
        else:
            title = QLabel(self._titles.get(path, about.title))
            title.setToolTip(about.description)
            title.setBuddy(control)
            self._labels[path] = title
            self._grid.addWidget(title, row * 2, column * 3)
            self._grid.addWidget(control, row * 2, column * 3 + 1)
        self._messages[path] = ProblemLabel()
        self._grid.addWidget(self._messages[path], row * 2 + 1, column * 3, 1, 2)


def describe(control: QWidget, about: FieldHelp) -> None:
    """Give a control the field's title and description, for the mouse and for screen readers."""
    control.setToolTip(about.description)
    control.setAccessibleName(about.title)
    control.setAccessibleDescription(about.description)


def mark(control: QWidget, *, wrong: bool) -> None:
    """Put the red frame around a control, or take it away."""
    state = "true" if wrong else "false"
    if control.property("problem") != state:
        control.setProperty("problem", state)
        control.style().unpolish(control)
        control.style().polish(control)
