"""The Model page: choose a backbone, how much of it is trained, and the rest of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem, plural
from tldesk.model.cards import CARDS
from tldesk.recipe import Augmentation, Recipe
from tldesk.recipe.move_freeze_line import moved_line
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model import words, work
from tldesk.ui.model.backbone_list import BackboneList, BackboneSearch
from tldesk.ui.model.cost_estimates import Costing
from tldesk.ui.model.freeze_panel import FreezePanel
from tldesk.ui.model.recipe.recipe_panel import RecipePanel
from tldesk.ui.model.tools_bar import ModelTools
from tldesk.ui.model.views_panel import ViewsPanel
from tldesk.ui.model.weights_button import WeightsButton
from tldesk.ui.model.work import ModelFacts
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.backbone_model import BackboneRow
from tldesk.ui.widgets.field_grid import tab_before
from tldesk.ui.widgets.freeze_line_words import short_line
from tldesk.ui.widgets.page import Page, PageName
from tldesk.ui.widgets.panel import UncutPanel, scroll_area
from tldesk.ui.widgets.state_panel import StatePanel

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.model.import_files import ImportResult

_GATHER_MS = 300
# Fields of problems that are not caused by the recipe.
_OF_IMAGES = frozenset({"images", "classes", "split"})


class ModelPage(Page):
    """Backbones, freeze line, recipe, augmentation. The session has no recipe while it cannot be trained."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._known: ModelFacts | None = None
        self._recipe: Recipe | None = None
        self._problems: list[Problem] = []
        self._answers = LatestAnswers(tasks)
        self._soon_gather = self._timer(_GATHER_MS, self._gather)
        self._soon_remember = self._timer(_GATHER_MS, self._remember)
        self._stack = QStackedWidget(self)
        self._area = scroll_area(self._stack)
        content = self._area.widget()
        self._backbone_panel = UncutPanel(self.tr("Backbone"), content)
        self.import_button = WeightsButton(self._backbone_panel)
        self.backbones = BackboneList(self._backbone_panel)
        self.freeze = FreezePanel(content)
        self.costing = Costing(session, tasks, self)
        self.recipe_panel = RecipePanel(session, tasks, content)
        self.form = self.recipe_panel.form
        self.augmentation = ViewsPanel(session, tasks, self.form.augmentation, content)
        self.views = self.augmentation.views
        self.mend_button = self._button(self.tr("Go to the images"), "images", self._show_images_page)
        self.train_button = QPushButton(self.tr("Train"), self.augmentation)
        self.problem_line = errors.ProblemLabel(self.augmentation)
        self.empty = StatePanel(self._stack)
        self._build()
        self._connect()
        self.tools = ModelTools(self, session, tasks)
        self.tools.place(self.recipe_panel, self.backbone_header, self.import_button)
        self.tools.backboneChosen.connect(self._choose_backbone)
        self.tools.weightsAsked.connect(self.weightsAsked)
        self.tools.pageAsked.connect(self.pageAsked)
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        grid = QGridLayout(self._area.widget())
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self._fill_backbone_panel(), 0, 0)
        grid.addWidget(self.freeze, 0, 1)
        lower = QHBoxLayout()
        lower.setSpacing(12)
        lower.addWidget(self.recipe_panel, 1)
        lower.addWidget(self._views_panel(), 1)
        grid.addLayout(lower, 1, 0, 1, 2)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(1, 5)
        grid.setColumnStretch(1, 1)
        self._stack.addWidget(self._area)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.addWidget(self._stack)

    def _fill_backbone_panel(self) -> UncutPanel:
        panel = self._backbone_panel
        panel.setFixedWidth(460)
        panel.header.addWidget(self.import_button)
        search = BackboneSearch(self.backbones, panel)
        tab_before(search, self.backbones)
        panel.body.addWidget(search)
        panel.body.addWidget(self.backbones)
        self.backbone_header = panel.header
        self.backbone_problem = errors.ProblemLabel(panel)
        panel.body.addWidget(self.backbone_problem)
        return panel

    def _views_panel(self) -> UncutPanel:
        below = QHBoxLayout()
        below.setSpacing(12)
        self.train_button.setProperty("role", "primary")
        self.train_button.setMinimumWidth(112)
        set_icon(self.train_button, "train", "accent_text")
        below.addWidget(self.problem_line, 1)
        below.addWidget(self.augmentation.why, 1)
        below.addWidget(self.train_button)
        self.mend_button.setProperty("role", "link")
        below.insertWidget(1, self.mend_button)
        self.augmentation.body.addLayout(below)
        return self.augmentation

    def _button(self, text: str, icon: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self.augmentation)
        set_icon(button, icon)
        button.clicked.connect(lambda _checked: do())
        return button

    def _timer(self, milliseconds: int, do: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(do)
        return timer

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.imagesChanged.connect(self._soon_gather.start)
        session.labelsChanged.connect(lambda _ids: self._soon_gather.start())
        session.deviceChanged.connect(self._soon_gather.start)
        session.weightsChanged.connect(self._soon_gather.start)
        session.recipeChanged.connect(self._session_recipe)
        session.recipeChanged.connect(lambda _recipe: self._soon_remember.start())
        self.backbones.backboneChosen.connect(self._choose_backbone)
        self.backbones.bringRequested.connect(self.weightsAsked)
        self.import_button.filesAsked.connect(self.weightFilesAsked)
        self.import_button.folderAsked.connect(self.weightFolderAsked)
        self.import_button.libraryAsked.connect(lambda: self.weightsAsked.emit(""))
        self.freeze.strip.lineChanged.connect(self._move_line)
        self.freeze.recommendedAsked.connect(self.use_recommended)
        self.freeze.shown.connect(self._show_costs)
        self.costing.changed.connect(self._show_costs)
        self.costing.changed.connect(self._soon_gather.start)  # the recommendation includes how long it takes
        self.form.edited.connect(self._edited)
        self.recipe_panel.recipeChosen.connect(self._show)
        self.recipe_panel.said.connect(self.said)
        self.recipe_panel.columnsKnown.connect(self._check)
        self.augmentation.augmentationChosen.connect(self._use_augmentation)
        self.train_button.clicked.connect(self._train)

    # --- state ----------------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """Return the line for the rail: "mobilenet_v2 · head only"."""
        if self._recipe is None or self._session.project is None:
            return self.tr("nothing chosen yet")
        return f"{self._recipe.backbone} · {short_line(self._recipe.phases[-1].freeze)}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems that prevent training the recipe."""
        return tuple(self._problems)

    @property
    def recipe(self) -> Recipe | None:
        """The recipe on the page, trainable or not; None while a typed value is invalid."""
        return self.form.recipe if self._recipe is not None else None

    def focus_first(self) -> None:
        """Focus the first control of the page."""
        (self.freeze.strip if self._recipe else self.empty.button).setFocus()

    def _project_changed(self) -> None:
        self._known = None
        self._recipe = None
        self._problems = []
        self._show_state()
        self._gather()
        self.stateLineChanged.emit()

    def _gather(self) -> None:
        project = self._session.project
        if project is None:
            return
        device = self._session.device
        self._answers.ask(
            "facts",
            lambda: work.gather(project, self._session.library, device),
            lambda known: self._take(project, known),
            behind=True,
        )

    def _take(self, project: Project, known: ModelFacts) -> None:
        if project is not self._session.project:
            return
        before, self._known = self._known, known
        self._show_state()
        shown = self.form.recipe if self._recipe is not None else None
        newer = work.renewed(shown, before, known) if shown and before else None
        if self._recipe is None and self._first_recipe() is not None:
            self._show(self._first_recipe())
        elif newer is not None:
            self._show(newer)
            self.said.emit(self.tr("The recommended recipe has changed"))
        elif self._recipe is not None:
            self._show_backbones()
            self._show_line(self._recipe)
            self._check()
        self._show_advice()

    def _first_recipe(self) -> Recipe | None:
        if self._session.recipe is not None:
            return self._session.recipe
        if self._known is None or self._known.recommendation is None:
            return None
        return self._known.remembered or self._known.recommendation.recipe

    def _remember(self) -> None:
        """Save the recipe with the project if the user changed it.

        A recommended recipe is not saved, because the recommendation may change.
        """
        project, recipe, known = self._session.project, self._session.recipe, self._known
        if project is None or recipe is None or known is None or known.recommendation is None:
            return
        chosen = None if recipe == known.recommendation.recipe else recipe
        self._answers.ask("remember", lambda: work.remember(project, chosen), lambda _done: None)

    def _show_state(self) -> None:
        ready = self._known is not None and self._known.recommendation is not None
        self._stack.setCurrentIndex(0 if ready else 1)
        if self._session.project is None:
            hint = self.tr("Open a folder of pictures first; the recommended model depends on them.")
            self.empty.tell("model", self.tr("No project is open"), hint)
        elif self._known is None:
            self.empty.tell("model", self.tr("Analysing the images…"), "")
        elif not ready:
            hint = self.tr("Label some images of each class on the Images page.")
            self.empty.tell("model", self.tr("No image has a label yet"), hint)

    # --- the recipe -----------------------------------------------------------------------------------------

    def _session_recipe(self, recipe: Recipe | None) -> None:
        if recipe is not None and recipe != self.recipe and self._known is not None:
            self._show(recipe)

    def _show(self, recipe: Recipe | None) -> None:
        """Show a recipe on the whole page."""
        if recipe is None:
            return
        self._recipe = recipe
        self.form.set_lines(words.lines(recipe.backbone))
        self.form.set_recipe(recipe)
        self._show_backbones()
        self._show_line(recipe)
        self._check()
        self._show_views()
        self.stateLineChanged.emit()

    def _edited(self, recipe: Recipe | None) -> None:
        if recipe is None:
            self._problems = list(self.form.mistakes)
            self._show_problems(())
            return
        self._recipe = recipe
        self._show_line(recipe)
        self._check()
        self._show_views()
        self.said.emit("")  # the message was about another recipe
        self.stateLineChanged.emit()

    def _check(self) -> None:
        recipe, known = self.form.recipe, self._known
        if recipe is None or known is None:
            return
        self._problems = work.find_problems(recipe, known, self.recipe_panel.columns)
        self._show_problems(self.form.show_problems(self._problems))
        self._show_advice()

    def _show_problems(self, elsewhere: list[Problem] | tuple[Problem, ...]) -> None:
        """Show the problems that have no field in the form, or else that there is something to fix."""
        trainable = not self._problems
        general = [one for one in elsewhere if one.where != "backbone"]
        if not trainable and not general:
            many = plural(len(self._problems), self.tr("field"), self.tr("fields"))
            what = self.tr("{0} to fix before training").format(many)
            general = [Problem("", what, self.tr("Each is marked in red"))]
        self.backbone_problem.set_problems([one for one in elsewhere if one.where == "backbone"])
        self.problem_line.set_problems(general)
        self.mend_button.setVisible(any(one.where in _OF_IMAGES for one in general))
        self.augmentation.why.setVisible(trainable)
        self._session.set_recipe(self.form.recipe if trainable else None)
        rest = self.tr("Fix the marked fields, then you can train this recipe.")
        if self._known and trainable and self._recipe:
            rest = words.what_happens(self._recipe, self._known.facts)
        self.recipe_panel.hint.set_rest(rest)

    def _train(self) -> None:
        """Request a training, or show what prevents it."""
        if not self._problems:
            self.trainingAsked.emit()
            return
        first = min(self.form.in_reading_order(self._problems), key=lambda one: one.where != "backbone")
        if first.where == "backbone":
            self.backbones.setFocus()
        elif not self.recipe_panel.reveal(first.where) and self.mend_button.isVisible():
            self.mend_button.setFocus()
        self.said.emit(self.tr("Cannot train yet: {0}").format(first.what))

    def _show_images_page(self) -> None:
        self.pageAsked.emit(PageName.IMAGES)

    def _use_augmentation(self, augmentation: Augmentation) -> None:
        recipe = self.form.recipe
        if recipe is not None:
            views = {"views": recipe.augmentation.views}
            self._show(recipe.model_copy(update={"augmentation": augmentation.model_copy(update=views)}))

    def _choose_backbone(self, name: str) -> None:
        if self._recipe is not None and name != self._recipe.backbone:
            self._show(work.on_backbone(self.form.recipe or self._recipe, name))

    def _move_line(self, line: str) -> None:
        if self._recipe is None:
            return
        known = CARDS[self._recipe.backbone]  # the strip is shown only for known backbones
        self._show(moved_line(self.form.recipe or self._recipe, line, known.stage_names))

    def use_recommended(self) -> None:
        """Use the recommended recipe."""
        if self._known and self._known.recommendation:
            self._show(self._known.recommendation.recipe)

    # --- display --------------------------------------------------------------------------------------------

    def _show_backbones(self) -> None:
        present = self._known.present if self._known else frozenset()
        rows = [BackboneRow(card, card.name in present) for card in CARDS.values()]
        wanted = self._known.recommendation if self._known else None
        chosen = self._recipe.backbone if self._recipe else ""
        self.backbones.show_rows(rows, chosen, wanted.recipe.backbone if wanted else "")

    def _show_views(self) -> None:
        self.augmentation.show_recipe(self._recipe, self._known.pictures if self._known else ())

    def _show_line(self, recipe: Recipe) -> None:
        card = CARDS.get(recipe.backbone)
        if card is not None and self._known is not None:
            self.freeze.show_recipe(card, recipe, len(self._known.facts.class_counts))
            self.costing.show_in(self.freeze, card, recipe, self._known.facts)

    def _show_advice(self) -> None:
        wanted = self._known.recommendation if self._known else None
        self.freeze.show_recommendation(wanted, self.form.recipe if self._recipe else None)

    def _show_costs(self) -> None:
        if self._recipe is not None:
            self._show_line(self._recipe)

    def weights_imported(self, outcomes: Sequence[ImportResult]) -> None:
        """While the page is shown, select the imported backbone if there is exactly one."""
        entries = [one.entry for one in outcomes if one.entry is not None]
        if len(entries) != 1 or not self.isVisible():
            return
        (entry,) = entries
        self.said.emit(self.tr("Weights of {0} imported").format(entry.title))
        if self._recipe is not None:
            self._choose_backbone(entry.name)
            recipe = self.form.recipe
            if recipe is not None and recipe.weights == "random":
                self._show(recipe.model_copy(update={"weights": "pretrained"}))
        self._gather()
