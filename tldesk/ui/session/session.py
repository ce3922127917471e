"""What the window works on: project, library, recipe, device and run, and signals when they change."""

from __future__ import annotations

import atexit
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from tldesk.base import ProblemError, Progress
from tldesk.ui.lane.preparing import Preparer
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.session import project_jobs, undo_commands
from tldesk.ui.session.project_jobs import NewProject, Opened
from tldesk.ui.session.stale_runs import StaleRuns
from tldesk.ui.settings import Settings

if TYPE_CHECKING:
    from tldesk.dataset import Edits, GroupBy, Project
    from tldesk.engine import Device
    from tldesk.imaging import PreparedCache
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.run import Run

_LOOK_EVERY = 1.5  # seconds between looks at a project that is being scanned
_WATCH_MS = 2000  # between looks whether another window or command has changed the project

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SplitWish:
    """How the user wants the images split."""

    by_group: GroupBy | None
    shares: tuple[float, float, float]  # training, validation, test; sum 1
    seed: int
    keep_given: bool


class Session(QObject):
    """The state shared by the pages. Everything slow goes through ``tasks``; nothing here blocks."""

    projectChanged = Signal()  # another project, or none
    preparedChanged = Signal()  # pictures are read in another way: those shown are no longer right
    imagesChanged = Signal()  # images, groups, splits or classes changed: ask again
    labelsChanged = Signal(object)  # tuple of image ids whose label changed
    scanningChanged = Signal()
    newProjectRead = Signal()  # all pictures of a new project were read for the first time
    splitDone = Signal()  # what a person asked for; not what undo brings back
    runsChanged = Signal()
    runChanged = Signal()  # another run is looked at
    recipeChanged = Signal(object)  # Recipe | None
    modelChanged = Signal()  # another model file is used for prediction
    deviceChanged = Signal()
    weightsChanged = Signal()
    torchReady = Signal()

    def __init__(self, tasks: Tasks, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.settings = settings or Settings()
        self.undo_stack = QUndoStack(self)
        self.project: Project | None = None
        self.prepared: PreparedCache | None = None  # the open project's prepared pictures
        self.recipe: Recipe | None = None
        self.selection: tuple[int, ...] = ()  # images selected on the Images page
        self.run: Run | None = None
        self.model: Path | None = None
        self.device: Device | None = None
        self.devices: tuple[Device, ...] = ()
        self.torch_loaded = False
        self.scanning = False
        self._reading = False  # pictures one by one: nothing is written for long
        self._last_look = 0.0
        self._preparer = Preparer(tasks, self)
        self.stale = StaleRuns(tasks, self)  # which runs' labels have changed since
        self._library: WeightsLibrary | None = None
        self._told = undo_commands.Told(self._labelled, self._changed, self._refused)
        self._last_action = 0
        self._examined = True
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look_elsewhere)
        self.projectChanged.connect(lambda: self.stale.look_at(self.project))
        for changed in (self.imagesChanged, self.labelsChanged, self.runsChanged):
            changed.connect(self.stale.look_again)

    @property
    def library(self) -> WeightsLibrary:
        """The weights library, the open project's own before others; its listing needs no torch."""
        if self._library is None:
            from tldesk.model.library import WeightsLibrary

            self._library = WeightsLibrary(project=None if self.project is None else self.project.path)
        return self._library

    # --- projects -------------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project; ``projectChanged`` follows, or an error is shown and the old one stays."""
        self.tasks.read(lambda: project_jobs.open_project(path), on_done=self._take)

    def create_project(self, new: NewProject) -> Task:
        """Make a project, scan its pictures, split it. It is shown from the first picture on."""
        title = self.tr("Copying pictures") if new.copy else self.tr("Reading pictures")
        task = self._scan(title, lambda stop: project_jobs.create(new, stop))
        task.on_done = self._first_scanned
        return task

    def create_sample(self, folder: Path) -> Task:
        """Draw the sample pictures into a folder and make a project of them."""
        return self._scan(
            self.tr("Drawing the sample"), lambda stop: project_jobs.create_sample(folder, stop)
        )

    def rescan(self) -> Task | None:
        """Look again for added, moved, changed and missing pictures."""
        project = self.project
        if project is None:
            return None
        return self._scan(
            self.tr("Looking for changed pictures"), lambda stop: project_jobs.rescan(project, stop)
        )

    def add_pictures(self, new: NewProject) -> None:
        """Add a folder of pictures to the open project, or a copy of it."""
        project = self.project
        if project is not None:
            title = self.tr("Copying pictures") if new.copy else self.tr("Reading pictures")
            self._scan(title, lambda stop: project_jobs.add(project, new, stop))

    def bring_in(self, files: Sequence[Path]) -> None:
        """Copy single pictures into the open project."""
        project = self.project
        if project is not None:
            self._scan(self.tr("Copying pictures"), lambda stop: project.folders.bring_in(files, stop))

    def _scan(self, title: str, make: Callable[[threading.Event], Iterator[Progress | Opened]]) -> Task:
        self.scanning = True
        self._preparer.end()
        self.scanningChanged.emit()
        return self.tasks.stream(
            title,
            make,
            on_event=self._scan_event,
            on_done=self._scanned,
            on_stopped=self._scanned,
            on_failed=self._scan_failed,
        )

    def _scan_event(self, event: Progress | Opened) -> None:
        if isinstance(event, Opened):
            self._take(event)
            return
        self._reading = event.done < event.total
        due = _listed(event) or time.monotonic() - self._last_look > _LOOK_EVERY
        if due and self.project is not None:
            self.imagesChanged.emit()
            self._last_look = time.monotonic()

    def _scanned(self) -> None:
        self.scanning = self._reading = False
        self.scanningChanged.emit()
        self.imagesChanged.emit()
        self._prepare()

    def _first_scanned(self) -> None:
        self._scanned()
        self.newProjectRead.emit()

    def _scan_failed(self, error: Exception) -> None:
        self._scanned()
        self.tasks.failed.emit(self.tr("Reading pictures"), error)

    def close_project(self) -> None:
        """Let go of the project; what runs on it should have been stopped before."""
        old, self.project, self.prepared = self.project, None, None
        self._watch.stop()
        self._preparer.end()
        self._forget()
        self.projectChanged.emit()
        if old is not None:
            old.close()

    def _take(self, opened: Opened) -> None:
        old, self.project, self.prepared = self.project, opened.project, opened.prepared
        self._last_action = 0
        self._forget()
        self._refill(opened)
        self._watch.start()
        self.settings.add_recent(opened.project.path)
        self.projectChanged.emit()
        self._examined = False
        self._prepare()
        if old is not None:
            old.close()
        if opened.cut_off:
            self.rescan()

    def _prepare(self) -> None:
        if self.project is not None and self.prepared is not None and not self.scanning:
            self._preparer.look(self.project, self.prepared)

    def _forget(self) -> None:
        self.undo_stack.clear()
        self.run = self.model = self._library = None
        self.set_recipe(None)

    # --- edits ----------------------------------------------------------------------------------------------

    @property
    def may_label(self) -> bool:
        """Whether a label is written at once; while a scan lists or splits, it would wait for seconds."""
        return self._reading or not self.scanning

    def change(self, verb: str, what: Callable[[Edits], object], ids: Sequence[int] = ()) -> None:
        """Do one undoable action; ``ids`` are the images it changes, none where it may change any."""
        project = self.project
        if project is not None:
            edit = undo_commands.first_time(project, verb, lambda: what(project.edit), self._told)
            edit.ids = tuple(ids)
            self.undo_stack.push(edit)

    def split(self, wish: SplitWish) -> None:
        """Split the images; their places in the old split are given up unless folders or tables say so."""
        self.write(
            lambda project: project.split(
                by_group=wish.by_group, shares=wish.shares, seed=wish.seed, keep_given=wish.keep_given
            ),
            self.splitDone.emit,
        )

    def write(self, what: Callable[[Project], object], then: Callable[[], object] | None = None) -> None:
        """Do something that takes its time and is written into the journal, beside the interface thread."""
        project = self.project
        if project is None:
            return

        def write() -> Opened:
            what(project)
            return project_jobs.with_journal(project)

        def renew(known: Opened) -> None:
            self._renew(known)
            if then is not None and project is self.project:
                then()

        self.tasks.read(write, on_done=renew)

    def _look_elsewhere(self) -> None:
        """See whether another window or a command has changed the project since."""
        project = self.project
        if project is None or self.scanning:
            return
        self.tasks.read(project.edit.last, on_done=lambda last: self._compare(project, last))
        if not self._examined:  # not as it opens: pictures are wanted then
            self._examined = True
            self.tasks.read(project.examine, behind=True)

    def _compare(self, project: Project, last: int) -> None:
        if project is self.project and last > self._last_action:
            self._last_action = last
            self.tasks.read(lambda: project_jobs.with_journal(project), on_done=self._renew)

    def _renew(self, known: Opened) -> None:
        if known.project is self.project:
            self._refill(known)
            self._look_how_pictures_are_read()
            self.imagesChanged.emit()

    def _look_how_pictures_are_read(self) -> None:
        """After an edit, an undo, or somebody else's: what was read in another way is not shown any more."""
        project, before = self.project, self.prepared
        if project is not None and before is not None and project.rendering() != before.rendering:
            self.prepared = project.prepared()
            self.preparedChanged.emit()
            self._prepare()

    def _refill(self, known: Opened) -> None:
        undo_commands.refill(self.undo_stack, known.project, known.done, known.undone, self._told)
        self._last_action = max(self._last_action, known.last)

    def _refused(self, error: ProblemError) -> None:
        project = self.project
        self.tasks.failed.emit("", error)
        if project is not None:
            self.tasks.read(lambda: project_jobs.with_journal(project), on_done=self._renew)

    def _labelled(self, ids: Sequence[int]) -> None:
        self._note_own()
        self.labelsChanged.emit(tuple(ids))

    def _changed(self) -> None:
        self._note_own()
        self._look_how_pictures_are_read()
        self.imagesChanged.emit()

    def _note_own(self) -> None:
        project = self.project
        if project is not None:
            before, self._last_action = self._last_action, project.edit.last()
            if self._last_action > before + 1:  # somebody else's came between
                self.tasks.read(lambda: project_jobs.with_journal(project), on_done=self._renew)

    # --- recipe, run, model, device ---------------------------------------------------------------------

    def set_recipe(self, recipe: Recipe | None) -> None:
        """The recipe that Train will use."""
        if recipe != self.recipe:
            self.recipe = recipe
            self.recipeChanged.emit(recipe)

    def set_run(self, run: Run | None) -> None:
        """The run that Train and Evaluate look at."""
        self.run = run
        self.runChanged.emit()

    def set_model(self, file: Path | None) -> None:
        """The model file that Predict uses."""
        if file != self.model:
            self.model = file
            self.modelChanged.emit()

    def set_device(self, device: Device) -> None:
        """The device that computes."""
        self.device = device
        self.deviceChanged.emit()

    def load_torch(self) -> None:
        """Import torch on the compute thread and look for devices; ``torchReady`` follows."""
        if not self.torch_loaded:
            self.tasks.compute(self.tr("Starting the engine"), _find_devices, on_done=self._torch_loaded)

    def _torch_loaded(self, devices: tuple[Any, ...]) -> None:
        # Not as a training begins, for it takes 0.4 s; and not beside torch, for two threads that import from
        # Qt at a time can crash the program.
        import pyqtgraph  # noqa: F401

        # A full garbage collection looks at every object of torch, for a third of a second, with the
        # interpreter's lock held. They stay as long as the program: it need not look at them.
        gc.freeze()
        atexit.register(gc.unfreeze)  # at the end some libraries complain of what was not cleared away
        self.devices = devices[1:]
        self.torch_loaded = True
        self.set_device(devices[0])
        self.torchReady.emit()


def _listed(event: Progress) -> bool:
    """Whether all pictures are in the project by now, though not read yet."""
    return event.total > 0 and event.done == 0


def _find_devices() -> tuple[Any, ...]:
    """The best device, then all of them. Imports torch, and what a training and its numbers need."""
    import scipy.optimize  # noqa: F401

    import tldesk.trainer.loop  # noqa: F401

    # torch's optimisers load the compiler when the first is made, for three seconds.
    import torch._dynamo  # noqa: F401 # isort: skip
    from tldesk.engine import best_device, devices, openvino_trunk

    openvino_trunk.preload()
    return (best_device(), *devices())
