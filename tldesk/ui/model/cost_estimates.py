"""Time and memory of a recipe on this computer: measured once per backbone, in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tldesk.model import LINE_ALL
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Facts
    from tldesk.engine import Device
    from tldesk.model import Card
    from tldesk.recipe import Recipe
    from tldesk.trainer.costs.cost_book import BackboneCosts
    from tldesk.trainer.costs.recipe_estimate import Estimate
    from tldesk.ui.model.freeze_panel import FreezePanel

log = logging.getLogger(__name__)


class Costing(QObject):
    """Keeps the measured costs of the backbones shown so far; emits ``changed`` when there are new ones."""

    changed = Signal()

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._known: dict[str, BackboneCosts] = {}
        self._failed: set[str] = set()
        self._asked = ""
        self._seen = False
        self._wanted: tuple[Card, Recipe] | None = None
        self._task: Task | None = None
        session.torchReady.connect(self._look_again)
        session.deviceChanged.connect(self._look_again)
        session.runsChanged.connect(self._forget)

    def show_in(self, panel: FreezePanel, card: Card, recipe: Recipe, facts: Facts) -> None:
        """Show the estimate, or why there is none; missing costs are measured once the panel is visible."""
        self._seen = panel.isVisible()
        panel.show_costs(recipe, self._estimate(card, recipe, facts), wait=self._why_not(card, recipe))

    def _estimate(self, card: Card, recipe: Recipe, facts: Facts) -> Estimate | None:
        from tldesk.trainer.costs.recipe_estimate import ImageCounts, estimate

        if any(phase.freeze not in {LINE_ALL, *card.lines} for phase in recipe.phases):
            return None
        costs = self._known.get(self._key(card, recipe))
        if costs is None:
            self._look(card, recipe)
            return None
        return estimate(recipe, card, ImageCounts.of(facts), costs)

    def _why_not(self, card: Card, recipe: Recipe) -> str:
        if self._key(card, recipe) in self._failed:
            return self.tr("measurement failed")
        if not self._session.torch_loaded:
            return self.tr("engine starting…")
        return self.tr("measuring…")

    def stop(self) -> None:
        """Stop measuring, because another project was opened or the project was closed."""
        self._asked, self._wanted = "", None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _key(self, card: Card, recipe: Recipe) -> str:
        from tldesk.trainer.costs.cost_book import costs_key

        device = self._session.device
        return "" if device is None else costs_key(card, recipe, device)

    def _look(self, card: Card, recipe: Recipe) -> None:
        if not self._seen:
            return
        self._wanted = (card, recipe)
        device, key = self._session.device, self._key(card, recipe)
        if device is None or not self._session.torch_loaded or key in self._failed or key == self._asked:
            return
        self.stop()
        self._asked, self._wanted = key, (card, recipe)
        self._task = self._tasks.stream(
            self.tr("Measuring training speed"),
            lambda stop: _measured(card, recipe, device, stop),
            on_event=lambda costs: self._take(key, costs),
            on_failed=lambda error: self._fail(key, error),
            on_done=self._over,
            on_stopped=self._over,
            background=True,
        )

    def _take(self, key: str, costs: BackboneCosts) -> None:
        self._known[key] = costs
        self.changed.emit()

    def _fail(self, key: str, error: Exception) -> None:
        """Show no error, because the measurement was automatic: the page says that there is no estimate."""
        log.warning("What %s costs could not be measured", key, exc_info=error)
        self._failed.add(key)
        self._over()
        self.changed.emit()

    def _over(self) -> None:
        self._task, self._asked = None, ""

    def _forget(self) -> None:
        """Drop the costs, because a finished training has corrected the estimates."""
        self._known.clear()
        self._look_again()

    def _look_again(self) -> None:
        if self._wanted is not None:
            self._look(*self._wanted)


def _measured(card: Card, recipe: Recipe, device: Device, stop: threading.Event) -> Iterator[BackboneCosts]:
    from tldesk.trainer.costs.measure_stages import known_or_measured

    costs = known_or_measured(card, recipe, device, stop)
    if costs is not None:
        yield costs
