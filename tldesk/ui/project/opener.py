"""Opens things by dialog, by drag and drop, or from the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from tldesk.base import Problem, ProblemError, plural, user_dir
from tldesk.base.regular_files import must_be_file
from tldesk.ui import errors

if TYPE_CHECKING:
    from tldesk.ui.project.new_project_dialog import NewProjectDialog
    from tldesk.ui.session.session import Session


class Opener(QObject):
    """Detects what a path is and opens it accordingly; its dialogs never block the event loop."""

    picturesForPrediction = Signal(object)  # list of paths
    modelChosen = Signal(Path)
    weightsDropped = Signal(object)  # list of paths

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window

    # --- dialogs --------------------------------------------------------------------------------------------

    def ask_pictures(self) -> None:
        """Choose a folder of pictures for a new project."""
        self._ask_folder(self.tr("Open a folder of pictures"), self.new_project)

    def ask_more_pictures(self) -> None:
        """Choose a folder of pictures to add to the open project."""
        self._ask_folder(self.tr("Add a folder of pictures"), self.add_pictures)

    def ask_zip(self) -> None:
        """Choose a zip file of pictures for a new project."""
        self._ask_zip(self.tr("Open a zip file of pictures"), self.new_project)

    def ask_more_zipped(self) -> None:
        """Choose a zip file of pictures to add to the open project."""
        self._ask_zip(self.tr("Add a zip file of pictures"), self.add_pictures)

    def ask_project(self) -> None:
        """Choose a project folder."""
        self._ask_folder(self.tr("Open a project (a NAME.tldesk folder)"), self.open_project)

    def _ask_folder(self, title: str, take: Callable[[Path], None]) -> None:
        dialog = self._file_dialog(title, take)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def _ask_zip(self, title: str, take: Callable[[Path], None]) -> None:
        dialog = self._file_dialog(title, take)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Zip files ({0})").format("*.zip *.ZIP"))
        dialog.open()

    def _file_dialog(self, title: str, take: Callable[[Path], None]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._session.settings.folder()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: take(Path(chosen)))
        return dialog

    # --- opening --------------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project, unless a task is still working on the open one."""
        if self._free():
            self._session.settings.put("folder", str(path.parent))
            self._session.open_project(path)

    def new_project(self, images: Path, table: Path | None = None) -> None:
        """Ask where to create the project for a folder of pictures, then create it."""
        if images.suffix == ".tldesk":
            self.open_project(images)
        elif self._free():
            self._session.settings.put("folder", str(images if images.is_dir() else images.parent))
            dialog = self._dialog(images, table)
            dialog.wanted.connect(self._session.create_project)
            dialog.open()

    def add_pictures(self, images: Path, table: Path | None = None) -> None:
        """Add a folder of pictures to the open project."""
        project = self._session.project
        if project is None:
            self.new_project(images, table)
        elif self._free():
            dialog = self._dialog(images, table, project.path)
            dialog.wanted.connect(self._session.add_pictures)
            dialog.open()

    def _dialog(self, images: Path, table: Path | None, into: Path | None = None) -> NewProjectDialog:
        from tldesk.ui.project.new_project_dialog import NewProjectDialog

        return NewProjectDialog(images, self._session.tasks, self._window, table=table, into=into)

    def try_sample(self) -> None:
        """Draw the sample pictures and create their project, or open the existing one."""
        folder = user_dir() / "sample"
        if (folder / "leaves.tldesk").is_dir():
            self.open_project(folder / "leaves.tldesk")
        elif self._free():
            self._session.create_sample(folder)

    def _free(self) -> bool:
        running = [task for task in self._session.tasks.active() if task.asked_for]
        if running:
            what = self.tr("{0} is still running").format(running[0].title)
            self._complain(Problem("tldesk", what, self.tr("Wait until it is done, or press Stop below")))
        return not running

    # --- dropping -------------------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path], *, predicting: bool = False) -> None:
        """Open what was dropped: project, model, weights, pictures, folder or table for a project."""
        from tldesk.dataset import EXPORT_SUFFIXES, TABLE_SUFFIXES
        from tldesk.dataset.files.packed import is_zip
        from tldesk.imaging import is_candidate
        from tldesk.model.weights_folders import is_for_the_library

        first = paths[0]
        if first.is_dir() and first.suffix == ".tldesk":
            self.open_project(first)
        elif first.suffix == ".tlmodel":
            self.modelChosen.emit(first)
        elif all(is_for_the_library(path) for path in paths):
            self.weightsDropped.emit(list(paths))
        elif predicting:
            self.picturesForPrediction.emit(list(paths))
        elif first.is_dir() or is_zip(first):
            self._take_folder(first, None)
        elif first.suffix.lower() in TABLE_SUFFIXES | EXPORT_SUFFIXES:
            self._take_folder(first.parent, first)
        elif is_candidate(first):
            self._take_candidates([path for path in paths if is_candidate(path)])
        else:
            self._complain(self._not_opened(first))

    def _not_opened(self, path: Path) -> Problem:
        from tldesk.dataset.files.packed import is_packed, packed_problem

        if is_packed(path):
            return packed_problem(path)
        what = self.tr("not a folder of pictures, project, table, model file or weight file")
        return Problem(path.name, what, self.tr("Drop a folder of pictures, or a NAME.tldesk folder"))

    def _take_folder(self, folder: Path, table: Path | None) -> None:
        project = self._session.project
        if project is None:
            self.new_project(folder, table)
            return
        box = self._question(self.tr("What should be done with the pictures in {0}?").format(folder.name))
        add = box.addButton(self.tr("Add to {0}").format(project.name), QMessageBox.ButtonRole.AcceptRole)
        new = box.addButton(self.tr("New project"), QMessageBox.ButtonRole.ActionRole)
        add.clicked.connect(lambda: self.add_pictures(folder, table))
        new.clicked.connect(lambda: self.new_project(folder, table))
        box.open()

    def _take_candidates(self, paths: Sequence[Path]) -> None:
        """Take the files among them; pipes and devices may be called like pictures."""
        files = [path for path in paths if path.is_file()]
        try:
            must_be_file((files or paths)[0], self.tr("Drop pictures, or the folder that holds them"))
        except ProblemError as error:
            errors.show(self._window, error)
        else:
            self._take_pictures(files)

    def _take_pictures(self, pictures: Sequence[Path]) -> None:
        """Create a project from the pictures' folder if none is open.

        Otherwise offer to copy the pictures or to add their folder.
        """
        project, folder = self._session.project, pictures[0].parent
        if project is None:
            self.new_project(folder)
            return
        many = plural(len(pictures), self.tr("picture"), self.tr("pictures"))
        box = self._question(self.tr("Copy {0} into {1}?").format(many, project.name))
        box.setInformativeText(
            self.tr(
                "Copies are stored in the project folder. To leave the pictures where "
                "they are, add the whole folder instead."
            )
        )
        copy = box.addButton(self.tr("Copy"), QMessageBox.ButtonRole.AcceptRole)
        whole = box.addButton(
            self.tr("Add the folder {0}").format(folder.name), QMessageBox.ButtonRole.ActionRole
        )
        copy.clicked.connect(lambda: self._bring_in(pictures))
        whole.clicked.connect(lambda: self.add_pictures(folder))
        box.open()

    def _bring_in(self, pictures: Sequence[Path]) -> None:
        if self._free():
            self._session.bring_in(pictures)

    def _question(self, words: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(words)
        box.addButton(QMessageBox.StandardButton.Cancel)
        return box

    def _complain(self, problem: Problem) -> None:
        errors.show(self._window, ProblemError(problem))
