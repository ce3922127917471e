"""The phases of a recipe as a small table: freeze line, epochs, learning rate."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from tldesk.base import Problem
from tldesk.recipe import field_help
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.field_editors import Editor, QuietComboBox, editor_for
from tldesk.ui.widgets.field_grid import describe, mark, tab_before
from tldesk.ui.widgets.panel import label

FIELDS = ("epochs", "learning_rate", "schedule", "warmup_epochs")
# A row has no room for another box, so solving the head directly is an extra entry among the freeze lines.
_SOLVED = "all solved"
_MOST = 50


class PhasesEditor(QWidget):
    """One row per phase. ``get`` returns what is typed, valid or not."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, str], ...] = ()
        self._rows: list[_PhaseRow] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        for column, stretch in enumerate((0, 5, 2, 3, 3, 2, 0)):
            self._grid.setColumnStretch(column, stretch)
        self._add_titles()
        self.add_button = QPushButton(self.tr("Add phase"), self)
        self.add_button.setProperty("role", "link")
        set_icon(self.add_button, "add", "accent")
        self.add_button.clicked.connect(self._add_phase)
        self.below = QHBoxLayout()  # further buttons can be added here
        self.below.addWidget(self.add_button)
        self.below.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(self._grid)
        box.addLayout(self.below)

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Set the positions of the freeze line: (name in the recipe, text)."""
        self._lines = tuple(lines)
        for row in self._rows:
            row.set_lines(self._lines)

    def put(self, phases: Sequence[dict[str, object]]) -> None:
        """Show phases; emits no signal. A field with the same value is left as it was typed."""
        while len(self._rows) > len(phases):
            self._drop(self._rows[-1])
        while len(self._rows) < len(phases):
            self._rows.append(_PhaseRow(self, self._grid, len(self._rows), self._lines))
            for control in self._rows[-1].controls():
                tab_before(control, self.add_button)
        for row, values in zip(self._rows, phases, strict=True):
            row.put(values)
        self._rows[0].set_removable(len(self._rows) > 1)

    def get(self) -> list[dict[str, object]]:
        """Return the phases as typed."""
        return [row.get() for row in self._rows]

    def mistakes(self) -> list[Problem]:
        """Return values that cannot be parsed, at ``phases.0.epochs`` and so on."""
        return [problem for number, row in enumerate(self._rows) for problem in row.mistakes(number)]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show the problems of each phase below its row."""
        for number, row in enumerate(self._rows):
            row.show_problems([one for one in problems if _is_at(one.where, f"phases.{number}")], number)

    def message(self, number: int) -> str:
        """Return the problem shown below a phase; empty if there is none."""
        return self._rows[number].message_text

    def editor(self, number: int, name: str) -> QWidget:
        """Return the control of a phase's field."""
        return self._rows[number].control(name)

    def control(self, where: str) -> QWidget | None:
        """Return the control at ``phases.0.epochs``; that of the freeze line if the field has none."""
        parts = where.split(".")
        if parts[0] != "phases" or len(parts) < 2 or int(parts[1]) >= len(self._rows):
            return None
        name = parts[2] if len(parts) > 2 else "freeze"
        return self._rows[int(parts[1])].control(name if name in FIELDS else "freeze")

    def type_in(self, path: str, value: object) -> bool:
        """Show a possibly invalid value at ``phases.0.epochs``; return False if there is no such field."""
        parts = path.split(".")
        if len(parts) != 3 or parts[0] != "phases" or parts[2] not in FIELDS:
            return False
        self._rows[int(parts[1])].type_in(parts[2], value)
        return True

    def remove(self, row: _PhaseRow) -> None:
        """Remove a phase, unless it is the only one."""
        if len(self._rows) > 1:
            phases = [one.get() for one in self._rows if one is not row]
            self.put(phases)
            self.edited.emit()

    def _drop(self, row: _PhaseRow) -> None:
        self._rows.remove(row)
        row.delete()

    def _add_phase(self) -> None:
        if len(self._rows) < _MOST:
            last = self.get()[-1]
            rate = last["learning_rate"]
            slower = rate / 10 if isinstance(rate, float) else rate
            self.put([*self.get(), {**last, "learning_rate": slower}])
            self.edited.emit()

    def _add_titles(self) -> None:
        for column, name in enumerate(("freeze", *FIELDS), 1):
            about = field_help(f"phases.0.{name}")
            words = self.tr("Warm-up") if name == "warmup_epochs" else about.title
            title = label(words, "muted", parent=self)
            title.setToolTip(about.description)
            self._grid.addWidget(title, 0, column)


