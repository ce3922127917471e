"""The metadata columns that the recipe is trained on: one tick box per column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from tldesk.base import Problem, plural
from tldesk.dataset import ColumnFacts
from tldesk.recipe import field_help
from tldesk.recipe.learnable_columns import shortcut_warning, unfit
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.widgets.field_grid import mark
from tldesk.ui.widgets.panel import label

FIELD = "columns"


class ColumnsField(QWidget):
    """Columns that can be trained on, and those listed in the recipe. Hidden if there are none."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._about = field_help(FIELD)
        self._known: tuple[ColumnFacts, ...] = ()
        self._chosen: tuple[str, ...] = ()
        self.boxes: dict[str, QCheckBox] = {}
        self._title = QLabel(self._about.title, self)
        self._title.setToolTip(self._about.description)
        self._hint = label(_hint(), "muted", wrap=True, parent=self)
        self.warning = label(role="warn", wrap=True, parent=self)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.message = ProblemLabel(self)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._title)
        box.addLayout(self._list)
        for part in (self.message, self.warning, self._hint):
            box.addWidget(part)
        self._show()

    def set_known(self, columns: Sequence[ColumnFacts]) -> None:
        """Set the project's columns; emits no signal."""
        self._known = tuple(columns)
        self._show()

    def put(self, chosen: Sequence[str]) -> None:
        """Show a recipe's columns; emits no signal."""
        self._chosen = tuple(chosen)
        self._show()

    def get(self) -> tuple[str, ...]:
        """Return the ticked columns in the order in which they were ticked."""
        return self._chosen

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show below the boxes what is wrong with the selection."""
        own = [problem for problem in problems if problem.where == FIELD]
        self.message.set_problems(own)
        for box in self.boxes.values():
            mark(box, wrong=bool(own) and box.isChecked())

    def control(self, where: str) -> QWidget | None:
        """Return the first box if the problem is about this field, else None."""
        return next(iter(self.boxes.values()), None) if where == FIELD else None

    def _show(self) -> None:
        by_name = {one.name: one for one in self._known}
        fit = [one.name for one in self._known if unfit(one) is None]
        names = list(dict.fromkeys((*fit, *self._chosen)))
        if names != list(self.boxes):
            self._make(names)
        for name, box in self.boxes.items():
            box.setText(_words(name, by_name.get(name)))
            box.setChecked(name in self._chosen)
        warnings = [shortcut_warning(by_name[name]) for name in self._chosen if name in by_name]
        self.warning.setText("\n".join(filter(None, warnings)))
        self.warning.setVisible(any(warnings))
        self.setVisible(bool(names))

    def _make(self, names: Sequence[str]) -> None:
        for box in self.boxes.values():
            self._list.removeWidget(box)
            box.hide()
            box.deleteLater()
        self.boxes = {}
        for name in names:
            box = self.boxes[name] = QCheckBox(self)
            box.setToolTip(self._about.description)
            box.setAccessibleName(f"{self._about.title}: {name}")
            box.setAccessibleDescription(_hint())
            box.clicked.connect(lambda on, name=name: self._tick(name, on=on))
            self._list.addWidget(box)

    def _tick(self, name: str, *, on: bool) -> None:
        rest = tuple(one for one in self._chosen if one != name)
        self._chosen = (*rest, name) if on else rest
        self._show()
        self.edited.emit()


def _hint() -> str:
    return QCoreApplication.translate(
        "ColumnsField",
        "Do not use a column that is known only after the diagnosis or that identifies the "
        "site: the model would learn a shortcut.",
    )


def _words(name: str, facts: ColumnFacts | None) -> str:
    """``site (2 words, missing in 9 of 80 images)``; ampersands are escaped, so they mark no shortcut."""
    shown = name.replace("&", "&&")
    if facts is None:
        return shown
    kind = "numbers" if facts.numeric else plural(facts.words, "word")
    missing = facts.images - facts.filled
    images = plural(facts.images, "image")
    rest = f"missing in {missing:,} of {images}" if missing else f"in all {images}"
    return f"{shown} ({kind}, {rest})"
