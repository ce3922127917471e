"""The caches of a project: what they contain, clearing them, and limits of their size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import ProblemError, file_size, plural
from tldesk.base.limits import CacheLimits, parse_size, set_cache_limits, size_text
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.field_grid import mark
from tldesk.ui.widgets.fit_on_screen import fit_on_screen

if TYPE_CHECKING:
    from tldesk.engine.caches import CacheUse, ClearedCache, Kind

T = TypeVar("T")


class CacheRow(QWidget):
    """One cache: its name, its content, its limit, and Clear."""

    edited = Signal()

    def __init__(self, kind: Kind, title: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind = kind
        self.title = QLabel(title, self)
        self.state = QLabel(self.tr("Measuring…"), self)
        self.limit = QLineEdit(self)
        self.clear = QPushButton(self.tr("Clear"), self)
        self.problem = ProblemLabel(self)
        self._kept: int | None = None
        self._build(title, words)

    def _build(self, title: str, words: str) -> None:
        self.title.setProperty("role", "title")
        self.title.setBuddy(self.limit)
        self.state.setAccessibleName(title)
        about = QLabel(words, self)
        about.setWordWrap(True)
        about.setProperty("role", "muted")
        self.limit.setAccessibleName(self.tr("Limit: {0}").format(title))
        self.limit.setToolTip(self.tr("Maximum size, such as 4 GiB, 500 MB or 1.5 TB"))
        self.limit.setFixedWidth(120)
        self.limit.setEnabled(False)
        self.limit.textEdited.connect(lambda _text: self._edited())
        self.clear.setAccessibleName(self.tr("Clear: {0}").format(title))
        self.clear.setEnabled(False)
        self.clear.setAutoDefault(False)
        at_most = QLabel(self.tr("at most"), self)
        at_most.setProperty("role", "muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 8, 0, 8)
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(at_most, 0, 1)
        grid.addWidget(self.limit, 0, 2)
        grid.addWidget(self.clear, 0, 3)
        grid.addWidget(self.state, 1, 0, 1, 4)
        grid.addWidget(self.problem, 2, 0, 1, 4)
        grid.addWidget(about, 3, 0, 1, 4)

    @property
    def changed(self) -> bool:
        """Whether the typed limit differs from the current one."""
        return self._kept is not None and self.limit.text().strip() != size_text(self._kept)

    def wanted(self) -> int | None:
        """The typed limit in bytes; None if it is not a size."""
        try:
            return parse_size(self.limit.text(), self.kind)
        except ProblemError:
            return None

    def show_use(self, use: CacheUse) -> None:
        """Show the size of the cache; a limit that is being edited is not overwritten."""
        edited, self._kept = self.changed, use.limit
        if not edited:
            self.limit.setText(size_text(use.limit))
        self.limit.setEnabled(True)
        self.clear.setEnabled(use.bytes > 0)
        self.state.setText(self._state(use))
        self.state.setToolTip(str(use.path))

    def _state(self, use: CacheUse) -> str:
        if use.last_used is None:
            return self.tr("Empty")
        when = QDateTime.fromSecsSinceEpoch(int(use.last_used))
        return self.tr("{0} in {1}, last used {2}").format(
            file_size(use.bytes),
            plural(use.entries, self.tr("entry"), self.tr("entries")),
            QLocale().toString(when, QLocale.FormatType.ShortFormat),
        )

    def _edited(self) -> None:
        try:
            parse_size(self.limit.text(), self.kind)
        except ProblemError as error:
            self.problem.set_problems(error.problems)
        else:
            self.problem.set_problems([])
        mark(self.limit, wrong=self.wanted() is None)
        self.edited.emit()


class CacheDialog(QDialog):
    """The caches of a project and of the user. Measuring, clearing and limiting run in the reading pool."""

    def __init__(self, cache_dir: Path, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cacheDialog")
        self.setWindowTitle(self.tr("Caches"))
        self._cache_dir = cache_dir
        self._tasks = tasks
        self._looking: Ticket | None = None
        self._over = False
        self.rows = self._make_rows()
        self.total = QLabel(self)
        self.said = QLabel(self)
        self.set_button = QPushButton(self.tr("Set limits"), self)
        self._build()
        self.refresh()

    def _make_rows(self) -> tuple[CacheRow, ...]:
        return (
            CacheRow(
                "prepared",
                self.tr("Prepared images of this project"),
                self.tr(
                    "Large images, decoded and reduced once, so that they load quickly "
                    "for display and training."
                ),
                self,
            ),
            CacheRow(
                "features",
                self.tr("Features and inputs of this project"),
                self.tr("Outputs of the frozen stages for each image, reused by other runs."),
                self,
            ),
            CacheRow(
                "engines",
                self.tr("Converted networks, for all projects"),
                self.tr("Frozen stages, converted to run as fast as possible on this processor."),
                self,
            ),
        )

    def _build(self) -> None:
        words = QLabel(
            self.tr(
                "Caches save time. Clearing them loses nothing: whatever is needed is "
                "recomputed. When a cache exceeds its limit, the entries unused for longest "
                "are deleted first."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self.total.setAccessibleName(self.tr("Total"))
        self.said.setAccessibleName(self.tr("Result"))
        self.said.setWordWrap(True)
        self.said.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        for row in self.rows:
            row.edited.connect(self._edited)
            row.clear.clicked.connect(partial(self.clear, row))
            layout.addWidget(row)
        layout.addWidget(self.total)
        layout.addWidget(self.said)
        layout.addStretch(1)
        layout.addWidget(self._buttons())
        self.setMinimumWidth(640)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self.set_button, QDialogButtonBox.ButtonRole.ApplyRole)
        buttons.rejected.connect(self.reject)
        # Enter in a limit's field sets it, even if Close has the focus because nothing else could.
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        make_primary(self.set_button)
        self.set_button.setDefault(True)
        self.set_button.setEnabled(False)
        self.set_button.clicked.connect(self.set_limits)
        return buttons

    def refresh(self) -> None:
        """Measure the caches again."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = self._tasks.read(partial(_uses, self._cache_dir), on_done=self._show)

    def clear(self, row: CacheRow) -> None:
        """Clear one cache."""
        row.clear.setEnabled(False)
        self._do(partial(_clear, self._cache_dir, row.kind), self._cleared)

    def set_limits(self) -> None:
        """Save the typed limits, and free the space above them."""
        prepared, features, engines = (row.wanted() for row in self.rows)
        if prepared is None or features is None or engines is None:
            return
        self.set_button.setEnabled(False)
        limits = CacheLimits(prepared, features, engines)
        self._do(partial(_limit, self._cache_dir, limits), self._limited)

    def _do(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run work that finishes even if the dialog is closed meanwhile; the result is then ignored."""

        def told(answer: T) -> None:
            if not self._over:
                then(answer)
                self.refresh()

        def failed(error: Exception) -> None:
            self._tasks.tell_failure("", error)
            if not self._over:
                self.refresh()

        self._tasks.read(work, on_done=told, on_failed=failed)

    def _show(self, uses: Sequence[CacheUse]) -> None:
        for row, use in zip(self.rows, uses, strict=True):
            row.show_use(use)
        self.total.setText(self.tr("Total: {0}").format(file_size(sum(use.bytes for use in uses))))
        self._edited()

    def _cleared(self, cleared: ClearedCache) -> None:
        words = self.tr("Freed {0}.").format(file_size(cleared.freed))
        if cleared.left:
            left = plural(cleared.left, self.tr("entry"), self.tr("entries"))
            words += " " + self.tr(
                "In use or protected, so not deleted: {0}. Clear again when no training is running."
            ).format(left)
        self._say(words)

    def _limited(self, freed: int) -> None:
        words = self.tr("Limits set.")
        if freed:
            words += " " + self.tr("Freed {0} to stay within them.").format(file_size(freed))
        self._say(words)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()
        fit_on_screen(self)

    def _edited(self) -> None:
        valid = all(row.wanted() is not None for row in self.rows)
        self.set_button.setEnabled(valid and any(row.changed for row in self.rows))
        fit_on_screen(self)  # problem texts appear and disappear

    def done(self, result: int) -> None:
        """Cancel measuring when the dialog closes."""
        self._over = True
        if self._looking is not None:
            self._looking.cancel()
        super().done(result)


# For the reading pool: the engine is also imported there.


def _uses(cache_dir: Path) -> tuple[CacheUse, ...]:
    from tldesk.engine.caches import caches

    return caches(cache_dir)


def _clear(cache_dir: Path, kind: Kind) -> ClearedCache:
    from tldesk.engine.caches import clear

    return clear(cache_dir, kind)


def _limit(cache_dir: Path, limits: CacheLimits) -> int:
    from tldesk.engine.caches import apply_limits

    set_cache_limits(limits)
    return apply_limits(cache_dir)
