"""The freeze line, its meaning in metrics and words, and the recommendation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from tldesk.base import plural
from tldesk.model.card_types import Card
from tldesk.recipe import Recipe
from tldesk.recipe.recommend import Recommendation
from tldesk.ui.model import words
from tldesk.ui.model.freeze_strip import FreezeStrip
from tldesk.ui.model.phase_stairs import PhaseStairs
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.metric_card import MetricCard
from tldesk.ui.widgets.panel import UncutPanel, label

if TYPE_CHECKING:
    from tldesk.trainer.costs.recipe_estimate import Estimate


class FreezePanel(UncutPanel):
    """The strip for the last phase, stairs for several phases, four cards, and the recommendation."""

    recommendedAsked = Signal()
    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Freeze line: which stages stay frozen, which are trained"))
        self.strip = FreezeStrip(self)
        self.frozen_text = label(parent=self)
        self.trained_text = label(parent=self)
        self.trained_card = MetricCard("", self.tr("Trainable parameters"), self)
        self.epoch_card = MetricCard("", self.tr("Time per epoch"), self)
        self.whole_card = MetricCard("", self.tr("Time for the recipe"), self)
        self.memory_card = MetricCard("", self.tr("Memory"), self)
        self.stairs = PhaseStairs(self)
        self.reasons = label(role="muted", wrap=True, parent=self)
        self.recommended_button = QPushButton(self.tr("Use recommended"), self)
        self._build()

    def show_recipe(self, card: Card, recipe: Recipe, classes: int) -> None:
        """Show the freeze line of a recipe's last phase on its backbone."""
        line = recipe.phases[-1].freeze
        blocks = words.blocks(card)
        head = plural(classes, self.tr("class"), self.tr("classes"))
        if self.strip.stages != blocks or self.strip.head_text != head:
            self.strip.set_stages(blocks, line, head)
        else:
            self.strip.set_line(line)
        known = line in card.lines or line in card.stage_names
        told = words.tell(card, recipe, line if known else "all", classes)
        self.frozen_text.setText(told.frozen)
        self.trained_text.setText(told.trained)
        self.trained_card.show_value(*told.numbers)
        self.stairs.show_steps(words.steps(card, recipe))

    def show_costs(self, recipe: Recipe, found: Estimate | None, *, wait: str) -> None:
        """Show time and memory of the recipe on this computer; ``wait`` if there is no estimate yet."""
        told = words.costs(recipe, found, wait)
        for card, shown in zip((self.epoch_card, self.whole_card, self.memory_card), told, strict=True):
            card.show_value(*shown)

    def show_recommendation(self, wanted: Recommendation | None, shown: Recipe | None) -> None:
        """Show why a recipe is recommended, and whether ``shown`` is that recipe."""
        self.recommended_button.setEnabled(wanted is not None)
        if wanted is None:
            self.reasons.clear()
            return
        there_is, how, takes, *more = wanted.reasons
        if shown == wanted.recipe:  # the cards already show how long it takes
            told = (self.tr("This is the recommended recipe."), there_is, how, *more)
        else:
            told = (self.tr("You changed this recipe. Recommended:"), how, takes, *more)
        self.reasons.setText(" ".join(told))
        self.reasons.setToolTip(" ".join(wanted.reasons))

    def showEvent(self, event: QShowEvent) -> None:
        """Measure the costs, now that the panel is visible."""
        super().showEvent(event)
        self.shown.emit()

    def _build(self) -> None:
        self.strip.setMinimumHeight(self.strip.minimumSizeHint().height())
        self.body.addWidget(self.strip, 1)
        texts = QHBoxLayout()
        texts.setSpacing(6)
        for icon, ink, text in (
            ("freeze", "frozen_text", self.frozen_text),
            ("warm", "trained_text", self.trained_text),
        ):
            mark = QLabel(self)
            set_icon(mark, icon, ink)
            texts.addWidget(mark)
            texts.addWidget(text)
            texts.addSpacing(16)
        texts.addStretch(1)
        self.body.addLayout(texts)
        self.body.addWidget(self.stairs)
        cards = QHBoxLayout()
        cards.setSpacing(8)
        for card, room in (
            (self.trained_card, 5),
            (self.epoch_card, 6),
            (self.whole_card, 7),
            (self.memory_card, 6),
        ):
            cards.addWidget(card, room)
        self.body.addLayout(cards)
        self._build_advice()

    def _build_advice(self) -> None:
        set_icon(self.recommended_button, "good")
        self.recommended_button.setToolTip(
            self.tr("Use the recipe recommended for these images and this computer")
        )
        self.recommended_button.clicked.connect(self.recommendedAsked)
        self.header.addWidget(self.recommended_button)
        self.body.addWidget(self.reasons)
