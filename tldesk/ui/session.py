"""What the window works on: project, library, recipe, device and run, and signals when they change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from tldesk.base import Progress
from tldesk.dataset import Project
from tldesk.ui import edits
from tldesk.ui.settings import Settings
from tldesk.ui.tasks import Task, Tasks

if TYPE_CHECKING:
    from tldesk.dataset import Action, Columns
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.run import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewProject:
    """What is asked of the user before a project is made."""

    path: Path  # NAME.tldesk
    images: Path
    labels: Path | None = None
    columns: Columns | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    project: Project
    done: tuple[Action, ...] = ()
    undone: tuple[Action, ...] = ()


class Session(QObject):
    """The state shared by the pages. Everything slow goes through ``tasks``; nothing here blocks."""

    projectChanged = Signal()  # another project, or none
    imagesChanged = Signal()  # images, groups, splits or classes changed: ask again
    labelsChanged = Signal(object)  # tuple of image ids whose label changed
    runsChanged = Signal()
    runChanged = Signal()  # another run is looked at
    recipeChanged = Signal(object)  # Recipe | None
    modelChanged = Signal()  # another model file is used for prediction
    deviceChanged = Signal()
    torchReady = Signal()

    def __init__(self, tasks: Tasks, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.settings = settings or Settings()
        self.undo_stack = QUndoStack(self)
        self.project: Project | None = None
        self.recipe: Recipe | None = None
        self.run: Run | None = None
        self.model: Path | None = None
        self.device: Device | None = None
        self.devices: tuple[Device, ...] = ()
        self.torch_loaded = False
        self._library: WeightsLibrary | None = None

    @property
    def library(self) -> WeightsLibrary:
        """The weights library; its listing needs no torch."""
        if self._library is None:
            from tldesk.model.library import WeightsLibrary  # noqa: PLC0415 - not before the window shows

            self._library = WeightsLibrary()
        return self._library

    # --- projects -------------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project; ``projectChanged`` follows, or an error is shown and the old one stays."""
        self.tasks.read(lambda: _open(path), on_done=self._take)

    def create_project(self, new: NewProject) -> Task:
        """Make a project, scan its pictures, split it. Stopped half way it opens with what was found."""
        made: list[Project] = []
        return self.tasks.stream(
            self.tr("Reading pictures"),
            lambda stop: _create(new, made, stop),
            on_done=lambda: self._take(_Opened(made[0])),
            on_stopped=lambda: self._take(_Opened(made[0])) if made else None,
        )

    def rescan(self) -> Task | None:
        """Look again for added, moved, changed and missing pictures."""
        project = self.project
        if project is None:
            return None
        return self.tasks.stream(
            self.tr("Looking for changed pictures"),
            lambda stop: _scan(project, stop),
            on_done=self.imagesChanged.emit,
            on_stopped=self.imagesChanged.emit,
        )

    def add_pictures(self, images: Path, labels: Path | None = None, columns: Columns | None = None) -> None:
        """Add a folder of pictures to the open project."""
        project = self.project
        if project is None:
            return

        def make(stop: threading.Event) -> Iterator[Progress]:
            project.add_source(images, labels, columns)
            yield from _scan(project, stop)

        told = self.imagesChanged.emit
        self.tasks.stream(self.tr("Reading pictures"), make, on_done=told, on_stopped=told)

    def close_project(self) -> None:
        """Let go of the project; what runs on it should have been stopped before."""
        old, self.project = self.project, None
        self._forget()
        self.projectChanged.emit()
        if old is not None:
            old.close()

    def _take(self, opened: _Opened) -> None:
        old, self.project = self.project, opened.project
        self._forget()
        edits.refill(self.undo_stack, opened.project, opened.done, opened.undone, self._labelled)
        self.settings.add_recent(opened.project.path)
        self.projectChanged.emit()
        if old is not None:
            old.close()

    def _forget(self) -> None:
        self.undo_stack.clear()
        self.run = self.model = None
        self.set_recipe(None)

    # --- edits ----------------------------------------------------------------------------------------------

    def label(self, ids: Sequence[int], class_id: int | None, verb: str) -> None:
        """Give images a class (None takes it away) as one undoable action."""
        if self.project is not None and ids:
            self.undo_stack.push(edits.LabelImages(self.project, ids, class_id, verb, self._labelled))

    def rename_class(self, class_id: int, before: str, after: str) -> None:
        """Rename a class, undoable."""
        if self.project is not None:
            verb = self.tr("Rename class “{0}”").format(before)
            changed = self.imagesChanged.emit
            self.undo_stack.push(edits.RenameClass(self.project, class_id, before, after, verb, changed))

    def add_class(self, name: str) -> None:
        """Add a class at the end of the order."""
        if self.project is not None:
            self.project.add_class(name)
            self.imagesChanged.emit()

    def _labelled(self, ids: Sequence[int]) -> None:
        self.labelsChanged.emit(tuple(ids))

    # --- recipe, run, model, device -----------------------------------------------------------------------------

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
        self.devices = devices[1:]
        self.torch_loaded = True
        self.set_device(devices[0])
        self.torchReady.emit()


def _open(path: Path) -> _Opened:
    project = Project.open(path)
    return _Opened(project, project.undo_stack(), project.redo_stack())


def _create(new: NewProject, made: list[Project], stop: threading.Event) -> Iterator[Progress]:
    project = Project.create(new.path)
    made.append(project)
    project.add_source(new.images, new.labels, new.columns)
    yield from _scan(project, stop)


def _scan(project: Project, stop: threading.Event) -> Iterator[Progress]:
    yield from project.scan(stop)
    if not stop.is_set():
        project.split()


def _find_devices() -> tuple[Any, ...]:
    """The best device, then all of them. Imports torch."""
    from tldesk.engine import best_device, devices  # noqa: PLC0415 - imports torch

    return (best_device(), *devices())
