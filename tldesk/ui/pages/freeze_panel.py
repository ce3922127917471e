"""The freeze line with what it means in numbers and words, and what is recommended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from tldesk.base import plural
from tldesk.model.cardtypes import Card
from tldesk.recipe import Recipe
from tldesk.recipe.recommend import Recommendation
from tldesk.ui.pages import model_words
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.freeze_strip import FreezeStrip
from tldesk.ui.widgets.metric_card import MetricCard
from tldesk.ui.widgets.panel import Panel, label


class FreezePanel(Panel):
    """The strip for the recipe's last phase, three numbers, and the recommendation with its reasons."""

    recommendedAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Freeze line: what stays as it is, and what learns from your images"))
        self.strip = FreezeStrip()
        self.frozen_text = label()
        self.trained_text = label()
        self.trained_card = MetricCard(self.tr("numbers learn"))
        self.work_card = MetricCard(self.tr("of the work"))
        self.length_card = MetricCard(self.tr("at most"))
        self.reasons = label(role="muted", wrap=True)
        self.recommended_button = QPushButton(self.tr("Recommended"))
        self._build()

    def show_recipe(self, card: Card, recipe: Recipe, classes: int) -> None:
        """Show the last phase's line of a recipe on its backbone."""
        line = recipe.phases[-1].freeze
        blocks = model_words.blocks(card)
        head = plural(classes, self.tr("class"), self.tr("classes"))
        if self.strip.stages != blocks or self.strip.head_text != head:
            self.strip.set_stages(blocks, line, head)
        else:
            self.strip.set_line(line)
        known = line in card.lines or line in card.stage_names
        told = model_words.tell(card, recipe, line if known else "all", classes)
        self.frozen_text.setText(told.frozen)
        self.trained_text.setText(told.trained)
        self.trained_card.show_value(*told.numbers)
        self.work_card.show_value(*told.work)
        self.length_card.show_value(*told.length)

    def show_recommendation(self, wanted: Recommendation | None) -> None:
        """Show why a recipe is recommended."""
        self.recommended_button.setEnabled(wanted is not None)
        self.reasons.setText(" ".join(wanted.reasons) if wanted else "")

    def _build(self) -> None:
        self.body.addWidget(self.strip, 1)
        texts = QHBoxLayout()
        texts.setSpacing(6)
        for icon, ink, text in (
            ("freeze", "frozen_text", self.frozen_text),
            ("warm", "trained_text", self.trained_text),
        ):
            mark = QLabel()
            set_icon(mark, icon, ink)
            texts.addWidget(mark)
            texts.addWidget(text)
            texts.addSpacing(16)
        texts.addStretch(1)
        self.body.addLayout(texts)
        cards = QHBoxLayout()
        cards.setSpacing(8)
        for card in (self.trained_card, self.work_card, self.length_card):
            cards.addWidget(card)
        self.body.addLayout(cards)
        self._build_advice()

    def _build_advice(self) -> None:
        set_icon(self.recommended_button, "good")
        self.recommended_button.setToolTip(
            self.tr("Take the recipe that suits these images and this computer")
        )
        self.recommended_button.clicked.connect(self.recommendedAsked)
        self.header.addWidget(self.recommended_button)
        self.body.addWidget(self.reasons)
