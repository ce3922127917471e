"""The banner above the metrics of a stale run: what changed, and a switch to the current labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.ui.session import stale_run_words
from tldesk.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from tldesk.ui.evaluate.work import SplitResult
    from tldesk.ui.session.stale_runs import Changed, StaleRuns


class ChangedSince(QObject):
    """The banner. ``today``: whether the metrics use the current labels instead of the run's own."""

    lookAsked = Signal()
    imagesAsked = Signal(object, str)

    def __init__(self, stale: StaleRuns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(parent)
        self.today = False
        self._stale = stale
        self._result: SplitResult | None = None
        self._renamed: object = ()  # the renamed classes that the shown metrics know
        stale.changed.connect(self._changes_known)

    def settle(self, number: int) -> bool:
        """Return whether to use the current labels for a run: only if they differ from the run's own."""
        self.today = self.today and self._stale.of(number) is not None
        return self.today

    def show_for(self, result: SplitResult | None) -> None:
        """Show what has changed since the run whose metrics are shown; None if no metrics are shown."""
        self._result = result
        changed = self._changed()
        self._renamed = () if changed is None else changed.whole.renamed
        if result is None or (changed is None and not self.today):
            self.banner.hide()
        elif self.today:
            self._tell_today(result)
        elif changed is not None:
            self._tell(result, changed)

    def words(self) -> str:
        """Return the text for the rail: "changed", "as today", or ""."""
        if self.today:
            return self.tr("updated")
        return "" if self._changed() is None else self.tr("changed")

    def show_images(self) -> None:
        """Request the changed images of this split, or of the whole run if this split has none."""
        changed, result = self._changed(), self._result
        if changed is not None and result is not None:
            here = changed.of_split[str(result.split)]
            found = here if here.ids else changed.whole
            self.imagesAsked.emit(found.ids, self.tr("Changed since {0}").format(result.run.name))

    def count(self, *, today: bool) -> None:
        """Use the current labels, or those of the run."""
        self.today = today
        self.lookAsked.emit()

    def _tell(self, result: SplitResult, changed: Changed) -> None:
        words = stale_run_words.banner_words(changed, str(result.split), result.run.name)
        deeds = [(self.tr("Show these images"), self.show_images)] if changed.whole.ids else []
        if changed.of_split[str(result.split)].ids:
            deeds.append((self.tr("Use the current labels"), lambda: self.count(today=True)))
        self.banner.tell("recent", words, deeds)

    def _tell_today(self, result: SplitResult) -> None:
        words = stale_run_words.today_words(result.run.name, result.left_out)
        self.banner.tell(
            "recent", words, [(self.tr("Use the run's labels"), lambda: self.count(today=False))]
        )

    def _changed(self) -> Changed | None:
        return None if self._result is None else self._stale.of(self._result.run.number)

    def _changes_known(self) -> None:
        """Read the metrics again if they use the current labels or names, which have changed."""
        before = self._renamed
        self.show_for(self._result)
        if self.today or (self._result is not None and self._renamed != before):
            self.lookAsked.emit()
