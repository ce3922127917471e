"""The shared state of the window: project, library, recipe, device and run, with signals when they change."""

from __future__ import annotations

import atexit
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from tldesk.base import Progress
from tldesk.ui.lane.preparing import Preparer
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.session import project_jobs
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.project_jobs import NewProject, Opened
from tldesk.ui.session.stale_runs import StaleRuns
from tldesk.ui.session.start_engine import start_engine
from tldesk.ui.session.undo_history import UndoHistory
from tldesk.ui.settings import Settings

if TYPE_CHECKING:
    from tldesk.dataset import Edits, GroupBy, Project
    from tldesk.engine import Device
    from tldesk.imaging import PreparedCache
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.run import Run

_LOOK_EVERY = 1.5  # seconds between updates of a project that is being scanned

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SplitWish:
    """The user's choices for splitting the images."""

    by_group: GroupBy | None
    shares: tuple[float, float, float]  # training, validation, test; sum 1
    seed: int
    keep_given: bool


class Session(QObject):
    """The state shared by the pages. Everything slow goes through ``tasks``; nothing here blocks."""

    projectChanged = Signal()  # another project was opened, or the project was closed
    preparedChanged = Signal()  # pictures are read in another way, so the shown ones are outdated
    imagesChanged = Signal()  # images, groups, splits or classes changed: query again
    labelsChanged = Signal(object)  # tuple of image ids whose label changed
    scanningChanged = Signal()
    newProjectRead = Signal()  # all pictures of a new project were read for the first time
    splitDone = Signal()  # a split the user asked for, not one that undo restores
    runsChanged = Signal()  # runs were created or trained, or have ended
    runChanged = Signal()  # another run is shown
    recipeChanged = Signal(object)  # Recipe | None
    modelChanged = Signal()  # another model file is used for prediction
    deviceChanged = Signal()
    weightsChanged = Signal()
    torchReady = Signal()

    def __init__(self, tasks: Tasks, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.settings = settings or Settings()
        self._project: Project | None = None
        self._prepared: PreparedCache | None = None
        self._recipe: Recipe | None = None
        self._selection: tuple[int, ...] = ()
        self._run: Run | None = None
        self._model: Path | None = None
        self._device: Device | None = None
        self._torch_loaded = False
        self._scanning = False
        self._reading = False  # pictures are being read one by one: each write is short
        self._last_look = 0.0
        self._preparer = Preparer(tasks, self)
        self.stale = StaleRuns(tasks, self)  # runs whose images have changed
        self._library: WeightsLibrary | None = None
        self.history = UndoHistory(tasks, lambda: self._scanning, self)
        self.history.changed.connect(self.tell)
        self.projectChanged.connect(lambda: self.stale.look_at(self.project))
        for changed in (self.imagesChanged, self.labelsChanged, self.runsChanged):
            changed.connect(self.stale.look_again)

    @property
    def library(self) -> WeightsLibrary:
        """The weights library, with the open project's own weights first; listing needs no torch."""
        if self._library is None:
            from tldesk.model.library import WeightsLibrary

            self._library = WeightsLibrary(project=None if self.project is None else self.project.path)
        return self._library

    @property
    def undo_stack(self) -> QUndoStack:
        """The edits that can be undone and redone."""
        return self.history.stack

    @property
    def project(self) -> Project | None:
        """The open project; None if there is none."""
        return self._project

    @property
    def prepared(self) -> PreparedCache | None:
        """The cache of the open project's prepared pictures."""
        return self._prepared

    @property
    def scanning(self) -> bool:
        """Whether pictures are being added to the project, or read for the first time."""
        return self._scanning

    @property
    def selection(self) -> tuple[int, ...]:
        """Ids of the images selected on the Images page."""
        return self._selection

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that Train will use; None if there is none that can be trained."""
        return self._recipe

    @property
    def run(self) -> Run | None:
        """The run shown on the Train and Evaluate pages."""
        return self._run

    @property
    def model(self) -> Path | None:
        """The model file that Predict uses."""
        return self._model

    @property
    def device(self) -> Device | None:
        """The device used for computing; None until torch is loaded."""
        return self._device

    @property
    def torch_loaded(self) -> bool:
        """Whether torch has been imported."""
        return self._torch_loaded

    # --- what changed ---------------------------------------------------------------------------------------

    def tell(self, changes: OperationChanges) -> None:
        """Notify the pages of what an operation changed. These signals are emitted nowhere else."""
        if changes.rendering:
            self._follow_rendering()
        if changes.labels:
            self.labelsChanged.emit(changes.labels)
        if changes.images or changes.classes:
            self.imagesChanged.emit()
        if changes.runs:
            self.runsChanged.emit()
        if changes.weights:
            self.weightsChanged.emit()

    def _follow_rendering(self) -> None:
        """Drop prepared pictures that were rendered in another way."""
        project, before = self._project, self._prepared
        if project is not None and before is not None and project.rendering() != before.rendering:
            self._prepared = project.prepared()
            self.preparedChanged.emit()
            self._prepare()

    # --- projects -------------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project; ``projectChanged`` follows, or an error is shown and the old project stays open."""
        self.tasks.read(lambda: project_jobs.open_project(path), on_done=self._take)

    def create_project(self, new: NewProject) -> Task:
        """Create a project, scan and split it; it is shown once its first pictures are listed."""
        title = self.tr("Copying pictures") if new.copy else self.tr("Reading pictures")
        return self._scan(title, lambda stop: project_jobs.create(new, stop), self._first_scanned)

    def create_sample(self, folder: Path) -> Task:
        """Draw the sample pictures into a folder and create a project from them."""
        return self._scan(
            self.tr("Creating the sample"), lambda stop: project_jobs.create_sample(folder, stop)
        )

    def rescan(self) -> Task | None:
        """Scan again for added, moved, changed and missing pictures."""
        project = self.project
        if project is None:
            return None
        return self._scan(
            self.tr("Rescanning for changed pictures"), lambda stop: project_jobs.rescan(project, stop)
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

    def _scan(
        self,
        title: str,
        make: Callable[[threading.Event], Iterator[Progress | Opened]],
        on_done: Callable[[], None] | None = None,
    ) -> Task:
        self._scanning = True
        self._preparer.end()
        self.scanningChanged.emit()
        return self.tasks.stream(
            title,
            make,
            on_event=self._scan_event,
            on_done=on_done or self._scanned,
            on_stopped=self._scanned,
            on_failed=self._scan_failed,
        )

    def _scan_event(self, event: Progress | Opened) -> None:
        if isinstance(event, Opened):
            self._take(event)
            return
        self._reading = event.done < event.total
        due = _listed(event) or time.monotonic() - self._last_look > _LOOK_EVERY
        if due and self._project is not None:
            self.tell(OperationChanges(images=True))
            self._last_look = time.monotonic()

    def _scanned(self) -> None:
        self._scanning = self._reading = False
        self.scanningChanged.emit()
        self.tell(OperationChanges(images=True, classes=True))
        self._prepare()

    def _first_scanned(self) -> None:
        self._scanned()
        self.newProjectRead.emit()

    def _scan_failed(self, error: Exception) -> None:
        self._scanned()
        self.tasks.tell_failure(self.tr("Reading pictures"), error)

    def close_project(self) -> None:
        """Close the project after its pending edits; tasks that use it must be stopped before."""
        old, self._project, self._prepared = self._project, None, None
        self.history.close()
        self._preparer.end()
        self._forget()
        self.projectChanged.emit()
        self._close(old)

    def _take(self, opened: Opened) -> None:
        old, self._project, self._prepared = self._project, opened.project, opened.prepared
        self._forget()
        self.history.open(opened)
        self.settings.add_recent(opened.project.path)
        self.projectChanged.emit()
        self._prepare()
        self._close(old)
        if opened.cut_off:
            self.rescan()

    def _close(self, project: Project | None) -> None:
        if project is not None and self.tasks.writing:
            self.tasks.write(project.close)  # after the pending edits
        elif project is not None:
            project.close()

    def _prepare(self) -> None:
        if self._project is not None and self._prepared is not None and not self._scanning:
            self._preparer.look(self._project, self._prepared)

    def _forget(self) -> None:
        self._run = self._model = self._library = None
        self._selection = ()
        self.set_recipe(None)

    # --- edits ----------------------------------------------------------------------------------------------

    @property
    def may_label(self) -> bool:
        """Whether images can be labelled now; not while a scan lists or splits images."""
        return self._reading or not self._scanning

    def change(
        self,
        verb: str,
        what: Callable[[Edits], object],
        changes: OperationChanges,
        images: int | None = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Make one undoable edit.

        Args:
            verb: name of the edit in the menu.
            what: writes exactly one action into the project's journal; must not use Qt.
            changes: what the edit changes.
            images: number of images affected; by default the number listed in ``changes``, or unknown if it
                changes more than labels. If the number is large or unknown, the edit is made on another
                thread, and ``changes`` is passed to the pages when it is finished.
            then: called once the edit has been made.
        """
        if images is None and not changes.images:
            images = len(changes.labels)
        self.history.edit(verb, what, changes, images, then)

    def split(self, wish: SplitWish) -> None:
        """Split the images again; only splits given by folders or tables are kept."""
        self.write(
            lambda project: project.split(
                by_group=wish.by_group, shares=wish.shares, seed=wish.seed, keep_given=wish.keep_given
            ),
            self.splitDone.emit,
        )

    def write(self, what: Callable[[Project], object], then: Callable[[], object] | None = None) -> None:
        """Call a slow function that writes into the journal, on another thread; then call ``then``."""
        self.history.write(what, then)

    # --- recipe, run, model, device ---------------------------------------------------------------------

    def select(self, ids: Sequence[int]) -> None:
        """Set the images selected on the Images page."""
        self._selection = tuple(ids)

    def set_recipe(self, recipe: Recipe | None) -> None:
        """Set the recipe that Train will use."""
        if recipe != self._recipe:
            self._recipe = recipe
            self.recipeChanged.emit(recipe)

    def set_run(self, run: Run | None) -> None:
        """Set the run shown on the Train and Evaluate pages."""
        self._run = run
        self.runChanged.emit()

    def set_model(self, file: Path | None) -> None:
        """Set the model file that Predict uses."""
        if file != self._model:
            self._model = file
            self.modelChanged.emit()

    def set_device(self, device: Device) -> None:
        """Set the device used for computing."""
        self._device = device
        self.deviceChanged.emit()

    def load_torch(self) -> None:
        """Import torch on the compute thread and detect devices; ``torchReady`` follows."""
        if not self._torch_loaded:
            self.tasks.compute(self.tr("Starting the engine"), start_engine, on_done=self._engine_started)

    def _engine_started(self, device: Device) -> None:
        # Imported here because it takes 0.4 s, which would delay the start of a training; and not at the same
        # time as torch, because two threads importing from Qt at the same time can crash the program.
        import pyqtgraph  # noqa: F401

        # A full garbage collection visits every object of torch, which takes a third of a second with the
        # interpreter lock held. These objects live as long as the program, so they are excluded from it.
        gc.freeze()
        atexit.register(gc.unfreeze)  # otherwise some libraries report unfreed objects at exit
        self._torch_loaded = True
        self.set_device(device)
        self.torchReady.emit()


def _listed(event: Progress) -> bool:
    """Return whether all pictures are in the project, though not read yet."""
    return event.total > 0 and event.done == 0
