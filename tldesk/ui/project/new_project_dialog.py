"""Asks where to create a project, and what a table of labels next to the pictures means."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem
from tldesk.dataset import TABLE_SUFFIXES
from tldesk.dataset.files.packed_tables import packed_tables
from tldesk.ui.errors import ProblemLabel, problems_of
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.project.column_choice import ColumnChoice
from tldesk.ui.project.copy_choice import CopyChoice
from tldesk.ui.project.found_pictures import FoundPictures
from tldesk.ui.session.project_jobs import NewProject
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.fit_on_screen import fit_on_screen

_MOST_TABLES = 10
_GENERIC = {"images", "pictures", "photos", "data", "train", "img", "jpg", "bilder"}


class NewProjectDialog(QDialog):
    """``wanted`` passes a NewProject.

    With ``into``, pictures are added to that project, and no place is asked for.
    """

    wanted = Signal(object)

    def __init__(
        self,
        images: Path,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        table: Path | None = None,
        into: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("newProjectDialog")
        self.setWindowTitle(self.tr("Add pictures") if into else self.tr("New project"))
        self._images = images
        self._into = into
        self._tasks = tasks
        self._tickets: list[Ticket] = []
        self._tables: list[Path] = [table] if table else []
        self._table_problems: list[Problem] = []  # of a table that could not be read and is no longer chosen
        self.name = QLineEdit(self)
        self.place = QComboBox(self)
        self.place_button = QPushButton(self.tr("Other…"), self)
        self.table_choice = QComboBox(self)
        self.columns = ColumnChoice(images, tasks, self)
        self.copy = CopyChoice(images, tasks, self)
        self.found = FoundPictures(images, tasks, self)
        self.problem = ProblemLabel(self)
        self.buttons = QDialogButtonBox(self)
        self._build()
        self._fill_places()
        self._connect()
        self._place_chosen()
        self._show_tables()
        if table is None:
            # That the folder or zip file cannot be read is said by ``found``.
            self._tickets.append(
                tasks.read(
                    lambda: find_tables(images), on_done=self._take_tables, on_failed=lambda _error: None
                )
            )

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.form = QFormLayout()
        self.form.setVerticalSpacing(12)
        self.form.setHorizontalSpacing(16)
        shown = QLabel(str(self._images), self)
        shown.setWordWrap(True)
        self.form.addRow(self.tr("Pictures"), shown)
        self.name.setAccessibleName(self.tr("Project name"))
        self.place.setAccessibleName(self.tr("Folder for the project"))
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.place, 1)
        place.addWidget(self.place_button)
        self.form.addRow(self.tr("Name"), self.name)
        self.form.addRow(self.tr("Save in"), place)
        self.table_choice.setAccessibleName(self.tr("Source of the labels"))
        self.form.addRow(self.tr("Labels"), self.table_choice)
        self.form.addRow("", self.columns)
        self.form.addRow(self.tr("Found"), self.found)
        if self._into:
            for field in (self.name, place):
                self.form.setRowVisible(field, False)
        self.form.addRow(self.tr("Files"), self.copy)
        go = self.buttons.addButton(
            self.tr("Add") if self._into else self.tr("Create project"),
            QDialogButtonBox.ButtonRole.AcceptRole,
        )
        make_primary(go)
        self.go = go
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(self.form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(640)

    def _fill_places(self) -> None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        beside = self._images.parent
        places = [beside, Path(documents)] if documents else [beside]
        if not os.access(beside, os.W_OK):
            places.reverse()
        for place in dict.fromkeys(places):
            self.place.addItem(str(place), place)
        self.name.setText(free_name(places[0], _title(self._images)))

    def _connect(self) -> None:
        self.name.textChanged.connect(self._check)
        self.place.currentIndexChanged.connect(self._check)
        self.place.currentIndexChanged.connect(self._place_chosen)
        self.copy.changed.connect(self._check)
        self.found.changed.connect(self._check)
        self.found.changed.connect(lambda: fit_on_screen(self))
        self.place_button.clicked.connect(self._choose_place)
        self.table_choice.currentIndexChanged.connect(self._table_chosen)
        self.columns.changed.connect(self._columns_changed)
        self.columns.failed.connect(self._show_error)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    # --- tables ---------------------------------------------------------------------------------------------

    def _take_tables(self, tables: list[Path]) -> None:
        self._tables = tables
        self._show_tables()

    def _show_tables(self) -> None:
        self.table_choice.blockSignals(True)
        self.table_choice.clear()
        self.table_choice.addItem(self.tr("Subfolder names (if any)"), None)
        for table in self._tables:
            self.table_choice.addItem(self._table_title(table), table)
        self.table_choice.setCurrentIndex(1 if self._tables else 0)
        self.table_choice.blockSignals(False)
        self._table_chosen()

    def _table_title(self, table: Path) -> str:
        if table.is_relative_to(self._images) and self._images.is_file():
            return self.tr("Table {0} in the zip file").format(table.relative_to(self._images).as_posix())
        return self.tr("Table {0}").format(table.name)

    def _table_chosen(self) -> None:
        self._table_problems = []
        self.form.setRowVisible(self.columns, False)
        self.columns.set_table(self.table_choice.currentData())
        self._show_found()
        self._check()
        fit_on_screen(self)

    def _show_found(self) -> None:
        table: Path | None = self.table_choice.currentData()
        if table is None:
            self.found.take_folders()
        else:
            self.found.take_table(table, self.columns.chosen())

    def _columns_changed(self) -> None:
        self.form.setRowVisible(self.columns, True)
        self._show_found()
        self._check()
        fit_on_screen(self)

    def _show_error(self, error: Exception) -> None:
        self.table_choice.blockSignals(True)
        self.table_choice.setCurrentIndex(0)
        self.table_choice.blockSignals(False)
        self._table_chosen()
        self._table_problems = list(problems_of(error))
        self._check()

    # --- result ---------------------------------------------------------------------------------------------

    def _choose_place(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the project"), str(self.place.currentData()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._take_place)
        dialog.open()

    def _take_place(self, chosen: str) -> None:
        self.place.insertItem(0, chosen, Path(chosen))
        self.place.setCurrentIndex(0)

    def _place_chosen(self) -> None:
        self.copy.set_place(self._into or self.place.currentData())

    def target(self) -> Path:
        """The folder NAME.tldesk to be created."""
        place: Path = self.place.currentData()
        return place / f"{self.name.text().strip().removesuffix('.tldesk')}.tldesk"

    def _problems(self) -> list[Problem]:
        name = self.name.text().strip().removesuffix(".tldesk")
        if self._into:
            return self._problems_of_pictures()
        if not name or any(sign in name for sign in '/\\:*?"<>|'):
            fix = self.tr("Use letters, digits, spaces, dots and hyphens")
            return [Problem("name", self.tr("the project name must be a valid folder name"), fix)]
        if self.target().exists():
            fix = self.tr("Choose another name, or cancel and open that project")
            return [Problem("name", self.tr("a project with this name already exists"), fix)]
        return self._problems_of_pictures()

    def _problems_of_pictures(self) -> list[Problem]:
        """Return what keeps these pictures from being brought in, each once."""
        found = [*self.columns.problems(), *self.found.problems(), *self.copy.problems()]
        return list(dict.fromkeys(found))

    def _check(self) -> None:
        problems = self._problems()
        self.problem.set_problems([*self._table_problems, *problems])
        self.go.setEnabled(not problems)

    def _accept(self) -> None:
        table: Path | None = self.table_choice.currentData()
        target = self._into or self.target()
        choice = self.found.choice
        self.wanted.emit(
            NewProject(target, self._images, table, self.columns.chosen(), self.copy.wanted, choice)
        )
        self.accept()

    def done(self, result: int) -> None:
        """Cancel reading tables when the dialog closes."""
        self.copy.forget()
        self.found.forget()
        self.columns.forget()
        for ticket in self._tickets:
            ticket.cancel()
        super().done(result)


def find_tables(images: Path) -> list[Path]:
    """Return tables in the pictures' folder or zip file, and next to it. For the reading pool."""
    inside = packed_tables(images, TABLE_SUFFIXES) if images.is_file() else _tables_in(images)
    return [*inside, *_tables_in(images.parent)][:_MOST_TABLES]


def _tables_in(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in TABLE_SUFFIXES and path.is_file() and not path.name.startswith((".", "~$"))
    ]


def _title(images: Path) -> str:
    """Return a name for the project: the folder's, or its parent's if the folder's name is generic."""
    name = images.stem if images.is_file() else images.name
    known = images.parent.name if name.lower() in _GENERIC else name
    return known or "pictures"


def free_name(place: Path, name: str) -> str:
    """Return the name, with a number appended if there is already such a project."""
    number, free = 1, name
    while (place / f"{free}.tldesk").exists():
        number += 1
        free = f"{name} {number}"
    return free
