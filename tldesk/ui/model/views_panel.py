"""Augmentation: its fields, presets per domain, and eight views of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QToolButton, QWidget

from tldesk.imaging import AS_STORED
from tldesk.recipe import DOMAINS, Augmentation, Recipe, domain_of
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model import work
from tldesk.ui.model.views_dialog import ViewsDialog
from tldesk.ui.model.views_preview import ViewsPreview
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.field_editors import QuietComboBox
from tldesk.ui.widgets.panel import UncutPanel, label
from tldesk.ui.widgets.picture_view import image_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SETTLE_MS = 150
_MOST = 64  # number of selected pictures to step through


class ViewsPanel(UncutPanel):
    """The views are updated shortly after the recipe changes.

    The pictures are those selected on the Images page, followed by some training images; two buttons step
    through them.
    """

    augmentationChosen = Signal(object)  # Augmentation

    def __init__(
        self, session: Session, tasks: Tasks, fields: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Augmentation"))
        self._session = session
        self._answers = LatestAnswers(tasks)
        self._recipe: Recipe | None = None
        self._pictures: tuple[Path, ...] = ()
        self._selected: tuple[Path, ...] = ()
        self._selection: tuple[int, ...] = ()
        self._at = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SETTLE_MS)
        self._soon.timeout.connect(self._preview)
        self.previous_button = self._step(self.tr("Previous image"), "chevron-left", -1)
        self.next_button = self._step(self.tr("Next image"), "chevron-right", 1)
        self.domains = QuietComboBox(self)
        self.body.addWidget(fields)
        self.views = ViewsPreview(self)
        self.caption = label(role="muted", parent=self)
        self.why = label(role="muted", wrap=True, parent=self)
        self._large: ViewsDialog | None = None
        self._build()
        session.torchReady.connect(self._soon.start)
        session.projectChanged.connect(self._forget_pictures)

    def _build(self) -> None:
        self.domains.setMinimumContentsLength(20)
        self.domains.setAccessibleName(self.tr("Augmentation for a kind of image"))
        self.domains.setToolTip(self.tr("Use the random changes that suit a kind of image"))
        for domain in DOMAINS:
            self.domains.addItem(domain.title, domain.name)
            self.domains.setItemData(self.domains.count() - 1, domain.why, Qt.ItemDataRole.ToolTipRole)
        self.domains.addItem(self.tr("Custom"), "")
        self.domains.activated.connect(self._domain_chosen)
        for place, widget in enumerate((self.previous_button, self.next_button, self.caption), start=1):
            self.header.insertWidget(place, widget)
        self.header.addWidget(self.domains)
        self.views.clicked.connect(self.show_large)
        self.body.addWidget(self.views, 1)

    def _step(self, title: str, icon: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(title)
        button.setAccessibleName(title)
        set_icon(button, icon)
        button.clicked.connect(lambda _checked: self.step(by))
        return button

    def show_recipe(self, recipe: Recipe | None, pictures: Sequence[Path]) -> None:
        """Show views made with this recipe; None keeps the current ones."""
        self._recipe = recipe
        self._pictures = tuple(pictures)
        if recipe is not None:
            self._show_domain(recipe.augmentation)
        self._soon.start()

    def step(self, by: int) -> None:
        """Show the views of the next or previous picture."""
        self._at += by
        self._soon.start()

    def show_large(self) -> None:
        """Show the views in the size that the network sees."""
        if self._large is None:
            self._large = ViewsDialog(self.window())
            self._large.stepAsked.connect(self.step)
            self._large.finished.connect(self._forget_large)
            self._large.open()
        self._large.show_views(self.views, self.caption.text())

    def _forget_pictures(self) -> None:
        """Let go of another project's pictures, whose images have the same numbers."""
        self._answers.forget("views")
        self._answers.forget("selection")
        self._pictures = self._selected = self._selection = ()
        self._at = 0
        self.caption.clear()
        self.caption.setToolTip("")
        self.views.set_words("")
        self.views.setToolTip("")
        if self._large is not None:
            self._large.close()

    def _forget_large(self) -> None:
        self._large = None

    def showEvent(self, event: QShowEvent) -> None:
        """Use the images selected on the Images page in the meantime."""
        super().showEvent(event)
        selection, project = self._session.selection[:_MOST], self._session.project
        if selection == self._selection or project is None:
            return
        self._selection = selection
        self._answers.ask("selection", lambda: work.paths_of(project, selection), self._take_selection)

    def _take_selection(self, paths: tuple[Path, ...]) -> None:
        self._selected, self._at = paths, 0
        self._soon.start()

    def _show_domain(self, augmentation: Augmentation) -> None:
        domain = domain_of(augmentation)
        self.domains.setCurrentIndex(self.domains.findData(domain.name if domain else ""))
        own = self.tr(
            "Augmentation (random changes to the images) keeps the network from memorising chance details."
        )
        self.why.setText(domain.why if domain else own)

    def _domain_chosen(self, index: int) -> None:
        if index < len(DOMAINS):
            self.augmentationChosen.emit(DOMAINS[index].augmentation)
        elif self._recipe is not None:
            self._show_domain(self._recipe.augmentation)

    def _all_pictures(self) -> tuple[Path, ...]:
        """Return the selected pictures first, each only once."""
        return tuple(dict.fromkeys((*self._selected, *self._pictures)))

    def _preview(self) -> None:
        recipe, pictures = self._recipe, self._all_pictures()
        if recipe is None:
            return
        for button in (self.previous_button, self.next_button):
            button.setEnabled(len(pictures) > 1)
        self.caption.clear()
        if not pictures:
            self.views.set_words(self.tr("There is no image to show"))
            return
        if not self._session.torch_loaded:
            self.views.set_words(self.tr("Starting the engine…"))
            return
        self._at %= len(pictures)
        path = pictures[self._at]
        prepared = self._session.prepared
        rendering = AS_STORED if prepared is None else prepared.rendering
        self._answers.ask(
            "views",
            lambda: work.eight_views(path, recipe, recipe.seed, rendering),
            lambda views: self._take(path, recipe, views),
            lambda error: self.views.set_words(errors.text_of(error)),
        )

    def _take(self, path: Path, recipe: Recipe, views: list[NDArray[np.uint8]]) -> None:
        words = (
            path.name
            if recipe.augmentation.active
            else self.tr("{0}, without augmentation").format(path.name)
        )
        self.views.set_views([image_of(view) for view in views], words)
        self.views.setToolTip(self.tr("{0}\nClick to enlarge the views").format(words))
        count = len(self._all_pictures())
        self.caption.setText(self.tr("image {0} of {1}").format(self._at + 1, count))
        self.caption.setToolTip(str(path))
        if self._large is not None:
            self.show_large()
