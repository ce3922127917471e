"""Augmentation: its fields, and eight views of a picture computed in the background."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from tldesk.imaging import AS_STORED
from tldesk.recipe import Recipe
from tldesk.ui import errors
from tldesk.ui.pages import model_facts
from tldesk.ui.pages.asking import LatestAnswers
from tldesk.ui.session import Session
from tldesk.ui.tasks import Tasks
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.panel import Panel
from tldesk.ui.widgets.picture_view import image_of
from tldesk.ui.widgets.views_preview import ViewsPreview

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SETTLE_MS = 150


class ViewsPanel(Panel):
    """Views follow the recipe a moment after it changes; a button steps through the pictures."""

    def __init__(
        self, session: Session, tasks: Tasks, fields: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Augmentation: eight ways to see a picture"))
        self._session = session
        self._answers = LatestAnswers(tasks)
        self._recipe: Recipe | None = None
        self._pictures: tuple[Path, ...] = ()
        self._at = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SETTLE_MS)
        self._soon.timeout.connect(self._preview)
        self.views = ViewsPreview()
        self.next_button = QPushButton(self.tr("Next picture"))
        set_icon(self.next_button, "chevron-right")
        self.next_button.clicked.connect(self.next_picture)
        self.header.addWidget(self.next_button)
        self.body.addWidget(fields)
        self.body.addWidget(self.views, 1)
        session.torchReady.connect(self._soon.start)

    def show_recipe(self, recipe: Recipe | None, pictures: Sequence[Path]) -> None:
        """Show views as this recipe makes them; None shows what was there."""
        self._recipe = recipe
        self._pictures = tuple(pictures)
        self._soon.start()

    def next_picture(self) -> None:
        """Show the views of another picture."""
        self._at += 1
        self._soon.start()

    def _preview(self) -> None:
        recipe = self._recipe
        if recipe is None:
            return
        if not self._pictures:
            self.views.set_words(self.tr("There is no picture to show"))
            return
        if not self._session.torch_loaded:
            self.views.set_words(self.tr("Starting the engine…"))
            return
        path = self._pictures[self._at % len(self._pictures)]
        prepared = self._session.prepared
        rendering = AS_STORED if prepared is None else prepared.rendering
        self._answers.ask(
            "views",
            lambda: model_facts.eight_views(path, recipe, recipe.seed, rendering),
            lambda views: self._take(path, recipe, views),
            lambda error: self.views.set_words(errors.text_of(error)),
        )

    def _take(self, path: Path, recipe: Recipe, views: list[NDArray[np.uint8]]) -> None:
        words = path.name if recipe.augmentation.active else self.tr("{0}, shown as it is").format(path.name)
        self.views.set_views([image_of(view) for view in views], words)