class _PhaseRow:
    """The controls of one phase in the editor's grid."""

    def __init__(
        self, owner: PhasesEditor, grid: QGridLayout, number: int, lines: Sequence[tuple[str, str]]
    ) -> None:
        self._solver: object = "steps"
        self._solved_words = owner.tr("head, solved")
        self._freeze = QuietComboBox(owner)
        describe(self._freeze, field_help("phases.0.freeze"))
        self.set_lines(lines)
        self._freeze.activated.connect(lambda _index: owner.edited.emit())
        self._editors: dict[str, Editor] = {}
        self._number = QLabel(str(number + 1), owner)
        self._remove = QToolButton(owner)
        self._remove.setAccessibleName(owner.tr("Remove phase {0}").format(number + 1))
        self._remove.setToolTip(owner.tr("Remove this phase"))
        set_icon(self._remove, "close")
        self._remove.clicked.connect(lambda: owner.remove(self))
        self._message = ProblemLabel(owner)
        at = number * 2 + 1
        grid.addWidget(self._number, at, 0)
        grid.addWidget(self._freeze, at, 1)
        for column, name in enumerate(FIELDS, 2):
            about = field_help(f"phases.0.{name}")
            editor = editor_for(about, owner.edited.emit, owner)
            describe(editor.widget(), about)
            self._editors[name] = editor
            grid.addWidget(editor.widget(), at, column)
        grid.addWidget(self._remove, at, 6)
        grid.addWidget(self._message, at + 1, 1, 1, 6)

    @property
    def message_text(self) -> str:
        return "" if self._message.isHidden() else self._message.text()

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        chosen = self._freeze.currentData()
        self._freeze.clear()
        for name, words in lines:
            self._freeze.addItem(words, name)
            if name == "all":
                self._add_solved()
        self._choose(chosen)

    def put(self, values: dict[str, object]) -> None:
        self._solver = values["solver"]
        solved = values["freeze"] == "all" and self._solver == "auto"
        self._choose(_SOLVED if solved else values["freeze"])
        for name, editor in self._editors.items():
            editor.put(values[name])

    def get(self) -> dict[str, object]:
        typed = {name: editor.get() for name, editor in self._editors.items()}
        chosen = self._freeze.currentData()
        if chosen == _SOLVED:
            return {"freeze": "all", **typed, "solver": "auto"}
        # With trained stages the solver has no effect, so the old value is kept.
        return {"freeze": chosen, **typed, "solver": "steps" if chosen == "all" else self._solver}

    def mistakes(self, number: int) -> list[Problem]:
        found = (editor.mistake(f"phases.{number}.{name}") for name, editor in self._editors.items())
        return [problem for problem in found if problem is not None]

    def show_problems(self, problems: list[Problem], number: int) -> None:
        self._message.set_problems(problems)
        wrong = {problem.where.removeprefix(f"phases.{number}").lstrip(".") for problem in problems}
        mark(self._freeze, wrong="freeze" in wrong)
        for name, editor in self._editors.items():
            mark(editor.widget(), wrong=name in wrong)

    def control(self, name: str) -> QWidget:
        return self._freeze if name == "freeze" else self._editors[name].widget()

    def type_in(self, name: str, value: object) -> None:
        self._editors[name].put(value)

    def controls(self) -> list[QWidget]:
        """Return the controls from left to right."""
        return [self._freeze, *(editor.widget() for editor in self._editors.values()), self._remove]

    def set_removable(self, removable: bool) -> None:
        self._remove.setEnabled(removable)

    def delete(self) -> None:
        for widget in (self._number, self._message, *self.controls()):
            widget.hide()
            widget.deleteLater()

    def _add_solved(self) -> None:
        self._freeze.addItem(self._solved_words, _SOLVED)
        place = self._freeze.count() - 1
        about = field_help("phases.0.solver").description
        self._freeze.setItemData(place, about, Qt.ItemDataRole.ToolTipRole)

    def _choose(self, line: object) -> None:
        if line is None:
            return
        if line == _SOLVED and self._freeze.findData(line) < 0:
            self._add_solved()
        if self._freeze.findData(line) < 0:
            # A recipe for another backbone may contain a stage that does not exist here: it stays visible,
            # with its problem.
            self._freeze.addItem(str(line), line)
        self._freeze.setCurrentIndex(self._freeze.findData(line))


def _is_at(where: str, path: str) -> bool:
    return where == path or where.startswith(f"{path}.")
