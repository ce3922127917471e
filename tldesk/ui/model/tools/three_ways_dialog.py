"""The three ways side by side: a row each that fills, what accuracy cost in time as a plot, one to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from tldesk.base import duration, percent, rough_duration
from tldesk.ui.model.tools.work_line import WorkLine
from tldesk.ui.model.tools.xy_plot import Dot, XYPlot
from tldesk.ui.theme import OKABE_ITO, theme
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.panel import Panel, label, set_role
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.plot import Line

if TYPE_CHECKING:
    from tldesk.recipe import Recipe
    from tldesk.recipe.three_ways_recipes import WayName
    from tldesk.run.series.three_ways import SplitNumbers, WayResult
    from tldesk.run.series.train_three_ways import Forecast
    from tldesk.ui.model.tools.three_ways_controller import Found, Known

_COLOURS = {"feature_extraction": OKABE_ITO[0], "fine_tuning": OKABE_ITO[2], "from_scratch": OKABE_ITO[3]}
_ROW_HEIGHT = 26


class WaysDialog(QDialog):
    """``wanted`` asks for a new comparison, ``resumed`` to go on with the last."""

    wanted = Signal()
    resumed = Signal()
    chosen = Signal(object)  # Recipe
    runChosen = Signal(int)
    weightsAsked = Signal(str)

    def __init__(self, known: Known, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("waysDialog")
        self.setWindowTitle(self.tr("Compare the three ways"))
        self._found = known.last
        self._preview = known.preview
        self._problem = known.problem
        self._results = known.preview if known.last is None else known.last.results
        self._running = False
        self.forecast: Forecast | None = None
        self.line = WorkLine()
        self.start_button = QPushButton()
        self.resume_button = QPushButton(self.tr("Go on with the last"))
        self.open_button = QPushButton(self.tr("Open this run"))
        self.use_button = QPushButton(self.tr("Use this recipe"))
        self.weights_button = QPushButton(self.tr("Weights library…"))
        self._build()
        self._show()
        self._tell_problem()
        self._select_suggested()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.told = label("", "heading", wrap=True)
        self.details = label("", "muted", wrap=True)
        self.cost = label("", "muted", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(12)
        box.addWidget(label(self._intro(), "muted", wrap=True))
        box.addWidget(self._table_panel())
        box.addWidget(self._plot_panel(), 1)
        box.addWidget(self.told)
        box.addWidget(self.details)
        box.addWidget(self.cost)
        box.addWidget(self.line)
        box.addWidget(self._buttons())
        self.resize(1180, 680)

    def _intro(self) -> str:
        return self.tr(
            "Trains the recipe of the Model page in three ways, on the same pictures: feature extraction"
            " learns only a new head on a network that was trained elsewhere, fine-tuning adapts its last"
            " stages as well, and from scratch begins with nothing. Each is a run like any other. Stop at any"
            " time and go on later, also after the program was closed."
        )

    def _table_panel(self) -> Panel:
        titles = [
            self.tr("Way"),
            self.tr("Run"),
            self.tr("What learns"),
            self.tr("Numbers learned"),
            self.tr("Balanced, validation"),
            self.tr("Balanced, test"),
            self.tr("Right, test"),
            self.tr("Epochs"),
            self.tr("Time"),
            self.tr("State"),
        ]
        self.table = PlainTable(self.tr("The three ways"), titles, numbers=(1, 3, 4, 5, 6, 7, 8), wide=9)
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(_ROW_HEIGHT * 3 + head + 4)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.table.activated.connect(lambda _index: self._open())
        self.panel = Panel("")
        self.panel.body.addWidget(self.table)
        return self.panel

    def _plot_panel(self) -> Panel:
        self.plot = XYPlot(
            self.tr("Balanced accuracy on validation over the time of training"),
            self.tr("seconds of training, on this computer"),
            self.tr("balanced accuracy (%)"),
            log_x=True,
            percent=True,
        )
        self.plot.setMinimumHeight(180)
        panel = Panel(self.tr("What accuracy costs in time"))
        self.legend = label("", "muted")
        self._show_legend()
        theme().changed.connect(self._show_legend)
        panel.header.addWidget(self.legend)
        panel.body.addWidget(self.plot)
        return panel

    def _show_legend(self) -> None:
        """The colours of the ways, as they are on the present ground."""
        entries = [
            f'<span style="color: {line_colour(_COLOURS[way]).name()}">●</span> {title}'
            for way, title in self._titles().items()
        ]
        entries.append(self.tr("line: after every epoch, on validation"))
        entries.append(self.tr("dot: the epoch that is kept, with its 95 % interval"))
        self.legend.setText(" &nbsp; &nbsp; ".join(entries))

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        offered = (
            self.weights_button, self.start_button, self.resume_button, self.open_button, self.use_button
        )  # fmt: skip
        for button in offered:
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.start_button.clicked.connect(lambda _checked: self.wanted.emit())
        self.resume_button.clicked.connect(lambda _checked: self.resumed.emit())
        self.open_button.clicked.connect(lambda _checked: self._open())
        self.use_button.clicked.connect(lambda _checked: self._use())
        self.weights_button.clicked.connect(lambda _checked: self._ask_weights())
        return buttons

    # --- states ---------------------------------------------------------------------------------------------

    def begin(self, *, anew: bool) -> None:
        """The comparison runs; ``anew``: what came of the last one is not shown any more."""
        self._running = True
        if anew:
            self._found, self._results = None, self._preview
            self.table.clearSelection()
        self._show()

    def take(self, found: Found) -> None:
        """What is known by now."""
        self._found, self._results = found, found.results
        self._show()

    def end(self, how: str) -> None:
        """It is over: "done", "stopped" or "failed"."""
        self._running = False
        self._show()
        if how != "failed":
            self._select_suggested()

    def show_forecast(self, found: Forecast) -> None:
        """What a new comparison will take."""
        self.forecast = found
        self._show()

    # --- what is shown --------------------------------------------------------------------------------------

    def _show(self) -> None:
        chosen = self._selected()
        self.table.set_rows([self._row(one) for one in self._results])
        if chosen is not None:
            self.table.selectRow(self._results.index(chosen))
        self._show_title()
        self._show_plot()
        self._show_words()
        self._show_buttons()

    def _show_title(self) -> None:
        if self._found is None:
            self.panel.set_title(self.tr("The three ways"))
        else:
            words = self.tr("Comparison {0}, with {1}")
            self.panel.set_title(words.format(self._found.number, self._found.backbone))

    def _row(self, one: WayResult) -> tuple[str, ...]:
        return (
            self._titles()[one.way],
            "–" if one.run is None else str(one.run),
            self._learns(one.recipe),
            f"{one.trained:,}",
            _share(one.validation, "balanced_accuracy"),
            _share(one.test, "balanced_accuracy"),
            _share(one.test, "accuracy"),
            self._epochs(one),
            self._time(one),
            self._state(one),
        )

    def _time(self, one: WayResult) -> str:
        if one.run is not None:
            return duration(one.seconds)
        if self.forecast is None or self._found is not None:
            return "–"
        return self.tr("about {0}").format(rough_duration(self.forecast.seconds[one.way]))

    def _titles(self) -> dict[WayName, str]:
        return {
            "feature_extraction": self.tr("Feature extraction"),
            "fine_tuning": self.tr("Fine-tuning"),
            "from_scratch": self.tr("From scratch"),
        }

    def _learns(self, recipe: Recipe) -> str:
        line = recipe.phases[-1].freeze
        known = {"all": self.tr("the head"), "none": self.tr("everything")}
        return known.get(line, self.tr("from {0} on").format(line))

    def _epochs(self, one: WayResult) -> str:
        if one.run is None or one.epochs_done == one.epochs:
            return str(one.epochs)
        return self.tr("{0} of {1}").format(one.epochs_done, one.epochs)

    def _state(self, one: WayResult) -> str:
        stopped_early = one.done and one.epochs_done < one.epochs
        words = {
            "waiting": self.tr("waits") if self._running else self._not_begun(),
            "running": self.tr("learns now"),
            "finished": self.tr("done, stopped early") if stopped_early else self.tr("done"),
            "stopped": self.tr("stopped"),
            "interrupted": self.tr("cut off"),
            "failed": self.tr("failed"),
        }
        return words[one.state]

    def _not_begun(self) -> str:
        return self.tr("not begun") if self._found is not None else ""

    def _show_plot(self) -> None:
        lines, dots = [], []
        for one in self._results:
            colour = _COLOURS[one.way]
            if len(one.curve) > 1:
                lines.append(Line(one.curve, colour, width=1.6))
            if one.curve:
                dots.append(self._dot(one, colour))
        self.plot.show_all(lines, dots)

    def _dot(self, one: WayResult, colour: str) -> Dot:
        """Full at the epoch that is kept; while it learns, hollow at the last one."""
        numbers = one.validation
        if numbers is None:
            seconds, share = one.curve[-1]
            return Dot(seconds, share, colour, hollow=True)
        seconds = one.curve[min(max(one.best_epoch, 1), len(one.curve)) - 1][0]
        found = numbers.balanced_accuracy
        return Dot(seconds, found.value, colour, sure=(found.low, found.high))

    def _show_words(self) -> None:
        found = self._found
        words = () if found is None or self._running else found.words
        _say(self.told, " ".join(words[:2]))
        failed = {} if found is None else found.failures
        lines = [f"{self._titles()[way]}: {why}" for way, why in failed.items()]
        left = [one for one in self._results if not one.done]
        if found is not None and left and not failed and not self._running:
            state = self.tr("{0} of {1} are done and kept; the rest can go on where it was.")
            lines.append(state.format(len(self._results) - len(left), len(self._results)))
        _say(self.details, " ".join([*lines, *words[2:]]))
        self._show_cost()

    def _show_cost(self) -> None:
        offered = self._problem is None and not self._running
        words = ""
        if offered and self.forecast is not None:
            words = self.tr(
                "{0} about {1} on this computer, less where a way stops early because it gets no better."
            ).format(
                self.tr("This takes") if self._found is None else self.tr("A new comparison takes"),
                rough_duration(self.forecast.total),
            )
        elif offered:
            words = self.tr("Working out how long it takes on this computer…")
        _say(self.cost, words)

    def _show_buttons(self) -> None:
        idle, row = not self._running, self._selected()
        unfinished = self._found is not None and any(not one.done for one in self._results)
        takeable = row is not None and row.done
        self.start_button.setText(self.tr("Compare") if self._found is None else self.tr("New comparison"))
        self.start_button.setEnabled(idle and self._problem is None)
        self.resume_button.setEnabled(idle and unfinished)
        self.resume_button.setVisible(unfinished)
        self.open_button.setEnabled(idle and row is not None and row.run is not None)
        self.use_button.setEnabled(idle and takeable)
        self.weights_button.setVisible(self._problem is not None and self._problem.where == "weights")
        primary = self.resume_button if unfinished else self.use_button if takeable else self.start_button
        for button in (self.start_button, self.resume_button, self.open_button, self.use_button):
            set_role(button, "primary" if button is primary and idle else "")
            button.setDefault(button is primary)

    def _tell_problem(self) -> None:
        if self._problem is not None:
            self.line.problem.set_problems([self._problem])

    def _select_suggested(self) -> None:
        found = self._found
        if found is not None and found.suggested is not None:
            ways = [one.way for one in self._results]
            self.table.selectRow(ways.index(found.suggested))

    # --- what is asked --------------------------------------------------------------------------------------

    def _selected(self) -> WayResult | None:
        rows = self.table.selectionModel().selectedRows()
        return self._results[rows[0].row()] if len(rows) == 1 and self._results else None

    def _open(self) -> None:
        row = self._selected()
        if row is not None and row.run is not None and self.open_button.isEnabled():
            self.runChosen.emit(row.run)
            self.accept()

    def _use(self) -> None:
        row = self._selected()
        if row is not None and self.use_button.isEnabled():
            self.chosen.emit(row.recipe)
            self.accept()

    def _ask_weights(self) -> None:
        self.weightsAsked.emit(self._preview[0].recipe.backbone)
        self.reject()


def _say(where: QLabel, words: str) -> None:
    where.setText(words)
    where.setVisible(bool(words))


def _share(numbers: SplitNumbers | None, metric: str) -> str:
    if numbers is None:
        return "–"
    found = getattr(numbers, metric)
    return f"{percent(found.value)} ({found.low * 100:.0f} to {found.high * 100:.0f})"
