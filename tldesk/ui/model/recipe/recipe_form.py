"""The recipe as a form generated from the recipe's fields. Invalid input stays visible with its message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tldesk.base import Problem, ProblemError
from tldesk.recipe import Recipe
from tldesk.recipe.presets import DENSE
from tldesk.recipe.validation_errors import checked
from tldesk.ui.model.recipe.columns_field import FIELD as COLUMNS
from tldesk.ui.model.recipe.columns_field import ColumnsField
from tldesk.ui.model.recipe.phases_editor import PhasesEditor
from tldesk.ui.widgets.field_grid import FieldGrid

MAIN_FIELDS = (
    "weights",
    "batch_size",
    "head.kind",
    "head.hidden|head.neighbours",
    "class_balance",
    "head.dropout",
    "fit",
    "input_size",
    "optimizer",
    "weight_decay",
    "rate_per_stage",
    "average_last",
    "batch_norm",
    "monitor",
    "label_smoothing",
    "mixup",
    "early_stopping",
    "seed",
    "augmentation.crop",
    "augmentation.hue",
    "augmentation.blur",
    "augmentation.noise",
    "augmentation.views",
)
AUGMENTATION_FIELDS = (
    "augmentation.rotation",
    "augmentation.shift",
    "augmentation.zoom",
    "augmentation.flip_horizontal",
    "augmentation.brightness",
    "augmentation.contrast",
    "augmentation.saturation",
    "augmentation.flip_vertical",
)
# These have no effect on a nearest-neighbour head.
_OF_LEARNING = (
    "batch_size",
    "head.dropout",
    "optimizer",
    "weight_decay",
    "monitor",
    "label_smoothing",
    "mixup",
    "early_stopping",
)


class RecipeForm(QWidget):
    """Phases and all other fields. ``augmentation`` is a grid that the page places next to its preview.

    ``mistakes`` are the problems that prevent the typed values from being a valid recipe.
    """

    edited = Signal(object)  # Recipe; None while a typed value is invalid

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe: Recipe | None = None
        self._base: Recipe | None = None
        self.mistakes: tuple[Problem, ...] = ()
        self.phases = PhasesEditor(self)
        titles = {"head.kind": self.tr("Head"), "augmentation.rotation": self.tr("Rotate (°)")}
        self.fields = FieldGrid(MAIN_FIELDS, 2, titles, self)
        self.columns = ColumnsField(self)
        self.augmentation = FieldGrid(AUGMENTATION_FIELDS, 4, titles)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.phases)
        box.addWidget(self.fields)
        box.addWidget(self.columns)
        box.addStretch(1)
        for part in (self.phases, self.fields, self.columns, self.augmentation):
            part.edited.connect(self._read)

    @property
    def recipe(self) -> Recipe | None:
        """The recipe as typed; None while something is invalid."""
        return self._recipe

    @property
    def last_recipe(self) -> Recipe | None:
        """The recipe as typed or, while something is invalid, the last valid one."""
        return self._recipe or self._base

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Set the positions of the freeze line: (name in the recipe, text)."""
        self.phases.set_lines(lines)

    def set_recipe(self, recipe: Recipe) -> None:
        """Show a recipe; emits no signal."""
        self._recipe = recipe
        self._base = recipe
        self.mistakes = ()
        document = recipe.model_dump()
        flat = dict(_flat(document))
        self.phases.put(list(document["phases"]))
        self.columns.put(recipe.columns)
        for part in (self.fields, self.augmentation):
            part.put(flat)
        self._show_what_matters()
        self.show_problems(())

    def type_in(self, values: Mapping[str, object]) -> bool:
        """Show possibly invalid values by path as if typed; return False if a path has no field."""
        parts = (self.phases, self.fields, self.augmentation)
        placed = [any(part.type_in(path, value) for part in parts) for path, value in values.items()]
        self._read()
        return all(placed)

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Show each problem at its field; return those that have no field here."""
        for part in (self.phases, self.fields, self.columns, self.augmentation):
            part.show_problems(problems)
        known = {*_split(MAIN_FIELDS), COLUMNS, *AUGMENTATION_FIELDS}
        return [one for one in problems if one.where not in known and not one.where.startswith("phases.")]

    def in_reading_order(self, problems: Sequence[Problem]) -> list[Problem]:
        """Sort problems by the position of their fields in this form; those without a field come last."""
        paths = (*_split(MAIN_FIELDS), COLUMNS, *AUGMENTATION_FIELDS)
        order = {path: place for place, path in enumerate(paths)}

        def place(problem: Problem) -> tuple[int, int]:
            part, *rest = problem.where.split(".")
            if part == "phases":
                return -1, int(rest[0]) if rest else 0
            return (0, order[problem.where]) if problem.where in order else (1, 0)

        return sorted(problems, key=place)

    def control(self, where: str) -> QWidget | None:
        """Return the control for a problem's ``where``; None if it is not in this form."""
        found = (part.control(where) for part in (self.phases, self.fields, self.columns, self.augmentation))
        return next((control for control in found if control is not None), None)

    def _read(self) -> None:
        self._fill_in_head()
        parts = (self.phases, self.fields, self.augmentation)
        problems = [problem for part in parts for problem in part.mistakes()]
        recipe = None if problems else self._checked(problems)
        self._recipe = recipe
        self._base = recipe or self._base
        self.mistakes = tuple(problems)
        self._show_what_matters()
        self.show_problems(problems)
        self.edited.emit(recipe)

    def _checked(self, problems: list[Problem]) -> Recipe | None:
        """Return the recipe; None if it is invalid, with the problems appended to ``problems``."""
        assert self._base is not None
        document = self._base.model_dump()
        document["phases"] = self.phases.get()
        document[COLUMNS] = self.columns.get()
        for path, value in {**self.fields.get(), **self.augmentation.get()}.items():
            _set(document, path, value)
        try:
            return checked(Recipe, document, "")
        except ProblemError as error:
            problems.extend(error.problems)
            return None

    def _fill_in_head(self) -> None:
        """Fill in suitable settings after the kind of head was changed."""
        kind = self.fields.get()["head.kind"]
        if self._base is None or kind == self._base.head.kind:
            return
        if kind == "dense":
            self.fields.put({"head.hidden": DENSE.hidden, "head.dropout": DENSE.dropout})
        elif kind == "knn":
            self.fields.put({"mixup": 0.0})

    def _show_what_matters(self) -> None:
        typed = self.fields.get()
        kind = typed["head.kind"]
        self.fields.editor("head.hidden").setEnabled(kind == "dense")
        self.fields.set_shown("head.hidden", kind != "knn")
        self.fields.set_shown("head.neighbours", kind == "knn")
        for path in _OF_LEARNING:
            # A mistake must be visible to be corrected.
            wrong = path == "mixup" and typed[path] != 0
            self.fields.set_shown(path, kind != "knn" or wrong)
        tail = any(phase["freeze"] != "all" for phase in self.phases.get())
        for path in ("rate_per_stage", "average_last", "batch_norm"):
            self.fields.set_shown(path, tail)


def _split(paths: Sequence[str]) -> list[str]:
    return [path for shared in paths for path in shared.split("|")]


def _flat(document: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _set(document: dict[str, object], path: str, value: object) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        inner = document[parent]
        assert isinstance(inner, dict)
        document = inner
    document[name] = value
