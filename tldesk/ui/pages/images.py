"""The Images page: look at the images, label them by key, filter, split, check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import plural
from tldesk.ui.pages import image_queries
from tldesk.ui.pages.findings import Finding, check_project
from tldesk.ui.session import Session
from tldesk.ui.tasks import Tasks, Ticket
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.choice_list import Choice
from tldesk.ui.widgets.image_grid import ImageGrid
from tldesk.ui.widgets.inspector import Inspector
from tldesk.ui.widgets.side_panel import SidePanel
from tldesk.ui.widgets.split_dialog import SplitDialog
from tldesk.ui.widgets.state_panel import StatePanel

if TYPE_CHECKING:
    from tldesk.dataset import Filter, Project
    from tldesk.ui.pages.image_queries import Counts


class ImagesPage(QWidget):
    """Classes and filters, grid, inspector. All questions to the project go through the reading pool."""

    stateLineChanged = Signal()
    addAsked = Signal()
    said = Signal(str)  # for the status line

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._counts: Counts | None = None
        self._findings: list[Finding] = []
        self._ids_ticket: Ticket | None = None
        self._count_ticket: Ticket | None = None
        self._split_dialog: SplitDialog | None = None
        self.side = SidePanel(self)
        self.grid = ImageGrid(tasks, self)
        self.inspector = Inspector(tasks, self)
        self.empty = StatePanel(self)
        self.middle = QStackedWidget(self)
        self.search = QLineEdit(self)
        self.size_slider = QSlider(Qt.Orientation.Horizontal, self)
        self.add_button = QPushButton(self.tr("Add pictures…"), self)
        self.split_button = QPushButton(self.tr("Split…"), self)
        self.check_button = QPushButton(self.tr("Check"), self)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(200)
        self._build()
        self._connect()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(self._bar())
        self.middle.addWidget(self.grid)
        self.middle.addWidget(self.empty)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.side)
        row.addWidget(self.middle, 1)
        row.addWidget(self.inspector)
        layout.addLayout(row, 1)

    def _bar(self) -> QHBoxLayout:
        self.add_button.setProperty("role", "primary")
        set_icon(self.add_button, "add", "accent_text")
        set_icon(self.split_button, "split")
        set_icon(self.check_button, "check")
        self.add_button.setToolTip(self.tr("Add another folder of pictures to this project"))
        self.split_button.setToolTip(self.tr("Say which images are learnt from and which only measured with"))
        self.check_button.setToolTip(
            self.tr("Look for duplicates, leaks between the splits and unreadable files")
        )
        self.search.setPlaceholderText(self.tr("Search file and folder names"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(360)
        self.size_slider.setRange(72, 320)
        self.size_slider.setPageStep(32)
        self.size_slider.setValue(self._session.settings.number("thumbnail", 104))
        self.size_slider.setFixedWidth(136)
        self.size_slider.setAccessibleName(self.tr("Size of the pictures"))
        label = QLabel(self.tr("Size"), self)
        label.setProperty("role", "muted")
        label.setBuddy(self.size_slider)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget in (self.add_button, self.split_button, self.check_button):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(self.search, 2)
        bar.addSpacing(16)
        bar.addWidget(label)
        bar.addWidget(self.size_slider)
        return bar

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.imagesChanged.connect(self._images_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.scanningChanged.connect(self._show_state)
        self.add_button.clicked.connect(self.addAsked)
        self.split_button.clicked.connect(self.split)
        self.check_button.clicked.connect(self.check)
        self.search.textChanged.connect(self._restart_typing)
        self._typed.timeout.connect(self.refresh)
        self.size_slider.valueChanged.connect(self._resize)
        self.side.viewPicked.connect(self.refresh)
        self.side.classPicked.connect(self.refresh)
        self.side.findingPicked.connect(self._finding_picked)
        self.side.classAdded.connect(self._add_class)
        self.side.renameAsked.connect(self.rename_class)
        self.side.labelAsked.connect(self.judge)
        self.grid.judged.connect(self.judge)
        self.grid.selectionModel().selectionChanged.connect(self._selection_changed)
        self._resize(self.size_slider.value())

    # --- what is shown --------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """For the rail: "612 images · 4 classes"."""
        if self._counts is None or self._session.project is None:
            return self.tr("no project open")
        images = plural(self._counts.of_view[0], self.tr("image"), self.tr("images"))
        return f"{images} · {plural(len(self._counts.classes), self.tr('class'), self.tr('classes'))}"

    def focus_first(self) -> None:
        """Where the keys go when the page is shown."""
        self.grid.setFocus()

    def show_images(self, ids: Sequence[int], title: str) -> None:
        """Show just these (a cell of the confusion matrix), as a finding that can be let go."""
        self._findings = [found for found in self._findings if not found.passing]
        self._findings.insert(0, Finding(title, tuple(ids), passing=True))
        self._show_findings()
        self.side.findings.choose(0)
        self._show_all()

    def refresh(self) -> None:
        """Ask again for the images that are wanted."""
        project = self._session.project
        if project is None:
            return
        wanted = self._wanted()
        if self._ids_ticket is not None:
            self._ids_ticket.cancel()
        self._ids_ticket = self._tasks.read(
            lambda: project.ids(wanted), on_done=lambda ids: self._take_ids(project, ids), priority=4
        )

    def _wanted(self) -> Filter:
        place = self.side.classes.chosen
        class_id = self._counts.classes[place].id if self._counts and place >= 0 else None
        found = self.side.findings.chosen
        ids = self._findings[found].ids if found >= 0 else None
        return image_queries.wanted_images(
            max(self.side.views.chosen, 0), class_id, self.search.text().strip(), ids
        )

    def _take_ids(self, project: Project, ids: list[int]) -> None:
        if project is not self._session.project:
            return
        current = self.grid.current_id()
        scrolled = self.grid.verticalScrollBar().value()
        if list(self.grid.images.ids()) != ids:
            self.grid.images.show_images(project, ids)
            row = None if current is None else self.grid.images.row_of(current)
            if row is not None:
                self.grid.go_to(row)
                self.grid.verticalScrollBar().setValue(scrolled)
            elif ids:
                self.grid.go_to(0)  # so that the keys of the classes and the inspector work at once
        else:
            self.grid.images.refresh(ids[slice(*self.grid.rows_in_sight())])
        self._show_state()
        self._selection_changed()

    def _show_state(self) -> None:
        if self.grid.images.rowCount():
            if self.middle.currentWidget() is not self.grid:
                self.middle.setCurrentWidget(self.grid)
                if not self.search.hasFocus():
                    self.grid.setFocus()
            return
        self.middle.setCurrentWidget(self.empty)
        if self._session.scanning:
            words = self.tr("They appear here as they are read. You can look at them meanwhile.")
            self.empty.tell("images", self.tr("Reading the pictures…"), words)
        elif self._counts is None:
            self.empty.tell("images", self.tr("Looking up the images…"), "")
        elif self._counts.of_view[0] == 0:
            words = self.tr("Drop a folder of pictures here. A folder for each class labels them at once.")
            self.empty.tell(
                "drop",
                self.tr("No pictures in this project yet"),
                words,
                (self.tr("Add pictures…"), self.addAsked.emit),
            )
        else:
            words = self.tr("Nothing in this project has all of the class, view and search text chosen.")
            self.empty.tell(
                "search",
                self.tr("No image matches"),
                words,
                (self.tr("Show all images"), self._show_all_again),
            )

    def _show_all_again(self) -> None:
        self.side.findings.choose(-1)
        self._show_all()

    def _show_all(self) -> None:
        self.side.views.choose(0)
        self.side.classes.choose(-1)
        self.search.clear()
        self._typed.stop()
        self.refresh()

    def _resize(self, side: int) -> None:
        self.grid.set_side(side)
        self._session.settings.put("thumbnail", side)

    def _restart_typing(self) -> None:
        self._typed.start()

    def zoom(self, steps: int) -> None:
        """Larger or smaller pictures."""
        self.size_slider.setValue(self.size_slider.value() + 32 * steps)

    # --- changes --------------------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        self._counts = None
        self._findings = []
        self.grid.images.show_images(None, [])
        self.grid.thumbnails.set_cache(self._session.prepared)
        self.inspector.clear()
        self.side.set_findings([])
        self._show_counts()
        self.side.views.choose(0)
        self.check_button.setText(self.tr("Check"))
        self.search.clear()
        self._images_changed()

    def _images_changed(self) -> None:
        self._count_again()
        self.refresh()
        self._show_state()

    def _labels_changed(self, ids: tuple[int, ...]) -> None:
        self.grid.images.refresh(ids)
        self._count_again()
        self._selection_changed()

    def _count_again(self) -> None:
        project = self._session.project
        if self._count_ticket is not None:
            self._count_ticket.cancel()
        if project is not None:
            self._count_ticket = self._tasks.read(
                lambda: image_queries.count(project),
                on_done=lambda counts: self._take_counts(project, counts),
            )
        self.stateLineChanged.emit()

    def _take_counts(self, project: Project, counts: Counts) -> None:
        if project is not self._session.project:
            return
        self._counts = counts
        self.grid.painter.colours = {each.id: each.colour for each in counts.classes}
        self.grid.viewport().update()
        self._show_counts()
        self._show_state()
        self.stateLineChanged.emit()

    def _show_counts(self) -> None:
        counts = self._counts
        classes = [] if counts is None else list(zip(counts.classes, counts.of_class, strict=True))
        self.side.set_classes(
            [
                Choice(each.name, number, each.colour, str(place + 1) if place < 9 else "")
                for place, (each, number) in enumerate(classes)
            ]
        )
        numbers = counts.of_view if counts else [None] * len(image_queries.VIEWS)
        self.side.views.set_choices(
            [Choice(name, number) for (name, _f), number in zip(image_queries.VIEWS, numbers, strict=True)]
        )

    def _selection_changed(self) -> None:
        if self._session.project is not None:
            self.inspector.show_images(self._session.project, self.grid.selected_ids())

    # --- doing ----------------------------------------------------------------------------------------------

    def judge(self, place: int) -> None:
        """Give the selected images the class at a position, or none (-1); one image advances to the next."""
        ids = self.grid.selected_ids()
        if not ids or self._counts is None:
            self.said.emit(self.tr("Select an image first, then press the key of its class"))
            return
        if place >= len(self._counts.classes):
            self.said.emit(self.tr("There is no class with the key {0}").format(place + 1))
            return
        if self._session.scanning:
            self.said.emit(self.tr("Labels can be given as soon as all pictures are read"))
            return
        many = plural(len(ids), self.tr("image"), self.tr("images"))
        if place < 0:
            self._session.label(ids, None, self.tr("Clear the label of {0}").format(many))
            return
        chosen = self._counts.classes[place]
        self._session.label(ids, chosen.id, self.tr("Label {0} “{1}”").format(many, chosen.name))
        if len(ids) == 1:
            self.grid.advance()

    def class_names(self) -> tuple[str, ...]:
        """The classes in their order, for the menu."""
        return tuple(each.name for each in self._counts.classes) if self._counts else ()

    def _add_class(self, name: str) -> None:
        self._session.add_class(name)
        self.grid.setFocus()

    def rename_class(self, place: int) -> None:
        """Ask for another name of a class."""
        if self._counts is None or not 0 <= place < len(self._counts.classes):
            return
        chosen = self._counts.classes[place]
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Rename class"))
        dialog.setLabelText(self.tr("New name of “{0}”:").format(chosen.name))
        dialog.setTextValue(chosen.name)
        dialog.textValueSelected.connect(lambda name: self._rename(chosen.id, chosen.name, name.strip()))
        dialog.open()

    def _rename(self, class_id: int, before: str, after: str) -> None:
        if after and after != before:
            self._session.rename_class(class_id, before, after)

    def split(self) -> None:
        """Ask how the images are to be split, then do it."""
        project = self._session.project
        if project is not None and self._split_dialog is None:
            self._split_dialog = SplitDialog(project, self._tasks, self)
            self._split_dialog.wanted.connect(self._session.split)
            self._split_dialog.destroyed.connect(self._split_closed)
            self._split_dialog.open()

    def _split_closed(self) -> None:
        self._split_dialog = None

    def check(self) -> None:
        """Look for problems in the background; what is found is listed on the left."""
        project = self._session.project
        if project is None:
            return
        self.check_button.setEnabled(False)
        task = self._tasks.compute(
            self.tr("Checking the images"), lambda: check_project(project), on_done=self._take_findings
        )
        task.stateChanged.connect(lambda _state: self.check_button.setEnabled(not task.active))

    def _take_findings(self, findings: list[Finding]) -> None:
        self._findings = findings
        self._show_findings()
        number = plural(len(findings), self.tr("finding"), self.tr("findings"))
        self.check_button.setText(self.tr("Check · {0}").format(number))
        self.said.emit(self.tr("Check: {0}").format(number) if findings else self.tr("Check: nothing found"))

    def _show_findings(self) -> None:
        self.side.set_findings([Choice(found.title, len(found.ids) or None) for found in self._findings])

    def _finding_picked(self, place: int) -> None:
        if place >= 0 and self._findings[place].words:
            self.said.emit(self._findings[place].words)
        self._show_all()
