"""The three ways compared: a growing table, a plot of accuracy over time, and a button to use one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QWidget

from tldesk.base import duration, percent, rough_duration
from tldesk.ui.model.tools.progress_line import ProgressLine
from tldesk.ui.model.tools.tool_frame import button_row, lay_out, show_primary, show_words
from tldesk.ui.model.tools.xy_plot import Dot, XYPlot
from tldesk.ui.theme import OKABE_ITO, theme
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.plain_table import ROW_HEIGHT, PlainTable
from tldesk.ui.widgets.plot import Line

if TYPE_CHECKING:
    from tldesk.recipe import Recipe
    from tldesk.recipe.three_ways import WayName
    from tldesk.run.series.three_ways_record import SplitNumbers, WayResult
    from tldesk.run.series.train_three_ways import Forecast
    from tldesk.ui.model.tools.three_ways_state import ComparisonStart, ComparisonState

_COLOURS = {"feature_extraction": OKABE_ITO[0], "fine_tuning": OKABE_ITO[2], "from_scratch": OKABE_ITO[3]}


class ThreeWaysDialog(QDialog):
    """``wanted`` requests a new comparison, ``resumed`` resuming the last one."""

    wanted = Signal()
    resumed = Signal()
    chosen = Signal(object)  # Recipe
    runChosen = Signal(int)
    weightsAsked = Signal(str)

    def __init__(self, start: ComparisonStart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("waysDialog")
        self.setWindowTitle(self.tr("Compare three ways of training"))
        self._state = start.last
        self._preview = start.preview
        self._problem = start.problem
        self._results = start.preview if start.last is None else start.last.results
        self._running = False
        self.forecast: Forecast | None = None
        self.line = ProgressLine()
        self.start_button = QPushButton()
        self.resume_button = QPushButton(self.tr("Resume the last one"))
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
        intro, plot = label(self._intro(), "muted", wrap=True), self._plot_panel()
        words = [self.told, self.details, self.cost]
        lay_out(self, [intro, self._table_panel(), plot, *words, self.line, self._buttons()], plot)
        self.resize(1180, 680)

    def _intro(self) -> str:
        return self.tr(
            "Trains the recipe of the Model page in three ways on the same images: feature "
            "extraction trains only a new head on a pretrained network, fine-tuning also "
            "adapts its last stages, and from scratch starts from random weights. Each is a "
            "run like any other. You can stop at any time and resume later, even after "
            "closing the program."
        )

    def _table_panel(self) -> Panel:
        titles = [
            self.tr("Way"),
            self.tr("Run"),
            self.tr("Trained"),
            self.tr("Trainable parameters"),
            self.tr("Bal. acc., validation"),
            self.tr("Bal. acc., test"),
            self.tr("Accuracy, test"),
            self.tr("Epochs"),
            self.tr("Time"),
            self.tr("State"),
        ]
        self.table = PlainTable(self.tr("The three ways"), titles, numbers=(1, 3, 4, 5, 6, 7, 8), wide=9)
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(ROW_HEIGHT * 3 + head + 4)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.table.activated.connect(lambda _index: self._open())
        self.panel = Panel("")
        self.panel.body.addWidget(self.table)
        return self.panel

    def _plot_panel(self) -> Panel:
        self.plot = XYPlot(
            self.tr("Balanced accuracy on validation against training time"),
            self.tr("training time (s), on this computer"),
            self.tr("balanced accuracy (%)"),
            log_x=True,
            percent=True,
        )
        self.plot.setMinimumHeight(180)
        panel = Panel(self.tr("Accuracy and training time"))
        self.legend = label("", "muted")
        self._show_legend()
        theme().changed.connect(self._show_legend)
        panel.header.addWidget(self.legend)
        panel.body.addWidget(self.plot)
        return panel

    def _show_legend(self) -> None:
        """Show the colours of the ways in the current theme."""
        entries = [
            f'<span style="color: {line_colour(_COLOURS[way]).name()}">●</span> {title}'
            for way, title in self._titles().items()
        ]
        entries.append(self.tr("line: after each epoch, on validation"))
        entries.append(self.tr("dot: the best epoch, with its 95 % interval"))
        self.legend.setText(" &nbsp; &nbsp; ".join(entries))

    def _buttons(self) -> QDialogButtonBox:
        self.start_button.clicked.connect(lambda _checked: self.wanted.emit())
        self.resume_button.clicked.connect(lambda _checked: self.resumed.emit())
        self.open_button.clicked.connect(lambda _checked: self._open())
        self.use_button.clicked.connect(lambda _checked: self._use())
        self.weights_button.clicked.connect(lambda _checked: self._ask_weights())
        offered = (self.start_button, self.resume_button, self.open_button, self.use_button)
        return button_row(self, self.weights_button, *offered)

    # --- states ---------------------------------------------------------------------------------------------

    def begin(self, *, new: bool) -> None:
        """Show that the comparison is running; ``new``: the results of the last one are removed."""
        self._running = True
        if new:
            self._state, self._results = None, self._preview
            self.table.clearSelection()
        self._show()

    def take(self, state: ComparisonState) -> None:
        """Show the comparison so far."""
        self._state, self._results = state, state.results
        self._show()

    def end(self, how: str) -> None:
        """Show how it ended: "done", "stopped" or "failed"."""
        self._running = False
        self._show()
        if how != "failed":
            self._select_suggested()

    def show_forecast(self, found: Forecast) -> None:
        """Show how long a new comparison will take."""
        self.forecast = found
        self._show()

    # --- display --------------------------------------------------------------------------------------------

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
        if self._state is None:
            self.panel.set_title(self.tr("The three ways"))
        else:
            words = self.tr("Comparison {0}, with {1}")
            self.panel.set_title(words.format(self._state.number, self._state.backbone))

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
            self._status(one),
        )

    def _time(self, one: WayResult) -> str:
        if one.run is not None:
            return duration(one.seconds)
        if self.forecast is None or self._state is not None:
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
        known = {"all": self.tr("head only"), "none": self.tr("everything")}
        return known.get(line, self.tr("from {0}").format(line))

    def _epochs(self, one: WayResult) -> str:
        if one.run is None or one.epochs_done == one.epochs:
            return str(one.epochs)
        return self.tr("{0} of {1}").format(one.epochs_done, one.epochs)

    def _status(self, one: WayResult) -> str:
        stopped_early = one.done and one.epochs_done < one.epochs
        words = {
            "waiting": self.tr("waiting") if self._running else self._not_begun(),
            "running": self.tr("training"),
            "finished": self.tr("done, stopped early") if stopped_early else self.tr("done"),
            "stopped": self.tr("stopped"),
            "interrupted": self.tr("interrupted"),
            "failed": self.tr("failed"),
        }
        return words[one.state]

    def _not_begun(self) -> str:
        return self.tr("not started") if self._state is not None else ""

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
        """Return a dot: filled at the epoch whose weights are kept; during training, hollow at the last."""
        numbers = one.validation
        if numbers is None:
            seconds, share = one.curve[-1]
            return Dot(seconds, share, colour, hollow=True)
        seconds = one.curve[min(max(one.best_epoch, 1), len(one.curve)) - 1][0]
        found = numbers.balanced_accuracy
        return Dot(seconds, found.value, colour, interval=(found.low, found.high))

    def _show_words(self) -> None:
        found = self._state
        words = () if found is None or self._running else found.words
        show_words(self.told, " ".join(words[:2]))
        failed = {} if found is None else found.failures
        lines = [f"{self._titles()[way]}: {why}" for way, why in failed.items()]
        left = [one for one in self._results if not one.done]
        if found is not None and left and not failed and not self._running:
            state = self.tr("{0} of {1} are done and kept; you can resume the rest.")
            lines.append(state.format(len(self._results) - len(left), len(self._results)))
        show_words(self.details, " ".join([*lines, *words[2:]]))
        self._show_cost()

    def _show_cost(self) -> None:
        offered = self._problem is None and not self._running
        words = ""
        if offered and self.forecast is not None:
            words = self.tr("{0} about {1} on this computer, or less if early stopping ends a run.").format(
                self.tr("This takes") if self._state is None else self.tr("A new comparison takes"),
                rough_duration(self.forecast.total),
            )
        elif offered:
            words = self.tr("Estimating the time on this computer…")
        show_words(self.cost, words)

    def _show_buttons(self) -> None:
        idle, row = not self._running, self._selected()
        unfinished = self._state is not None and any(not one.done for one in self._results)
        takeable = row is not None and row.done
        self.start_button.setText(self.tr("Compare") if self._state is None else self.tr("New comparison"))
        self.start_button.setEnabled(idle and self._problem is None)
        self.resume_button.setEnabled(idle and unfinished)
        self.resume_button.setVisible(unfinished)
        self.open_button.setEnabled(idle and row is not None and row.run is not None)
        self.use_button.setEnabled(idle and takeable)
        self.weights_button.setVisible(self._problem is not None and self._problem.where == "weights")
        primary = self.resume_button if unfinished else self.use_button if takeable else self.start_button
        offered = (self.start_button, self.resume_button, self.open_button, self.use_button)
        show_primary(offered, primary, highlighted=idle)

    def _tell_problem(self) -> None:
        if self._problem is not None:
            self.line.problem.set_problems([self._problem])

    def _select_suggested(self) -> None:
        found = self._state
        if found is not None and found.suggested is not None:
            ways = [one.way for one in self._results]
            self.table.selectRow(ways.index(found.suggested))

    # --- requests -------------------------------------------------------------------------------------------

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


def _share(numbers: SplitNumbers | None, metric: str) -> str:
    if numbers is None:
        return "–"
    found = getattr(numbers, metric)
    return f"{percent(found.value)} ({found.low * 100:.0f} to {found.high * 100:.0f})"
