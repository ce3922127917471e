"""The Predict page: predictions for new pictures, how far to trust them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tldesk.dataset.left_out import NOTHING_LEFT_OUT
from tldesk.model.wanted_columns import columns_of
from tldesk.prediction import Answer, Failure
from tldesk.prediction.find_pictures import PicturesToPredict
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.predict import words, work
from tldesk.ui.predict.answer_panel import AnswerPanel
from tldesk.ui.predict.choose_pictures import ask_for_folder, ask_for_model, ask_for_pictures
from tldesk.ui.predict.class_note import ClassNote
from tldesk.ui.predict.columns_bar import ColumnsBar
from tldesk.ui.predict.heat_map import HeatMap
from tldesk.ui.predict.model_box import ModelBox
from tldesk.ui.predict.result_list import ResultList
from tldesk.ui.predict.saliency_panel import SaliencyPanel
from tldesk.ui.predict.save_answers import AnswerTable
from tldesk.ui.predict.similar_panel import SimilarPanel
from tldesk.ui.predict.value_editing import ValueEditing
from tldesk.ui.predict.work import ColumnsNote, ColumnSources, ModelChoice
from tldesk.ui.session.session import Session
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.page import Page
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.picture_view import image_of
from tldesk.ui.widgets.state_panel import StatePanel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldesk.dataset import Project


class PredictPage(Page):
    """Pictures on the left, the selected one in the middle, its prediction on the right."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._answers = LatestAnswers(tasks)
        self._model = work.Model(lambda: session.project)
        self._entries: list[Answer | Failure] = []
        self._asked: list[Path] = []  # files and folders as they were opened
        self._used: Path | None = None  # the model file of the current predictions
        self._colours: Mapping[str, str] = {}
        self._choices: list[ModelChoice] = []
        self._task: Task | None = None
        self._expected = 0
        self._left_out = NOTHING_LEFT_OUT
        self._current = -1
        self._editing = ValueEditing(self, session, tasks, self._model)
        self.table = AnswerTable(self, session, tasks)
        self.table.said.connect(self.said)
        self.open_button = QPushButton(self.tr("Open pictures…"), self)
        self.folder_button = QPushButton(self.tr("Open folder…"), self)
        self.clear_button = QPushButton(self.tr("Clear"), self)
        self.models = ModelBox(self)
        self.save_button = QPushButton(self.tr("Save table…"), self)
        self.class_note = ClassNote(self)
        self.columns = ColumnsBar(session.settings, self)
        self._stack = QStackedWidget(self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self._stack)
        self.list_panel = Panel(self.tr("Pictures"), self._splitter)
        self.results = ResultList(tasks, self.list_panel)
        self.saliency = SaliencyPanel(self._splitter)
        self._heat_map = HeatMap(self.saliency, session, tasks, self._model)
        self._right = QSplitter(Qt.Orientation.Vertical, self._splitter)
        self.answer = AnswerPanel(self._right)
        self.similar = SimilarPanel(tasks, self._right)
        self.empty = StatePanel(self._stack)
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.summary = label(role="muted", wrap=True, parent=self.list_panel)
        self.list_panel.body.addWidget(self.results, 1)
        self.list_panel.body.addWidget(self.summary)
        self._splitter.setHandleWidth(12)
        self._splitter.setChildrenCollapsible(False)
        for part in (self.list_panel, self.saliency, self._fill_right()):
            self._splitter.addWidget(part)
        self._splitter.setSizes([272, 560, 312])
        self._splitter.setStretchFactor(1, 1)
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(12)
        box.addLayout(self._bar())
        box.addWidget(self.class_note)
        box.addWidget(self.columns)
        box.addWidget(self._stack, 1)

    def _bar(self) -> QHBoxLayout:
        self.open_button.setProperty("role", "primary")
        set_icon(self.open_button, "open-pictures", "accent_text")
        set_icon(self.folder_button, "open-project")
        set_icon(self.save_button, "save")
        self.clear_button.setToolTip(self.tr("Remove all pictures from this list; the files are kept"))
        self.save_button.setToolTip(self.tr("Save a table (CSV) with one row per picture"))
        named = label(self.tr("Model"), "muted", parent=self)
        named.setBuddy(self.models)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for button in (self.open_button, self.folder_button, self.clear_button):
            bar.addWidget(button)
        bar.addStretch(1)
        bar.addWidget(named)
        bar.addWidget(self.models)
        bar.addWidget(self.save_button)
        return bar

    def _fill_right(self) -> QSplitter:
        right = self._right
        right.setHandleWidth(12)
        right.setChildrenCollapsible(False)
        right.addWidget(self.answer)
        right.addWidget(self.similar)
        right.setSizes([300, 320])
        return right

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.runsChanged.connect(self._read_models)
        session.modelChanged.connect(self._model_changed)
        session.imagesChanged.connect(self._read_models)
        self.open_button.clicked.connect(self.choose_pictures)
        self.folder_button.clicked.connect(self.choose_folder)
        self.clear_button.clicked.connect(self.clear)
        self.save_button.clicked.connect(self.save_table)
        self.models.filePicked.connect(session.set_model)
        self.models.otherAsked.connect(self._choose_model)
        self.results.rowChosen.connect(self._choose)
        self.columns.tableChanged.connect(self._predict_anew)
        self.answer.values.changed.connect(self._change_values)

    # --- state ----------------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """Return the line for the rail: "24 new pictures"."""
        return words.state_line(len(self._entries))

    @property
    def entries(self) -> tuple[Answer | Failure, ...]:
        """The predictions and failures, in the list's order."""
        return tuple(self._entries)

    @property
    def predicting(self) -> bool:
        """Whether predictions are still being computed."""
        return self._task is not None

    def focus_first(self) -> None:
        """Focus the first control of the page."""
        (self.results if self._entries else self.open_button).setFocus()

    def _project_changed(self) -> None:
        self.clear()
        self._choices, self._colours = [], {}
        self._fill_models()
        self._read_columns()
        self._read_models()

    def _read_models(self) -> None:
        project = self._session.project
        if project is not None:
            self._answers.ask(
                "models",
                lambda: (work.model_choices(project), work.colours_of(project)),
                lambda found: self._take_models(project, *found),
            )

    def _take_models(self, project: Project, found: list[ModelChoice], colours: Mapping[str, str]) -> None:
        if project is not self._session.project:
            return
        self._choices = found
        self._colours = colours
        if self._session.model is None and found:
            self._session.set_model(found[0].file)
        self._fill_models()

    def _fill_models(self) -> None:
        self.models.fill(self._choices, self._session.model)
        self.class_note.tell(self.models.chosen)
        self._show_state()

    def _model_changed(self) -> None:
        self._fill_models()
        self._read_columns()

    def _read_columns(self) -> None:
        """Read which columns the selected model needs, then predict the pictures with it."""
        file = self._session.model
        self._answers.ask("columns", lambda: columns_of(file) if file else (), self._take_columns)

    def _take_columns(self, columns: tuple[str, ...]) -> None:
        self.columns.set_wanted(columns)
        if self._used != self._session.model:
            self._predict_anew()

    def _predict_anew(self) -> None:
        paths = self._asked
        if paths and self._session.model is not None:
            self.clear()
            self.open_paths(paths)

    def _choose_model(self) -> None:
        ask_for_model(self, self._session.settings, self._session.set_model)

    def _show_state(self) -> None:
        self.clear_button.setEnabled(bool(self._entries))
        self.save_button.setEnabled(bool(self._entries))
        self._stack.setCurrentIndex(0 if self._entries else 1)
        self.list_panel.set_title(words.pictures(len(self._entries)))
        self.summary.setText(words.summary(self._entries, self._expected, self._left_out))
        self.stateLineChanged.emit()
        if self._entries:
            return
        if self.predicting:
            self.empty.tell("predict", self.tr("Predicting…"), self._waiting())
        elif self._session.model is None:
            hint = self.tr("Train a model first, or choose a model file (.tlmodel) that you were given.")
            self.empty.tell("predict", self.tr("No model yet"), hint)
        else:
            hint = self.tr(
                "Drop pictures or a folder here. Each picture gets its class "
                "probabilities and a heat map of where the network looked."
            )
            action = (self.tr("Open pictures…"), self.choose_pictures)
            self.empty.tell("drop", self.tr("No pictures yet"), hint, action)

    def _waiting(self) -> str:
        current = self._tasks.current
        other = current is not None and current is not self._task
        return self.tr("Waiting for: {0}").format(current.title) if current and other else ""

    # --- predicting -----------------------------------------------------------------------------------------

    def choose_pictures(self) -> None:
        """Ask for picture files."""
        ask_for_pictures(self, self._session.settings, self.open_paths)

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        ask_for_folder(self, self._session.settings, self.open_paths)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Predict files, and the pictures in folders; they are added to the list."""
        file = self._session.model
        if file is None:
            self.said.emit(self.tr("There is no model yet: train one first, or choose a model file"))
            return
        if self._task is not None:
            self.said.emit(self.tr("Wait until the current pictures are finished"))
            return
        device = self._session.device
        self._used, self._asked = file, [*self._asked, *paths]
        wanted, sources = list(paths), ColumnSources(self._session.project, self.columns.table)
        self._task = self._tasks.stream(
            self.tr("Predicting"),
            lambda stop: work.answers(self._model, file, device, wanted, stop, sources=sources),
            on_event=self._take,
            on_done=self._done,
            on_stopped=self._done,
            on_failed=self._failed,
        )
        self._show_state()

    def clear(self) -> None:
        """Remove all pictures from the list; pending predictions are cancelled."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._heat_map.set_entry(None)
        self._entries, self._asked = [], []
        self._expected = 0
        self._left_out = NOTHING_LEFT_OUT
        self._current = -1
        self.results.clear()
        self.saliency.show_words("")
        self.answer.clear()
        self.similar.clear()
        self._show_state()

    def _take(self, event: PicturesToPredict | ColumnsNote | Answer | Failure) -> None:
        if isinstance(event, ColumnsNote):
            self.columns.tell(event.words, event.problems)
            return
        if isinstance(event, PicturesToPredict):
            self._expected = len(self._entries) + len(event.paths)
            self._left_out += event.left_out
            return
        self._entries.append(event)
        self.results.add([words.row(event, self._colours)])
        if self._task is not None:
            self._task.report(self.tr("Predicting"), len(self._entries), self._expected)
        self._show_state()

    def _done(self) -> None:
        self._task = None
        self._expected = len(self._entries)
        self._show_state()

    def _failed(self, error: Exception) -> None:
        self._done()
        errors.show(self, error, self.tr("Prediction failed"))

    # --- one picture ----------------------------------------------------------------------------------------

    def _choose(self, place: int) -> None:
        if place == self._current:
            return
        self._current = place
        self._show_entry(self._entries[place])

    def _show_entry(self, entry: Answer | Failure) -> None:
        self._heat_map.set_entry(None)
        if isinstance(entry, Failure):
            self._answers.forget("picture")
            self.saliency.set_title(entry.path.name)
            self.saliency.show_words(entry.error)
            self.answer.show_none()
            self.similar.clear()
            return
        self.saliency.set_title(entry.path.name)
        self.saliency.set_classes(entry.classes, entry.predicted)
        self.saliency.say("")
        self.answer.show_answer(entry, self._colours, self.columns.wanted)
        self.similar.show_answer(entry, self._session.project, self._session.prepared, self._colours)
        self._answers.ask(
            "picture",
            lambda: work.picture(entry),
            lambda pixels: self._show_picture(entry, pixels),
            lambda error: self.saliency.show_words(errors.text_of(error)),
        )
        self._heat_map.set_entry(entry)

    def _change_values(self, values: dict[str, str]) -> None:
        """Predict the shown picture again with the edited values."""
        place, entry = self._current, self._entries[self._current]
        if isinstance(entry, Answer):
            self._editing.ask(entry, values, partial(self._replace, place, entry))

    def _replace(self, place: int, before: Answer, found: Answer) -> None:
        if place < len(self._entries) and self._entries[place] is before:
            self._entries[place] = found
            self.results.replace(place, words.row(found, self._colours))
            self._show_state()
            if place == self._current:
                self._show_entry(found)

    def _show_picture(self, entry: Answer, pixels: NDArray[np.uint8]) -> None:
        self.saliency.view.set_picture(image_of(pixels), f"{entry.path.name}: {entry.predicted}")
        self.saliency.set_ready()

    # --- the table, dropping --------------------------------------------------------------------------------

    def save_table(self) -> None:
        """Ask where to save the table."""
        self.table.ask(self.entries)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if event.mimeData().hasUrls() and self._session.model is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Predict the dropped files."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)
