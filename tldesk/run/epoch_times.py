"""Records how long the epochs of a training really took, to improve later estimates."""

from __future__ import annotations

from tldesk.model import LINE_ALL
from tldesk.trainer.costs.cost_book import CostBook, costs_key
from tldesk.trainer.costs.recipe_estimate import Estimate, ImageCounts, estimate
from tldesk.trainer.events import EpochFinished, Event, Finished
from tldesk.trainer.plan import Plan


class EpochTimes:
    """Follows the events of one training and updates the cost book when it has finished.

    The first epoch of a phase is ignored, because it also allocates memory and reads files for the first
    time.
    """

    def __init__(self, plan: Plan, book: CostBook | None = None) -> None:
        self._book = book or CostBook()
        self._key = costs_key(plan.card, plan.recipe, plan.device)
        self._plan = plan
        self._said = self._took = 0.0
        self._phase = -1
        self._estimate: Estimate | None = None

    def hear(self, event: Event) -> None:
        """Process one event."""
        if isinstance(event, EpochFinished):
            first = event.phase != self._phase
            self._phase = event.phase
            if not first and self._plan.recipe.phases[event.phase].freeze != LINE_ALL:
                self._add(event)
        elif isinstance(event, Finished) and self._took:
            self._book.tell(self._key, self._said, self._took)

    def _add(self, event: EpochFinished) -> None:
        whole = self._estimated()
        if whole is not None:
            self._said += whole.phases[event.phase].epoch
            self._took += event.seconds

    def _estimated(self) -> Estimate | None:
        if self._estimate is None:
            costs = self._book.get(self._key)
            if costs is not None:
                plan = self._plan
                self._estimate = estimate(
                    plan.recipe, plan.card, ImageCounts.of_snapshot(plan.snapshot), costs
                )
        return self._estimate
