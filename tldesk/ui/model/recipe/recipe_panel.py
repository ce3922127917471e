"""The recipe part of the Model page: the form, presets, and recipe files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from tldesk.base import plural
from tldesk.dataset import ColumnFacts
from tldesk.model.cards import CARDS
from tldesk.recipe import PRESETS, Recipe, TolerantLoad, load_apart, preset
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model import words, work
from tldesk.ui.model.recipe.hint_line import HintLine
from tldesk.ui.model.recipe.recipe_form import RecipeForm
from tldesk.ui.model.work import RunRecipe
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import LatestAnswers, ask_for_files
from tldesk.ui.widgets.field_editors import QuietComboBox
from tldesk.ui.widgets.panel import UncutPanel

_ROOM_BELOW = 48  # px kept free below a field that is scrolled into view, for its message
_WIDTH = 514  # px, minimum width of the form without horizontal scrolling
_SMALLEST = "resnet18"  # fallback for recipes with an unknown backbone


class RecipePanel(UncutPanel):
    """The form in a scroll area, with an explanation of its fields; above it presets, runs and files."""

    recipeChosen = Signal(object)  # Recipe: a different one, to be shown on the whole page
    said = Signal(str)  # for the status line
    columnsKnown = Signal()  # the columns of the images were read or have changed

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Recipe"))
        self._session = session
        self._answers = LatestAnswers(tasks)
        self.presets = QuietComboBox(self)
        self.open_button = self._button(self.tr("Open recipe…"), "open-project", self.choose_recipe)
        self.save_button = self._button(self.tr("Save recipe…"), "save", self.choose_target)
        self._scroll = QScrollArea(self)
        self.form = RecipeForm(self._scroll.viewport())
        self.hint = HintLine((self.form, self.form.augmentation), parent=self)
        self._build()
        self.columns: tuple[ColumnFacts, ...] | None = None
        self._columns_due = True
        for changed in (session.projectChanged, session.runsChanged):
            changed.connect(self._ask_for_runs)
        session.projectChanged.connect(self._forget_columns)
        session.imagesChanged.connect(self._columns_changed)
        session.labelsChanged.connect(lambda _ids: self._columns_changed())
        self._ask_for_runs()

    def _build(self) -> None:
        self.presets.setMinimumContentsLength(20)
        self.presets.setAccessibleName(self.tr("Preset or earlier run"))
        self.presets.setToolTip(self.tr("Start from a preset recipe or from the recipe of an earlier run"))
        self._show_choices([])
        self.presets.activated.connect(lambda _index: self._begin())
        self.header.addWidget(self.presets)
        self.header.addWidget(self.open_button)
        self.header.addWidget(self.save_button)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields in it have the focus
        self._scroll.setWidget(self.form)
        self._scroll.setMinimumWidth(_WIDTH)
        self.body.addWidget(self._scroll, 1)
        below = QHBoxLayout()
        mark = QLabel(self)
        set_icon(mark, "info", "muted")
        below.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.hint, 1)
        self.body.addLayout(below)

    def _button(self, text: str, icon: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(self)
        button.setAccessibleName(text)
        button.setToolTip(text)
        set_icon(button, icon)
        button.clicked.connect(lambda _checked: do())
        return button

    def reveal(self, where: str) -> bool:
        """Scroll the field of a problem into view and focus it; return False if it is not in the form."""
        control = self.form.control(where)
        if control is None:
            return False
        self._scroll.ensureWidgetVisible(control, 0, _ROOM_BELOW)
        control.setFocus()
        return True

    # --- columns --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Read the columns again if they may have changed while the page was hidden."""
        super().showEvent(event)
        if self._columns_due:
            self._ask_for_columns()

    def _forget_columns(self) -> None:
        """Read the columns of the new project; nothing is validated before they are known."""
        self.columns = None
        self.form.columns.set_known(())
        self._columns_changed()

    def _columns_changed(self) -> None:
        self._columns_due = True
        if self.isVisible():
            self._ask_for_columns()

    def _ask_for_columns(self) -> None:
        project = self._session.project
        if project is None:
            self._answers.forget("columns")
        else:
            self._columns_due = False
            self._answers.ask("columns", project.values.facts, self._take_columns, behind=True)

    def _take_columns(self, columns: tuple[ColumnFacts, ...]) -> None:
        self.columns = columns
        self.form.columns.set_known(columns)
        self.columnsKnown.emit()

    # --- starting points ------------------------------------------------------------------------------------

    def _ask_for_runs(self) -> None:
        project = self._session.project
        if project is None:
            self._answers.forget("runs")
            self._show_choices([])
        else:
            self._answers.ask("runs", lambda: work.recipes_of_runs(project), self._show_choices)

    def _show_choices(self, runs: Sequence[RunRecipe]) -> None:
        self.presets.clear()
        self.presets.addItem(self.tr("Preset or earlier run…"), "")
        for name in PRESETS:
            self.presets.addItem(words.preset_title(name), name)
        if runs:
            self.presets.insertSeparator(self.presets.count())
        for run in runs:
            self.presets.addItem(words.run_title(run.name, run.recipe, run.accuracy), run.recipe)

    def _begin(self) -> None:
        chosen, before = self.presets.currentData(), self.form.last_recipe
        self.presets.setCurrentIndex(0)
        if isinstance(chosen, Recipe):
            self.recipeChosen.emit(chosen)
        elif chosen and before is not None:
            known = CARDS.get(before.backbone) or CARDS[_SMALLEST]
            ready = preset(chosen, known.name, stages=known.stage_names)
            self.recipeChosen.emit(ready.model_copy(update={"seed": before.seed}))

    # --- files ----------------------------------------------------------------------------------------------

    def choose_recipe(self) -> None:
        """Ask for a recipe file and load it."""
        kinds = self.tr("Recipes (*.toml);;All files (*)")
        self._choose_file(self.tr("Open recipe"), kinds, self.load_recipe)

    def choose_target(self) -> None:
        """Ask where to save the recipe."""
        kinds = self.tr("Recipes (*.toml)")
        self._choose_file(self.tr("Save recipe"), kinds, self.save_recipe, save_as="toml")

    def load_recipe(self, path: Path) -> None:
        """Load a recipe from a TOML file; invalid values are shown in their fields, to be corrected."""
        before = self.form.last_recipe
        if before is not None:
            self._answers.ask("recipe", lambda: load_apart(path, before), self._take_file, self._show_error)

    def _take_file(self, found: TolerantLoad) -> None:
        before = self.form.last_recipe
        self.recipeChosen.emit(found.recipe)
        if found.error is None:
            return
        if not self.form.type_in(found.wrong):
            self.recipeChosen.emit(before)
            self._show_error(found.error)
            return
        self.reveal(self.form.in_reading_order(self.form.mistakes)[0].where)
        many = plural(len(found.wrong), self.tr("field"), self.tr("fields"))
        self.said.emit(self.tr("Recipe opened, with {0} to fix").format(many))

    def save_recipe(self, path: Path) -> None:
        """Save the recipe as a TOML file."""
        recipe = self.form.recipe
        if recipe is None:
            self.said.emit(self.tr("Fix the invalid values first"))
            return
        target = path if path.suffix else path.with_suffix(".toml")
        told = self.tr("Saved as {0}").format(target.name)
        self._answers.ask(
            "save",
            lambda: recipe.save(target),
            lambda _none: self.said.emit(told),
            self._show_error,
        )

    def _choose_file(self, title: str, kinds: str, use: Callable[[Path], None], save_as: str = "") -> None:
        settings = self._session.settings
        ask_for_files(self, settings, title, kinds, lambda paths: use(paths[0]), save_as=save_as)

    def _show_error(self, error: Exception) -> None:
        errors.show(self, error)
