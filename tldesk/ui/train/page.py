"""The Train page: start, watch and stop training, and compare with earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from tldesk.base import percent
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.train import words, work
from tldesk.ui.train.run_list import RunList
from tldesk.ui.train.training_task import TrainingTask
from tldesk.ui.train.work import RunInfo
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.freeze_line_words import short_line
from tldesk.ui.widgets.page import Page
from tldesk.ui.widgets.panel import Panel, label, set_role
from tldesk.ui.widgets.phase_band import PhaseBand
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.state_panel import StatePanel

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.ui.train.curves import CurvesView, RunCurves


class TrainPage(Page):
    """Trains one run at a time; shows any run, with the curves of others laid over it."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._answers = LatestAnswers(tasks)
        self._infos: dict[int, RunInfo] = {}
        self._training = TrainingTask(session, tasks, self)
        self._curves: CurvesView | None = None
        self.start_button = QPushButton(self.tr("Start training"), self)
        self.stop_button = QPushButton(self.tr("Stop and keep best"), self)
        self.message = label(wrap=True, parent=self)
        self.time_left = label(role="muted", parent=self)
        self.notice = label(role="warn", wrap=True, parent=self)
        self.tabs = QTabWidget(self)
        self._curves_place = QStackedWidget(self.tabs)
        self.tabs.addTab(self._curves_place, self.tr("Curves"))
        self.empty = StatePanel(self._curves_place)
        self._table_panel = Panel(self.tr("Runs side by side: recipe, accuracy, time"), self.tabs)
        self.tabs.addTab(self._table_panel, self.tr("Side by side"))
        self.table = PlainTable(
            self.tr("Runs side by side"),
            words.table_titles(),
            numbers=(0, 4, 5, 6, 7),
            wide=1,
            parent=self._table_panel,
        )
        self._runs_panel = Panel(self.tr("Runs"), self)
        self.runs = RunList(self._runs_panel)
        self.resume_button = QPushButton(self.tr("Resume"), self._runs_panel)
        self._build()
        self._connect()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._curves_place.addWidget(self.empty)
        table_panel = self._table_panel
        table_panel.body.addWidget(self.table)
        explained = self.tr(
            "Balanced accuracy (bal. acc.) and accuracy on the validation images, test "
            "accuracy (test acc.) on the test images, all at the best epoch."
        )
        table_panel.body.addWidget(label(explained, "muted", wrap=True, parent=table_panel))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(self._bar())
        left.addWidget(self.notice)
        left.addWidget(self.tabs, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(self._fill_runs_panel())

    def _bar(self) -> QHBoxLayout:
        self.start_button.setProperty("role", "primary")
        set_icon(self.start_button, "play", "accent_text")
        set_icon(self.stop_button, "stop")
        self.stop_button.setToolTip(self.tr("Stop training now; the best weights so far become the model"))
        bar = QHBoxLayout()
        bar.setSpacing(12)
        bar.addWidget(self.start_button)
        bar.addWidget(self.stop_button)
        bar.addWidget(self.message, 1)
        bar.addWidget(self.time_left)
        return bar

    def _fill_runs_panel(self) -> Panel:
        panel = self._runs_panel
        panel.setFixedWidth(312)
        set_icon(self.resume_button, "play")
        self.resume_button.setToolTip(self.tr("Resume this run where it stopped"))
        hint = self.tr("Tick runs to overlay their curves on this one")
        self.ticks_hint = label(hint, "muted", wrap=True, parent=panel)
        panel.body.addWidget(self.runs, 1)
        panel.body.addWidget(self.ticks_hint)
        panel.body.addWidget(self.resume_button)
        return panel

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.runsChanged.connect(self._read_runs)
        session.stale.changed.connect(self._show_rows)
        session.runChanged.connect(self._run_changed)
        # Takes a tenth of a second: better now than when a training starts.
        session.torchReady.connect(self._make_curves)
        session.recipeChanged.connect(lambda _recipe: self._show_buttons())
        self._tasks.taskFinished.connect(lambda _task: self._show_buttons())
        training = self._training
        training.changed.connect(self._training_changed)
        training.said.connect(self._say)
        training.noticed.connect(self.show_notice)
        training.timeLeftChanged.connect(self.time_left.setText)
        training.runOpened.connect(self.runs.choose)
        training.phaseChanged.connect(self._show_curves)
        training.curvesGrown.connect(self._refresh)
        training.failed.connect(self._training_failed)
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.resume_button.clicked.connect(self.resume)
        self.runs.runChosen.connect(self._choose)
        self.runs.ticksChanged.connect(self._show_curves)

    # --- state ----------------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """Return the line for the rail: "run 3 · best 94.1 %"."""
        if self._training.live is not None:
            return self.tr("run {0} · training").format(self._training.live.number)
        done = [info.summary for info in self._infos.values() if info.summary.best_epoch]
        if not done:
            return self.tr("no run yet")
        last = max(done, key=lambda summary: summary.number)
        value = last.validation_balanced_accuracy
        result = percent(value) if value is not None else words.state_words(last)
        return self.tr("run {0} · best {1}").format(last.number, result)

    @property
    def training(self) -> bool:
        """Whether a run is being trained or is waiting to be."""
        return self._training.active

    @property
    def curves(self) -> CurvesView:
        """The plots; created when first needed, because pyqtgraph is slow to import."""
        self._make_curves()
        assert self._curves is not None
        return self._curves

    def _make_curves(self) -> None:
        if self._curves is None:
            from tldesk.ui.train.curves import CurvesView

            self._curves = CurvesView()
            self._curves_place.addWidget(self._curves)

    def focus_first(self) -> None:
        """Focus the button that is used first."""
        (self.stop_button if self.training else self.start_button).setFocus()

    def _project_changed(self) -> None:
        self._infos = {}
        self._training.forget()
        self.runs.set_rows(())
        self.table.set_rows(())
        self.message.setText("")
        self.notice.hide()
        self._show_curves()
        self._show_buttons()
        self._read_runs()
        self.stateLineChanged.emit()

    def _read_runs(self) -> None:
        project = self._session.project
        if project is not None:
            self._answers.ask(
                "runs", lambda: work.read_runs(project), lambda infos: self._take(project, infos)
            )

    def _take(self, project: Project, infos: list[RunInfo]) -> None:
        if project is not self._session.project:
            return
        self._infos = {info.summary.number: info for info in infos}
        self._show_rows()
        if self.runs.current is None and infos:
            live = self._training.live
            self.runs.choose(live.number if live else infos[0].summary.number)
        self._show_current()
        self.stateLineChanged.emit()

    def _show_rows(self) -> None:
        rows = [(info, self._session.stale.of(number)) for number, info in self._infos.items()]
        self.runs.set_rows([words.run_row(*row) for row in rows])
        self.table.set_rows([words.table_row(*row) for row in rows])

    def _show_current(self) -> None:
        info = self._infos.get(self.runs.current or 0)
        if not self.training and info is not None:
            self.message.setText(words.ended(info.summary))
            set_role(self.message, "bad" if info.summary.status == "failed" else "")
        self._show_curves()
        self._show_buttons()

    def _choose(self, number: int) -> None:
        info = self._infos.get(number)
        if info is not None:
            self._session.set_run(info.run)
        self._show_current()

    def _run_changed(self) -> None:
        run = self._session.run
        if run is not None and self.runs.current != run.number:
            self.runs.choose(run.number)
            self._show_current()

    def _show_buttons(self) -> None:
        busy, stopping = self._training.active, self._training.stopping
        ready = self._session.project is not None and self._session.recipe is not None
        self.start_button.setEnabled(ready and not busy)
        self.stop_button.setEnabled(busy and not stopping)
        self.stop_button.setText(self.tr("Stopping…") if stopping else self.tr("Stop and keep best"))
        info = self._infos.get(self.runs.current or 0)
        resumable = info is not None and info.summary.status in {"interrupted", "stopped"}
        self.resume_button.setVisible(resumable and not busy)
        self.ticks_hint.setVisible(len(self._infos) > 1)
        tip = self.tr("Start a new run with the recipe of the Model page")
        if not ready:
            tip = self.tr("Choose a model and fix its recipe on the Model page first")
        self.start_button.setToolTip(tip)
        self._show_empty()

    def _show_empty(self) -> None:
        if self._session.project is None:
            hint = self.tr("Open a folder of pictures first.")
            self.empty.tell("train", self.tr("No project is open"), hint)
        elif self.training:
            self.empty.tell("train", self.tr("Getting ready…"), "")
        elif self._session.recipe is None:
            hint = self.tr("The Model page shows what is missing before training can start.")
            self.empty.tell("train", self.tr("No run yet"), hint)
        else:
            hint = self.tr("This page shows how training progresses. You can stop it at any time.")
            self.empty.tell("train", self.tr("No run yet"), hint, (self.tr("Start training"), self.start))

    # --- curves ---------------------------------------------------------------------------------------------

    def _show_curves(self) -> None:
        number = self.runs.current
        main = self._curves_of(number)
        if number is None or main is None:
            self._curves_place.setCurrentWidget(self.empty)
            return
        bands, epochs = self._bands_of(number)
        others = [self._curves_of(one) for one in sorted(self.runs.ticked - {number})]
        shown = [one for one in others if one is not None]
        last = max((event.epoch for one in shown for event in one.epochs), default=1)
        self.curves.set_phases(bands, max(epochs, last))
        self.curves.set_runs(main, shown)
        self._curves_place.setCurrentWidget(self.curves)

    def _curves_of(self, number: int | None) -> RunCurves | None:
        if number is None:
            return None
        live = self._training.live
        if live is not None and number == live.number:
            return live.curves
        info = self._infos.get(number)
        if info is None or not info.history:
            return None
        from tldesk.ui.train.curves import RunCurves

        return RunCurves(words.colour_of(number), list(info.history))

    def _bands_of(self, number: int) -> tuple[tuple[PhaseBand, ...], int]:
        live = self._training.live
        if live is not None and number == live.number:
            return live.bands, live.epochs
        info = self._infos[number]
        if info.recipe is None:
            return (), 1
        planned = work.planned_bands(info.recipe, short_line)
        bands = work.happened_bands(planned, info.history, over=True)
        return bands, sum(band.epochs for band in bands)

    # --- training -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train a new run with the session's recipe."""
        self._training.start()

    def resume(self) -> None:
        """Resume the selected run."""
        if self.runs.current is not None:
            self._training.resume(self.runs.current)

    def stop(self) -> None:
        """Stop the training; the best weights so far are kept."""
        self._training.stop()

    def _say(self, text: str) -> None:
        set_role(self.message, "")
        self.message.setText(text)

    def show_notice(self, text: str) -> None:
        """Show a remark on the training in progress; "" hides it."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def _training_changed(self) -> None:
        self._show_buttons()
        self.stateLineChanged.emit()

    def _training_failed(self, error: Exception) -> None:
        errors.show(self, error, self.tr("Training failed"))
        self.message.setText(errors.text_of(error).splitlines()[0])
        set_role(self.message, "bad")

    def _refresh(self) -> None:
        live = self._training.live
        if live is not None and self._curves is not None and self.runs.current == live.number:
            self._curves.refresh()
