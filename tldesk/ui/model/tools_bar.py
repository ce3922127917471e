"""What the Model page offers beside its fields: comparing backbones or ways, finding a rate, searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget

from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.rank_controller import RankingBackbones
from tldesk.ui.model.tools.rate_controller import FindingRate
from tldesk.ui.model.tools.search_controller import SearchingRecipe
from tldesk.ui.model.tools.three_ways_controller import ComparingWays
from tldesk.ui.model.work import on_backbone
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.field_grid import tab_before

if TYPE_CHECKING:
    from tldesk.run import Run
    from tldesk.ui.model.page import ModelPage


class ModelTools(QObject):
    """Puts its buttons where they belong; what is found goes into the page's recipe."""

    def __init__(self, page: ModelPage, session: Session, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self.ranking = RankingBackbones(page, session, tasks)
        self.ranking.chosen.connect(self._take_backbone)
        self.rank_button = _button(self.tr("Rank…"), "compare", self.ranking.ask)
        self.rank_button.setToolTip(
            self.tr("Compare the backbones at hand on these images: how good, how quick, how large")
        )
        self.finding = FindingRate(page, session, tasks)
        self.finding.chosen.connect(session.set_recipe)
        self.rate_button = _button(self.tr("Find rate…"), "search", self.finding.ask)
        self.rate_button.setProperty("role", "link")
        set_icon(self.rate_button, "search", "accent")
        self.rate_button.setToolTip(self.tr("Find a learning rate by a short test that changes nothing"))
        page.form.phases.below.insertWidget(1, self.rate_button)
        self.searching = SearchingRecipe(page, session, tasks)
        self.searching.chosen.connect(session.set_recipe)
        self.search_button = _button(self.tr("Search…"), "search", self.searching.ask)
        self.search_button.setToolTip(
            self.tr("Try many recipes and keep the best: rates, batch sizes, freeze lines, augmentation")
        )
        self.comparing = ComparingWays(page, session, tasks)
        self.comparing.chosen.connect(session.set_recipe)
        self.comparing.runAsked.connect(self._open_run)
        self.comparing.weightsAsked.connect(page.weightsAsked)
        self.compare_button = _button(self.tr("Compare three ways…"), "compare", self.comparing.ask)
        self.compare_button.setProperty("role", "link")
        set_icon(self.compare_button, "compare", "accent")
        self.compare_button.setToolTip(
            self.tr("From scratch, feature extraction and fine-tuning side by side, on the same pictures")
        )
        page.recipe_panel.header.addWidget(self.search_button)
        page.form.phases.below.insertWidget(2, self.compare_button)
        page.backbone_header.insertWidget(page.backbone_header.count() - 1, self.rank_button)
        tab_before(self.rank_button, page.import_button)
        QWidget.setTabOrder(page.recipe_panel.save_button, self.search_button)
        QWidget.setTabOrder(page.form.phases.add_button, self.rate_button)

    def _open_run(self, run: Run) -> None:
        """On the page that has most to say of it."""
        self._session.set_run(run)
        self._page.pageAsked.emit("train" if run.model is None else "evaluate")

    def _take_backbone(self, name: str) -> None:
        recipe = self._page.recipe
        if recipe is not None:
            self._session.set_recipe(on_backbone(recipe, name))


def _button(text: str, icon: str, do: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    set_icon(button, icon)
    button.clicked.connect(lambda _checked: do())
    return button
