"""The Evaluate page: how far a run can be trusted, and the images behind each metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tldesk.dataset import Split
from tldesk.ui import errors
from tldesk.ui.evaluate import words, work
from tldesk.ui.evaluate.changed_since import ChangedSince
from tldesk.ui.evaluate.confusion_matrix import ConfusionView
from tldesk.ui.evaluate.metric_cards import EvaluateCards
from tldesk.ui.evaluate.per_class_table import ClassRow, PerClassTable, Span
from tldesk.ui.evaluate.reliability_diagram import DiagramBin, ReliabilityView
from tldesk.ui.evaluate.work import Judged, RunChoice, SplitResult
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.field_editors import QuietComboBox
from tldesk.ui.widgets.page import Page
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.picture_list import PictureItem
from tldesk.ui.widgets.state_panel import StatePanel
from tldesk.ui.widgets.thumb_strip import ThumbStrip

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.evaluation import Interval

_SIDE = 76


class EvaluatePage(Page):
    """One run on one split.

    Clicking a cell shows its images; a double click opens them on the Images page.
    """

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._answers = LatestAnswers(tasks)
        self._choices: list[RunChoice] = []
        self._result: SplitResult | None = None
        self._shown: tuple[Judged, ...] = ()
        self._shown_title = ""
        self._accuracy_line = ""
        self.runs = QuietComboBox(self)
        self.splits = QuietComboBox(self)
        self.heading = label(role="title", parent=self)
        self.since = ChangedSince(session.stale, self)
        self.note = label(role="warn", wrap=True, parent=self)
        self._stack = QStackedWidget(self)
        self._content = QWidget(self._stack)
        self.cards = EvaluateCards(self._content)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self._content)
        self._matrix_panel = Panel(self.tr("Confusion matrix: click a cell to see images"), self._splitter)
        self.confusion = ConfusionView(self._matrix_panel)
        self._calibration_panel = Panel(self.tr("Calibration"), self._splitter)
        self.reliability = ReliabilityView(self._calibration_panel)
        self._classes_panel = Panel(self.tr("Per class"), self._splitter)
        self.table = PerClassTable(self._classes_panel)
        self.strip_panel = Panel(self.tr("Most confident mistakes"), self._content)
        self.back_button = QPushButton(self.tr("Most confident mistakes"), self.strip_panel)
        self.open_button = QPushButton(self.tr("Show on the Images page"), self.strip_panel)
        self.strip = ThumbStrip(tasks, _SIDE, extra=28, parent=self.strip_panel)
        self.empty = StatePanel(self._stack)
        self._build()
        self._connect()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        box = QVBoxLayout(self._content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.cards)
        box.addWidget(self._panels(), 1)
        box.addWidget(self._strip_panel())
        self._stack.addWidget(self._content)
        self._stack.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(8)
        outer.addLayout(self._bar())
        outer.addWidget(self.since.banner)
        outer.addWidget(self.note)
        outer.addWidget(self._stack, 1)

    def _bar(self) -> QHBoxLayout:
        self.runs.setAccessibleName(self.tr("Run"))
        self.runs.setMinimumContentsLength(34)
        self.splits.setAccessibleName(self.tr("Split"))
        self.splits.setMinimumContentsLength(22)
        self.splits.setToolTip(
            self.tr(
                "Test images were used neither for training nor for choosing the model, "
                "so theirs are the scores to report"
            )
        )
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.heading, 1)
        for text, box in ((self.tr("Run"), self.runs), (self.tr("Split"), self.splits)):
            named = label(text, "muted", parent=self)
            named.setBuddy(box)
            bar.addWidget(named)
            bar.addWidget(box)
        return bar

    def _panels(self) -> QSplitter:
        matrix, diagram, classes = self._matrix_panel, self._calibration_panel, self._classes_panel
        axes = label(self.tr("Rows: true class. Columns: predicted class."), "muted", parent=matrix)
        matrix.body.addWidget(self.confusion)
        matrix.body.addWidget(axes, 0)
        diagram.body.addWidget(self.reliability)
        classes.body.addWidget(self.table)
        self._splitter.setHandleWidth(12)
        self._splitter.setChildrenCollapsible(False)
        for place, (panel, share) in enumerate(((matrix, 5), (diagram, 3), (classes, 4))):
            self._splitter.addWidget(panel)
            self._splitter.setStretchFactor(place, share)
        self._splitter.setSizes([370, 254, 490])
        return self._splitter

    def _strip_panel(self) -> Panel:
        panel = self.strip_panel
        set_icon(self.open_button, "images")
        self.strip.setAccessibleName(self.tr("Most confident mistakes, or images of the chosen cell"))
        self.strip_words = label(role="muted", parent=panel)
        panel.header.addWidget(self.back_button)
        panel.header.addWidget(self.open_button)
        panel.body.addWidget(self.strip)
        panel.body.addWidget(self.strip_words)
        return panel

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.runsChanged.connect(self._read_choices)
        session.runChanged.connect(self._run_changed)
        session.imagesChanged.connect(self._read_choices)
        session.stale.changed.connect(self._tell_state)
        self.since.lookAsked.connect(self._look)
        self.since.imagesAsked.connect(self.imagesAsked)
        self.runs.activated.connect(lambda _index: self._run_picked())
        self.splits.activated.connect(lambda _index: self._look())
        self.confusion.cellChosen.connect(self.show_cell)
        self.confusion.cellOpened.connect(self._open_cell)
        self.back_button.clicked.connect(self.show_mistakes)
        self.open_button.clicked.connect(self._open_shown)
        self.strip.opened.connect(self._open_one)

    # --- state ----------------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """Return the line for the rail: "test 92.8 % (88–96)"."""
        return self._accuracy_line or self.tr("nothing to evaluate yet")

    @property
    def result(self) -> SplitResult | None:
        """The result shown; None if there is none."""
        return self._result

    @property
    def shown_ids(self) -> tuple[int, ...]:
        """Ids of the images in the strip."""
        return tuple(one.image_id for one in self._shown)

    def focus_first(self) -> None:
        """Focus the matrix, or the choice of a run."""
        (self.confusion if self._result else self.runs).setFocus()

    def _project_changed(self) -> None:
        self._choices = []
        self.since.today = False
        self._clear()
        self._fill_runs(None)
        self._show_empty()
        self._read_choices()

    def _clear(self) -> None:
        self._result = None
        self._accuracy_line = ""
        self.heading.setText("")
        self.note.hide()
        self.since.show_for(None)
        self._answers.forget("look")
        self.stateLineChanged.emit()

    def _read_choices(self) -> None:
        project = self._session.project
        if project is not None:
            self._answers.ask(
                "choices",
                lambda: work.choices(project),
                lambda found: self._take_choices(project, found),
            )

    def _take_choices(self, project: Project, found: list[RunChoice]) -> None:
        if project is not self._session.project:
            return
        self._choices = found
        wanted = self._session.run.number if self._session.run else None
        self._fill_runs(wanted)
        if not found:
            self._clear()
            self._show_empty()
            return
        self._fill_splits()
        self._look()

    def _fill_runs(self, wanted: int | None) -> None:
        self.runs.clear()
        for choice in self._choices:
            self.runs.addItem(choice.title, choice.run.number)
        self.runs.setEnabled(bool(self._choices))
        self.splits.setEnabled(bool(self._choices))
        if wanted is not None and self.runs.findData(wanted) >= 0:
            self.runs.setCurrentIndex(self.runs.findData(wanted))

    def _fill_splits(self) -> None:
        choice = self._choice()
        kept = self.splits.currentData()
        self.splits.clear()
        for split, count in choice.splits if choice else ():
            self.splits.addItem(words.split_title(split, count), split)
        if kept is not None and self.splits.findData(kept) >= 0:
            self.splits.setCurrentIndex(self.splits.findData(kept))

    def _choice(self) -> RunChoice | None:
        number = self.runs.currentData()
        return next((one for one in self._choices if one.run.number == number), None)

    def _run_changed(self) -> None:
        run = self._session.run
        if run is not None and self.runs.currentData() != run.number:
            place = self.runs.findData(run.number)
            if place >= 0:
                self.runs.setCurrentIndex(place)
                self._fill_splits()
                self._look()

    def _run_picked(self) -> None:
        choice = self._choice()
        if choice is not None:
            self._fill_splits()
            self._look()
            self._session.set_run(choice.run)

    def refresh(self) -> None:
        """Read again which runs and splits can be evaluated."""
        self._read_choices()

    def _show_empty(self) -> None:
        self._stack.setCurrentWidget(self.empty)
        if self._session.project is None:
            hint = self.tr("Open a folder of pictures first.")
            self.empty.tell("evaluate", self.tr("No project is open"), hint)
        else:
            hint = self.tr("Train a model first; this page then shows how far it can be trusted.")
            self.empty.tell("evaluate", self.tr("Nothing to evaluate yet"), hint)

    # --- evaluating -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        project, choice, split = self._session.project, self._choice(), self.splits.currentData()
        if project is None or choice is None or split is None:
            return
        wanted = Split(split)
        today = self.since.settle(choice.run.number)

        def look() -> SplitResult:
            return work.look(project, choice.run, wanted, today=today)

        if work.is_stored(choice.run, wanted):
            self._answers.ask("look", look, self._show, self._failed)
            return
        self._stack.setCurrentWidget(self.empty)
        self.empty.tell(
            "evaluate",
            self.tr("Evaluating…"),
            self.tr("The network processes these images once; the result is stored."),
        )
        self._tasks.compute(
            self.tr("Evaluating {0}").format(choice.run.name),
            look,
            on_done=lambda found: self._show(found) if project is self._session.project else None,
            on_failed=lambda error: self._failed(error) if project is self._session.project else None,
        )

    def _failed(self, error: Exception) -> None:
        self._clear()
        self._stack.setCurrentWidget(self.empty)
        self.empty.tell("problem", self.tr("Evaluation failed"), errors.text_of(error))

    def _show(self, result: SplitResult) -> None:
        asked = (self.runs.currentData(), self.splits.currentData(), self.since.today)
        if (result.run.number, result.split, result.today) != asked:
            return  # another run or split was chosen meanwhile
        self._result = result
        numbers = result.numbers
        self._stack.setCurrentIndex(0)
        self.heading.setText(words.heading(result))
        notes = words.notes(result)
        self.note.setText(". ".join(notes) + "." if notes else "")
        self.note.setVisible(bool(notes))
        self.cards.show_numbers(numbers)
        self.confusion.set_counts(numbers.classes, numbers.confusion)
        self.reliability.set_bins(
            [DiagramBin(b.confidence, b.accuracy.value, b.n) for b in numbers.reliability if b.n]
        )
        self.table.set_rows(
            [
                ClassRow(
                    one.name,
                    result.colours.get(one.name, "#8b8b8b"),
                    one.n,
                    _span(one.recall),
                    _span(one.precision),
                )
                for one in numbers.per_class
            ]
        )
        self.show_mistakes()
        self.since.show_for(result)
        self._tell_state()

    def _tell_state(self) -> None:
        if self._result is not None:
            self._accuracy_line = words.state_line(self._result, self.since.words())
            self.stateLineChanged.emit()

    # --- the strip ------------------------------------------------------------------------------------------

    def show_mistakes(self) -> None:
        """Show the wrong predictions with the highest probability in the strip below."""
        if self._result is not None:
            self._show_strip(self._result.mistakes(), self.tr("Most confident mistakes"), cell=False)

    def show_cell(self, truth: int, said: int) -> None:
        """Show the images of a cell of the confusion matrix in the strip below."""
        if self._result is not None:
            title = words.cell_title(self._result, truth, said)
            self._show_strip(self._result.cell(truth, said), title, cell=True)

    def _show_strip(self, images: tuple[Judged, ...], title: str, *, cell: bool) -> None:
        assert self._result is not None
        self._shown = images
        self._shown_title = title
        self.strip_panel.set_title(title)
        self.back_button.setVisible(cell)
        self.open_button.setEnabled(bool(images))
        classes = self._result.numbers.classes
        colours = self._result.colours
        self.strip.set_items(
            [
                PictureItem(
                    one.path,
                    *words.caption(one, classes),
                    colours.get(classes[one.said], ""),
                    one.content,
                )
                for one in images
            ],
            self._session.prepared,
        )
        self.strip.setVisible(bool(images))
        self.strip_words.setVisible(not images)
        nothing = (
            self.tr("No images in this cell.") if cell else self.tr("None: all predictions are correct.")
        )
        self.strip_words.setText(nothing)

    def _open_cell(self, truth: int, said: int) -> None:
        self.show_cell(truth, said)
        self._open_shown()

    def _open_shown(self) -> None:
        if self._shown:
            self.imagesAsked.emit(self.shown_ids, self._shown_title)

    def _open_one(self, place: int) -> None:
        one = self._shown[place]
        title = self._shown_title if one.path is None else one.path.name
        self.imagesAsked.emit((one.image_id,), title)


def _span(interval: Interval) -> Span:
    known = interval.value == interval.value  # False for NaN (division by zero)
    if not known:
        return Span(None, None, None)
    return Span(interval.value, interval.low, interval.high)
