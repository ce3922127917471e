"""The main window: rail, pages, status line; drag and drop; closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tldesk import __version__
from tldesk.base import resource
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.project.opener import Opener
from tldesk.ui.project.welcome import WelcomePage
from tldesk.ui.session.session import Session
from tldesk.ui.theme import theme
from tldesk.ui.train.cross_validation_task import CrossValidating
from tldesk.ui.weights.import_weights import WeightsImport
from tldesk.ui.widgets.page import Page, PageName
from tldesk.ui.window.actions import Actions
from tldesk.ui.window.keys_help import words_of_keys
from tldesk.ui.window.pages import Pages, import_rooms, page_specs
from tldesk.ui.window.rail import Rail
from tldesk.ui.window.status_line import StatusLine

_FRAME = 40  # px, height of a title bar


class MainWindow(QMainWindow):
    """Assembles the pages. The session owns the data and ``tasks`` the threads."""

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__()
        self.session = session
        self.tasks = tasks
        self.page_specs = page_specs()
        self.opener = Opener(session, self)
        self.importing = WeightsImport(session, tasks, self)
        self.cross_validating = CrossValidating(self, session, tasks)
        self._after_stop: Callable[[], object] | None = None
        self._rest = QTimer(self)
        self._rest.setInterval(0)  # fires whenever the event loop is idle
        self._rest.timeout.connect(self._make_next_page)
        self.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
        self.setAcceptDrops(True)
        room = self.screen().availableSize() - QSize(0, _FRAME)
        self.setMinimumSize(QSize(1024, 640).boundedTo(room))  # never larger than the screen
        self._build()
        self.pages = Pages(session, tasks, self.stack, self._page_made)
        self.actions_ = Actions(self)
        self._connect()
        self._restore()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        middle = QWidget(self)
        self.rail = Rail([(spec.icon, spec.title) for spec in self.page_specs], middle)
        self.stack = QStackedWidget(middle)
        self.welcome = WelcomePage(self.session, self.stack)
        self.stack.addWidget(self.welcome)
        self.status = StatusLine(self.tasks, middle)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(middle)
        self.drop_hint = QLabel(self.tr("Drop to open"), middle)
        self.drop_hint.setObjectName("dropHint")
        self.drop_hint.setProperty("role", "display")
        self.drop_hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.drop_hint.hide()

    def _notice(self, words: str) -> None:
        self.pages.train.show_notice(words)  # a page is made when it is first needed

    def _connect(self) -> None:
        session, opener, welcome = self.session, self.opener, self.welcome
        self.rail.chosen.connect(lambda number: self.show_page(PageName(number)))
        self.rail.weightsAsked.connect(self.show_weights)
        welcome.picturesAsked.connect(opener.ask_pictures)
        welcome.projectAsked.connect(opener.ask_project)
        welcome.sampleAsked.connect(opener.try_sample)
        welcome.recentAsked.connect(opener.open_project)
        opener.picturesForPrediction.connect(self._predict_pictures)
        opener.modelChosen.connect(self._use_model)
        opener.weightsDropped.connect(self.importing.import_paths)
        self.cross_validating.noticed.connect(self._notice)
        session.projectChanged.connect(self._project_changed)
        session.deviceChanged.connect(self._device_changed)
        self.tasks.failed.connect(self._show_failure)
        self.tasks.taskFinished.connect(self._task_finished)

    def _make_next_page(self) -> None:
        """Create one of the pages that were not needed yet; called when the event loop is idle."""
        missing = self.pages.missing()
        if missing:
            self.pages.page(missing[0])
        if len(missing) < 2:
            self._rest.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Start creating the pages, once their slow imports are done on another thread."""
        super().showEvent(event)
        if self.pages.missing():
            self.tasks.read(import_rooms, on_done=lambda _done: self._rest.start())

    # --- pages ----------------------------------------------------------------------------------------------

    def _page_made(self, name: PageName, page: Page) -> None:
        """Add a new page to the window and connect its requests."""
        self.stack.addWidget(page)
        button = self.rail.button(name)

        def show_state() -> None:
            button.set_state(page.state_line)

        page.stateLineChanged.connect(show_state)
        show_state()
        page.said.connect(self.status.say)
        page.pageAsked.connect(self.show_page)
        page.imagesAsked.connect(self._show_images)
        page.addAsked.connect(self.opener.ask_more_pictures)
        page.trainingAsked.connect(self._start_training)
        page.weightsAsked.connect(self.show_weights_of)
        page.weightFilesAsked.connect(self.importing.choose_files)
        page.weightFolderAsked.connect(self.importing.choose_folder)
        self.importing.imported.connect(page.weights_imported)

    def show_page(self, name: PageName) -> None:
        """Show a page, or the welcome page if it needs a project and none is open."""
        if self.page_specs[name].needs_project and self.session.project is None:
            self.show_welcome()
            return
        self.rail.choose(name)
        self._show(self.pages.page(name))

    def show_welcome(self) -> None:
        """Show the page for opening projects."""
        self.rail.choose(None)
        self._show(self.welcome)

    def _show(self, page: Page) -> None:
        self.stack.setCurrentWidget(page)
        page.focus_first()

    def _start_training(self) -> None:
        self.show_page(PageName.TRAIN)
        self.pages.train.start()

    def _show_images(self, ids: Sequence[int], title: str) -> None:
        self.show_page(PageName.IMAGES)
        self.pages.images.show_images(ids, title)

    def _predict_pictures(self, paths: list[Path]) -> None:
        self.show_page(PageName.PREDICT)
        self.pages.predict.open_paths(paths)

    def _use_model(self, file: Path) -> None:
        self.session.set_model(file)
        self.show_page(PageName.PREDICT)

    # --- changes --------------------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        project = self.session.project
        self.setWindowTitle(f"{project.name} — tldesk" if project else "tldesk")
        self.setWindowFilePath(str(project.path) if project else "")
        self.status.say("")  # what was said was about another project
        self.welcome.refresh()
        for spec in self.page_specs:
            self.rail.button(spec.name).setEnabled(project is not None or not spec.needs_project)
        if project is None:
            self.show_welcome()
        else:
            self.show_page(PageName.IMAGES)

    def _device_changed(self) -> None:
        if self.session.device is not None:
            self.status.set_device(self.session.device.title)

    def _show_failure(self, title: str, error: Exception) -> None:
        errors.show(self, error, title)

    # --- menus ----------------------------------------------------------------------------------------------

    def show_weights(self) -> None:
        """Show the weights library."""
        self.show_weights_of("")

    def show_weights_of(self, name: str) -> None:
        """Show the weights library with a backbone selected."""
        from tldesk.ui.weights.library_dialog import WeightsLibraryDialog

        dialog = WeightsLibraryDialog(self.session, self.tasks, self.importing, self)
        dialog.choose(name)
        dialog.open()

    def show_caches(self) -> None:
        """Show the dialog of the caches."""
        from tldesk.ui.project.cache_dialog import CacheDialog

        if self.session.project is None:
            return
        dialog = CacheDialog(self.session.project.cache_dir, self.tasks, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def wear(self, choice: str) -> None:
        """Apply a theme and store the choice."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme().apply(app, choice)
        self.session.settings.put("theme", choice)

    def toggle_full_screen(self) -> None:
        """Toggle full screen."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_keys(self) -> None:
        """Show the keys that are not listed in menus."""
        self._inform(self.tr("Keyboard shortcuts"), words_of_keys())

    def show_about(self) -> None:
        """Show the version and a description of the program."""
        words = self.tr(
            "tldesk {0}\n\nTrain a picture classifier on your own computer. Offline; BSD-3-Clause licence."
        )
        self._inform(self.tr("About tldesk"), words.format(__version__))

    def _inform(self, title: str, words: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Information, title, words, QMessageBox.StandardButton.Close, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # --- drag and drop --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files anywhere in the window."""
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_hint.setGeometry(self.stack.geometry().adjusted(12, 12, -12, -12))
            self.drop_hint.raise_()
            self.drop_hint.show()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Hide the hint, because the files were dragged away."""
        self.drop_hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.drop_hint.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            shown = self.stack.currentWidget()
            self.opener.open_paths(paths, predicting=shown is self.pages.made(PageName.PREDICT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the hint of a drag in progress, because its size no longer fits."""
        self.drop_hint.hide()
        super().resizeEvent(event)

    # --- closing --------------------------------------------------------------------------------------------

    def close_project(self) -> None:
        """Close the project; if a task is using it, ask first, then stop the task."""
        self._when_idle(self.session.close_project)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about running tasks, stop them and wait; then save the geometry and end the threads."""
        if self._running():
            event.ignore()
            self._when_idle(self.close)
            return
        self._rest.stop()
        self.session.settings.put("geometry", bytes(self.saveGeometry().data()))
        self.hide()  # a short task (importing torch) may need a moment to end
        self.tasks.shutdown()
        self.session.close_project()
        super().closeEvent(event)

    def _running(self) -> list[str]:
        return [task.title for task in self.tasks.active() if task.asked_for]

    def _when_idle(self, go_on: Callable[[], object]) -> None:
        running = self._running()
        if not running:
            go_on()
            return
        box = QMessageBox(self)
        box.setObjectName("closeBox")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("A task is running"))
        box.setText(self.tr("{0} has not finished yet.").format(running[0]))
        box.setInformativeText(self.tr("The results so far are kept."))
        stop = box.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(self.tr("Keep running"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        stop.clicked.connect(lambda: self._stop_all(go_on))
        box.open()

    def _stop_all(self, go_on: Callable[[], object]) -> None:
        self._after_stop = go_on
        self._task_finished()

    def _task_finished(self, _task: object = None) -> None:
        if self._after_stop is None:
            return
        # A stopped task may have started another one; the user has agreed to stop
        for task in self.tasks.active():
            task.stop()
        if not self._running():
            go_on, self._after_stop = self._after_stop, None
            # Later, because other handlers of the same signal may start something.
            QTimer.singleShot(0, self, lambda: self._go_on(go_on))

    def _go_on(self, go_on: Callable[[], object]) -> None:
        if self._running():  # something started after the last task ended
            self._stop_all(go_on)
        else:
            go_on()

    def _restore(self) -> None:
        geometry = self.session.settings.data("geometry")
        if not geometry or not self.restoreGeometry(QByteArray(geometry)):
            screen = self.screen().availableGeometry()
            self.resize(min(1366, screen.width()), min(768, screen.height()))
            if 1024 <= screen.width() <= 1440 or (screen.width() > 1440 and screen.height() <= 800):
                self.setWindowState(Qt.WindowState.WindowMaximized)  # with its frame it would not fit
