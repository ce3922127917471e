"""A search for a recipe: what is varied, the tries as they end, and a button to use the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from tldesk.base import duration, percent
from tldesk.ui.model.tools.progress_line import ProgressLine
from tldesk.ui.model.tools.tool_frame import button_row, lay_out, show_primary, show_words
from tldesk.ui.model.tools.xy_plot import Dot, XYPlot
from tldesk.ui.theme import OKABE_ITO
from tldesk.ui.widgets.field_editors import rate_text
from tldesk.ui.widgets.number_box import number_box
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.plot import Line
from tldesk.ui.widgets.select_row import select_row

if TYPE_CHECKING:
    from tldesk.run.series.search_record import Search, Try

_BLUE, _ORANGE, _GREY = OKABE_ITO[0], OKABE_ITO[3], OKABE_ITO[7]
_TRIES = 20


class SearchDialog(QDialog):
    """``wanted`` passes the number of tries and what is varied, ``resumed`` the new number of tries."""

    wanted = Signal(int, object)
    resumed = Signal(int)
    chosen = Signal(object)  # Recipe

    def __init__(self, last: Search | None, parent: QWidget | None = None) -> None:
        """``last``: the project's last search, whose tries are shown."""
        super().__init__(parent)
        self.setObjectName("searchDialog")
        self.setWindowTitle(self.tr("Search for a recipe"))
        self._search = last
        self._tries: tuple[Try, ...] = last.tries if last is not None else ()
        self._running = False
        self.line = ProgressLine()
        self.trials = number_box()
        self.parts = self._parts()
        self.start_button = QPushButton(self.tr("New search"))
        self.resume_button = QPushButton(self.tr("Resume the last one"))
        self.use_button = QPushButton(self.tr("Use this recipe"))
        self._build()
        show_words(self.told, "")
        self.show_tries()

    # --- building -------------------------------------------------------------------------------------------

    def _parts(self) -> dict[str, QCheckBox]:
        words = {
            "rate": self.tr("Learning rate"),
            "batch": self.tr("Batch size"),
            "line": self.tr("Freeze line"),
            "augmentation": self.tr("Augmentation"),
        }
        return {name: QCheckBox(title) for name, title in words.items()}

    def _build(self) -> None:
        intro, panels = label(self._intro(), "muted", wrap=True), self._panels()
        self.told = label(wrap=True)
        lay_out(self, [intro, self._choices(), panels, self.told, self.line, self._buttons()], panels)
        self.resize(1240, 640)

    def _intro(self) -> str:
        return self.tr(
            "Tries one recipe after another, starting with the one on the Model page, and "
            "uses the results to choose the next. Tries that do worse than most are given up "
            "early. Each try trains a whole recipe, so a search may take hours; you can stop "
            "it at any time and resume it later, even after closing the program."
        )

    def _choices(self) -> QHBoxLayout:
        self.trials.setRange(2, 1000)
        self.trials.setValue(self._search.wanted if self._search is not None else _TRIES)
        self.trials.setAccessibleName(self.tr("Tries"))
        self.trials.valueChanged.connect(lambda _value: self._show_state())
        tries = QLabel(self.tr("Tries"))
        tries.setBuddy(self.trials)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(tries)
        row.addWidget(self.trials)
        row.addSpacing(16)
        row.addWidget(QLabel(self.tr("Search over")))
        for box in self.parts.values():
            box.setChecked(True)
            box.toggled.connect(lambda _on: self._show_state())
            row.addWidget(box)
        row.addStretch(1)
        return row

    def _panels(self) -> QHBoxLayout:
        titles = [
            self.tr("Try"),
            self.tr("Bal. acc."),
            self.tr("Loss"),
            self.tr("Line"),
            self.tr("Rate"),
            self.tr("Batch"),
            self.tr("Augmentation"),
            self.tr("Epochs"),
            self.tr("Time"),
            self.tr("State"),
        ]
        self.table = PlainTable(self.tr("Tries"), titles, numbers=(0, 1, 2, 4, 5, 7, 8), wide=9)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self.table.activated.connect(lambda _index: self._use())
        self.plot = XYPlot(
            self.tr("Balanced accuracy on validation, by try"),
            self.tr("try"),
            self.tr("balanced accuracy (%)"),
            percent=True,
            whole_x=True,
        )
        left, right = Panel(self.tr("Tries, on the validation images")), Panel(self.tr("Best so far"))
        left.body.addWidget(self.table)
        right.body.addWidget(self.plot)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(left, 9)
        row.addWidget(right, 4)
        return row

    def _buttons(self) -> QDialogButtonBox:
        self.start_button.clicked.connect(lambda _checked: self.wanted.emit(self.trials.value(), self.over))
        self.resume_button.clicked.connect(lambda _checked: self.resumed.emit(self.trials.value()))
        self.use_button.clicked.connect(lambda _checked: self._use())
        return button_row(self, self.start_button, self.resume_button, self.use_button)

    # --- states ---------------------------------------------------------------------------------------------

    @property
    def over(self) -> tuple[str, ...]:
        """Return the parts of the recipe that are searched."""
        return tuple(name for name, box in self.parts.items() if box.isChecked())

    def begin(self, *, new: bool) -> None:
        """Show that the search is running; ``new``: the tries of the last search are removed."""
        self._running = True
        show_words(self.told, "")
        if new:
            self._search, self._tries = None, ()
        self.show_tries()

    def take(self, search: Search, tries: Sequence[Try]) -> None:
        """Show a search, and its finished tries."""
        self._search, self._tries = search, tuple(tries)
        self.show_tries()

    def end(self, how: str) -> None:
        """Show how it ended: "done", "stopped" or "failed"."""
        self._running = False
        self.show_tries()
        if how == "failed" or self._search is None:
            return
        if how == "stopped":
            words = self.tr("Stopped: {0} of {1} tries are done and kept.")
            show_words(self.told, words.format(len(self._tries), self._search.wanted))
        self._tell_best()
        if self.use_button.isEnabled():
            self.use_button.setFocus()

    def _tell_best(self) -> None:
        best = _best(self._tries)
        if best is None:
            return
        select_row(self.table, self._tries.index(best))
        words = (
            self.tr("Try 1, the starting recipe, is best: {1}.")
            if best is self._tries[0]
            else self.tr("Try {0} is best: {1}, compared with {2} for the starting recipe.")
        )
        words = f"{words} " + self.tr(
            "The best of many tries looks better on the validation images than it really is, "
            "because it was chosen on them. The test images were not used: train with this "
            "recipe, then see its test scores on the Evaluate page."
        )
        numbers = (best.number, _share(best), _share(self._tries[0]))
        show_words(self.told, f"{self.told.text()} {words.format(*numbers)}".strip())

    # --- display --------------------------------------------------------------------------------------------

    def show_tries(self) -> None:
        """Update table, plot and buttons."""
        self.table.set_rows([self._row(one) for one in self._tries])
        self._show_plot()
        if not self._running and self._tries and not self.told.text():
            self._tell_best()
        self._show_state()

    def _row(self, one: Try) -> tuple[str, ...]:
        settings = one.settings
        rate = settings.get("rate")
        state = {
            "finished": self.tr("best") if one is _best(self._tries) else "",
            "pruned": self.tr("given up"),
            "failed": self.tr("failed"),
        }[one.state]
        return (
            str(one.number),
            _share(one),
            "–" if one.loss is None else f"{one.loss:.3f}",
            str(settings.get("line", "–")),
            rate_text(rate) if isinstance(rate, float) else "–",
            str(settings.get("batch", "–")),
            str(settings.get("augmentation", "–")),
            str(one.epochs),
            duration(one.seconds),
            state,
        )

    def _show_plot(self) -> None:
        dots, best, line = [], None, []
        self.plot.set_across(0.5, max(self.trials.value(), len(self._tries)) + 0.5)
        for one in self._tries:
            value = one.balanced_accuracy
            if value is None:
                continue
            whole = one.state == "finished"
            if whole and (best is None or value > best):
                best = value
            if best is not None:
                line.append((float(one.number), best))
            winner = one is _best(self._tries)
            dots.append(
                Dot(one.number, value, _ORANGE if winner else _BLUE if whole else _GREY, hollow=not whole)
            )
        self.plot.show_all([Line(tuple(line), _BLUE, dotted=True)] if len(line) > 1 else [], dots)

    def _show_state(self) -> None:
        idle = not self._running
        unfinished = self._search is not None and len(self._tries) < self.trials.value()
        rows = self._selected()
        takeable = len(rows) == 1 and rows[0].state == "finished"
        self.trials.setEnabled(idle)
        for box in self.parts.values():
            box.setEnabled(idle)
        self.start_button.setEnabled(idle and bool(self.over))
        self.resume_button.setEnabled(idle and unfinished)
        self.resume_button.setVisible(self._search is not None)
        self.use_button.setEnabled(idle and takeable)
        primary = self.use_button if takeable else self.resume_button if unfinished else self.start_button
        show_primary((self.start_button, self.resume_button, self.use_button), primary, highlighted=idle)

    def _selected(self) -> list[Try]:
        return [self._tries[index.row()] for index in self.table.selectionModel().selectedRows()]

    def _use(self) -> None:
        if self.use_button.isEnabled() and self._search is not None:
            self.chosen.emit(self._search.recipe_of(self._selected()[0]))
            self.accept()


def _best(tries: Sequence[Try]) -> Try | None:
    finished = [one for one in tries if one.state == "finished" and one.score is not None]
    return max(finished, key=lambda one: (one.score, -(one.loss or 0.0), -one.number), default=None)


def _share(one: Try) -> str:
    return "–" if one.balanced_accuracy is None else percent(one.balanced_accuracy)
