"""The tools of the Model page: ranking backbones, comparing the three ways, finding a rate, searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.recipe.recipe_panel import RecipePanel
from tldesk.ui.model.tools.rank_controller import RankController
from tldesk.ui.model.tools.rate_controller import RateController
from tldesk.ui.model.tools.search_controller import SearchController
from tldesk.ui.model.tools.three_ways_controller import ThreeWaysController
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.field_grid import tab_before
from tldesk.ui.widgets.page import PageName

if TYPE_CHECKING:
    from tldesk.run import Run


class ModelTools(QObject):
    """Adds its buttons to the page; the recipe chosen in a tool becomes the session's."""

    backboneChosen = Signal(str)
    weightsAsked = Signal(str)  # the backbone whose weights are wanted
    pageAsked = Signal(object)  # PageName: where the run that was opened is shown

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._session = session
        ranking = RankController(window, session, tasks)
        ranking.chosen.connect(self.backboneChosen)
        finding = RateController(window, session, tasks)
        finding.chosen.connect(session.set_recipe)
        searching = SearchController(window, session, tasks)
        searching.chosen.connect(session.set_recipe)
        comparing = ThreeWaysController(window, session, tasks)
        comparing.chosen.connect(session.set_recipe)
        comparing.runAsked.connect(self._open_run)
        comparing.weightsAsked.connect(self.weightsAsked)
        self.rank_button = _button(self.tr("Rank…"), "compare", ranking.ask)
        self.rate_button = _link(self.tr("Find rate…"), "search", finding.ask)
        self.search_button = _button(self.tr("Search…"), "search", searching.ask)
        self.compare_button = _link(self.tr("Compare three ways…"), "compare", comparing.ask)
        self._add_tool_tips()

    def place(self, recipe_panel: RecipePanel, backbone_header: QHBoxLayout, import_button: QWidget) -> None:
        """Add the buttons to the page and to its tab order."""
        phases = recipe_panel.form.phases
        phases.below.insertWidget(1, self.rate_button)
        phases.below.insertWidget(2, self.compare_button)
        recipe_panel.header.addWidget(self.search_button)
        backbone_header.insertWidget(backbone_header.count() - 1, self.rank_button)
        tab_before(self.rank_button, import_button)
        QWidget.setTabOrder(recipe_panel.save_button, self.search_button)
        QWidget.setTabOrder(phases.add_button, self.rate_button)

    def _add_tool_tips(self) -> None:
        self.rank_button.setToolTip(
            self.tr("Compare the available backbones on these images: accuracy, speed, size")
        )
        self.rate_button.setToolTip(self.tr("Find a learning rate with a short test that changes nothing"))
        self.search_button.setToolTip(
            self.tr(
                "Try many recipes and keep the best: learning rates, batch sizes, freeze lines, augmentation"
            )
        )
        self.compare_button.setToolTip(
            self.tr("Compare training from scratch, feature extraction and fine-tuning on the same images")
        )

    def _open_run(self, run: Run) -> None:
        """Open a run on the page that shows most of it."""
        self._session.set_run(run)
        self.pageAsked.emit(PageName.TRAIN if run.model is None else PageName.EVALUATE)


def _button(text: str, icon: str, do: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    set_icon(button, icon)
    button.clicked.connect(lambda _checked: do())
    return button


def _link(text: str, icon: str, do: Callable[[], object]) -> QPushButton:
    button = _button(text, icon, do)
    button.setProperty("role", "link")
    set_icon(button, icon, "accent")
    return button
