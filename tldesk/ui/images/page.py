"""The Images page: view the images, label them by key, filter, split, check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import plural
from tldesk.ui.images import empty_states, work
from tldesk.ui.images.checks.files_watch import FilesWatch
from tldesk.ui.images.checks.resolve_finding import FindingResolver
from tldesk.ui.images.checks.run_checks import Checking
from tldesk.ui.images.class_actions import ClassEditing
from tldesk.ui.images.counting import Counting
from tldesk.ui.images.deep.rendering_controller import RenderingController
from tldesk.ui.images.grid.image_grid import ImageGrid
from tldesk.ui.images.images_bar import ImagesBar
from tldesk.ui.images.inspector import Inspector
from tldesk.ui.images.label_actions import Judging
from tldesk.ui.images.large_picture import LargePicture
from tldesk.ui.images.readers.reader_mode import ReaderMode
from tldesk.ui.images.side_panel import SidePanel
from tldesk.ui.images.split.split_controller import SplitController
from tldesk.ui.images.work import ImageQuery
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.page import Page
from tldesk.ui.widgets.state_panel import StatePanel

if TYPE_CHECKING:
    from tldesk.dataset import Filter, Project
    from tldesk.ui.images.metadata_column import MetadataColumn


class ImagesPage(Page):
    """Classes and filters, grid, inspector. All queries to the project go through the reading pool."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._ids_ticket: Ticket | None = None
        self.counting = Counting(session, tasks, self)
        self.side = SidePanel(self)
        self.middle = QStackedWidget(self)
        self.grid = ImageGrid(tasks, self.middle)
        self.inspector = Inspector(tasks, self)
        self.empty = StatePanel(self.middle)
        self.large = LargePicture(tasks, self.middle)
        self.judging = Judging(self, session, self.grid, self.counting.classes)
        self.editing = ClassEditing(self, session, self.counting.classes_and_counts, self.said.emit)
        self.bar = ImagesBar(session.settings.number("thumbnail", 104), self)
        self.reading = ReaderMode(self, session, tasks)
        self.how_read = RenderingController(self, session, tasks, self.grid, self.large)
        self.checking = Checking(self.bar.check_button, session, tasks)
        self.splitting = SplitController(self, session, tasks)
        self.files = FilesWatch(self, session, tasks)
        self.mending = FindingResolver(self, session, self.checking, self.side, self.grid)
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
        layout.addWidget(self.bar)
        self.middle.addWidget(self.grid)
        self.middle.addWidget(self.empty)
        self.middle.addWidget(self.large)
        layout.addWidget(self.files.banner)
        layout.addWidget(self.reading.bar)
        layout.addWidget(self.mending.bar)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.side)
        row.addWidget(self.middle, 1)
        row.addWidget(self.inspector)
        layout.addLayout(row, 1)

    def _connect(self) -> None:
        session = self._session
        session.projectChanged.connect(self._project_changed)
        session.imagesChanged.connect(self._images_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.scanningChanged.connect(self._show_state)
        self.counting.changed.connect(self._counts_changed)
        self.bar.add_button.clicked.connect(self.addAsked)
        self.bar.split_button.clicked.connect(self.split)
        self.bar.balance_button.clicked.connect(self.splitting.show_balance)
        self.splitting.imagesAsked.connect(self.show_images)
        self.bar.check_button.clicked.connect(self.checking.check)
        self.checking.said.connect(self.said)
        self.how_read.said.connect(self.said)
        self.inspector.renderingAsked.connect(self.how_read.ask)
        self.files.found.connect(lambda: self.checking.take_files(self.files.findings))
        self.files.imagesAsked.connect(self.show_images)
        self.mending.said.connect(self.said)
        self.mending.imagesAsked.connect(self._show_all)
        self.mending.splitAsked.connect(self.split)
        self.bar.search.textChanged.connect(self._restart_typing)
        self._typed.timeout.connect(self.refresh)
        self.bar.size_slider.valueChanged.connect(self._resize)
        self.side.viewPicked.connect(self.refresh)
        self.side.classPicked.connect(self.refresh)
        self.side.valuePicked.connect(self.refresh)
        self.side.classAdded.connect(self._add_class)
        self.side.menuAsked.connect(self._class_menu)
        self.side.moveAsked.connect(self.editing.move)
        for judge in (self.grid, self.large):
            judge.judged.connect(self.judging.judge)
            judge.marked.connect(self.judging.mark)
        self.grid.menuAsked.connect(self._image_menu)
        self.grid.opened.connect(self.open_large)
        self.large.closed.connect(self.close_large)
        self.large.stepped.connect(self._step)
        self.grid.images.dataChanged.connect(self._show_large)
        self.judging.said.connect(self.said)
        self.judging.openAsked.connect(self.open_large)
        self.reading.readerChanged.connect(self.read_as)
        self.reading.imagesAsked.connect(self.show_images)
        self.grid.selectionModel().selectionChanged.connect(self._selection_changed)
        self._resize(self.bar.size_slider.value())

    # --- display --------------------------------------------------------------------------------------------

    @property
    def state_line(self) -> str:
        """Return the line for the rail: "612 images · 4 classes"."""
        counts = self.counting.counts
        if counts is None or self._session.project is None:
            return self.tr("no project open")
        images = plural(counts.of_view[0], self.tr("image"), self.tr("images"))
        return f"{images} · {plural(len(counts.classes), self.tr('class'), self.tr('classes'))}"

    def focus_first(self) -> None:
        """Focus the grid."""
        self.grid.setFocus()

    def show_images(self, ids: Sequence[int], title: str) -> None:
        """Show only these images, for example of a cell of the confusion matrix, as a temporary finding."""
        self.mending.show_passing(ids, title)
        self._show_all()

    def refresh(self) -> None:
        """Query again the images that match the filters."""
        project = self._session.project
        if project is None:
            return
        wanted = self._wanted()
        if self._ids_ticket is not None:
            self._ids_ticket.cancel()
        self._ids_ticket = self._tasks.read(
            lambda: work.ids(project, wanted),
            on_done=lambda ids: self._take_ids(project, ids),
            priority=4,
        )

    def _wanted(self) -> Filter:
        place, classes = self.side.classes.chosen, self.counting.classes()
        query = ImageQuery(
            view=max(self.side.views.chosen, 0),
            class_id=classes[place].id if classes and place >= 0 else None,
            text=self.bar.search.text().strip(),
            value=self.side.value,
            ids=self.mending.ids,
        )
        return work.filter_of(query, self.judging.reader)

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
                self.grid.go_to(0)  # so that the class keys and the inspector work at once
        else:
            self.grid.images.refresh(ids[slice(*self.grid.rows_in_sight())])
        self._show_state()
        self._selection_changed()

    def _show_state(self) -> None:
        if self.grid.images.rowCount():
            if self.middle.currentWidget() is self.empty:
                self.middle.setCurrentWidget(self.grid)
                if not self.bar.search.hasFocus():
                    self.grid.setFocus()
            return
        self.middle.setCurrentWidget(self.empty)
        counts = self.counting.counts
        known = None if counts is None else counts.of_view[0]
        empty_states.tell(self.empty, known, self._session.scanning, self.addAsked.emit, self._show_all_again)

    def _show_all_again(self) -> None:
        self.mending.let_go()
        self._show_all()

    def _show_all(self) -> None:
        self.side.views.choose(0)
        self.side.classes.choose(-1)
        self.side.values.choose(-1)
        self.close_large()
        self.bar.search.clear()
        self._typed.stop()
        self.refresh()

    def _resize(self, side: int) -> None:
        self.grid.set_side(side)
        self._session.settings.put("thumbnail", side)

    def _restart_typing(self) -> None:
        self._typed.start()

    def zoom(self, steps: int) -> None:
        """Make the pictures larger (above 0) or smaller."""
        if self.middle.currentWidget() is self.large:
            self.large.zoom(steps)
            return
        self.bar.size_slider.setValue(self.bar.size_slider.value() + 32 * steps)

    # --- changes --------------------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        self.counting.forget()
        self.grid.images.show_images(None, [])
        self.how_read.forget_pictures()
        self.inspector.clear()
        self.mending.forget()
        self.side.set_columns(())
        self.close_large()
        self.reading.stop()
        self.side.views.choose(0)
        self.bar.search.clear()
        self._images_changed()

    def _images_changed(self) -> None:
        self.refresh()  # first, because the user waits for the pictures
        self.counting.ask(self.judging.reader)
        self._ask_columns()
        self._show_state()

    def _labels_changed(self, ids: tuple[int, ...]) -> None:
        self.grid.images.refresh(ids)
        self.counting.ask(self.judging.reader)
        self._selection_changed()

    def _ask_columns(self) -> None:
        project = self._session.project
        if project is not None and not self._session.scanning:
            self._tasks.read(
                lambda: work.columns(project),
                on_done=lambda columns: self._take_columns(project, columns),
                behind=True,
            )

    def _take_columns(self, project: Project, columns: tuple[MetadataColumn, ...]) -> None:
        if project is self._session.project:
            self.side.set_columns(columns)

    def _counts_changed(self) -> None:
        counts = self.counting.counts
        self.side.show_counts(counts)
        if counts is not None:
            self.grid.painter.classes = {each.id: each for each in counts.classes}
            self.grid.viewport().update()
            self._show_state()
        if counts is not None and self.judging.reader is not None:
            self.reading.bar.show_progress(sum(counts.of_class), counts.of_view[0] - counts.of_view[-1])
        self.stateLineChanged.emit()

    def _selection_changed(self) -> None:
        self._session.select(self.grid.selected_ids())
        if self._session.project is not None:
            self.inspector.show_images(self._session.project, self._session.selection)
        self._show_large()

    # --- actions --------------------------------------------------------------------------------------------

    def class_names(self) -> tuple[str, ...]:
        """The class names in their order."""
        return tuple(each.name for each in self.counting.classes())

    def chosen_class(self) -> int:
        """Return the position of the class selected on the left, or of the first one."""
        return max(self.side.classes.chosen, 0)

    def _add_class(self, name: str) -> None:
        self.editing.add(name)
        self.grid.setFocus()

    def _class_menu(self, place: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.editing.fill(menu, place)
        menu.popup(at)

    def _image_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.judging.menu(menu)
        menu.popup(at)

    # --- the large picture ----------------------------------------------------------------------------------

    def open_large(self) -> None:
        """Show the current image as large as the page allows; the same keys label it."""
        if self.grid.images.rowCount() and self._session.project is not None:
            self.middle.setCurrentWidget(self.large)
            self._show_large()
            self.large.setFocus()

    def close_large(self) -> None:
        """Return to the grid."""
        if self.middle.currentWidget() is self.large:
            self.middle.setCurrentWidget(self.grid)
            self.grid.setFocus()

    def _show_large(self) -> None:
        row = self.grid.currentIndex().row()
        shown = row >= 0 and self.middle.currentWidget() is self.large
        record = self.grid.images.record(row) if shown else None
        if record is not None:
            words = self.grid.painter.words_of(record)
            place = self.tr("{0:,} of {1:,}").format(row + 1, self.grid.images.rowCount())
            self.large.show_image(record, f"{record.path.name}  ·  {words}  ·  {place}")

    def _step(self, by: int) -> None:
        self.grid.go_to(self.grid.currentIndex().row() + by)

    def read_as(self, reader: str | None) -> None:
        """Show and set this reader's labels; None: the project's own labels."""
        self.judging.reader = self.grid.painter.reader = self.grid.images.reader = reader
        self.inspector.blind = reader is not None
        self.inspector.clear()  # at once, because it may still show the label
        self.grid.viewport().update()
        self._selection_changed()
        self._images_changed()

    # --- splits and checks ----------------------------------------------------------------------------------

    def split(self) -> None:
        """Ask how to split the images, then split them."""
        self.splitting.split()
