"""The main window: rail, pages, status line; what is dropped on it; what happens when it closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

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
from tldesk.ui.weights.import_weights import BringingWeights
from tldesk.ui.window.actions import Actions
from tldesk.ui.window.keys_help import words_of_keys
from tldesk.ui.window.page_list import import_rooms, page_specs
from tldesk.ui.window.rail import Rail
from tldesk.ui.window.status_line import StatusLine

if TYPE_CHECKING:
    from tldesk.ui.images.page import ImagesPage

_FRAME = 40  # px that a title bar takes


class MainWindow(QMainWindow):
    """Puts the pages together. It owns no data: that is the session's; and no thread: those are tasks'."""

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__()
        self.session = session
        self.tasks = tasks
        self.pages = page_specs()
        self.opener = Opener(session, self)
        self.bringing = BringingWeights(session, tasks, self)
        self.cross_validating = CrossValidating(self, session, tasks)
        self._made: dict[int, QWidget] = {}
        self._after_stop: Callable[[], object] | None = None
        self._rest = QTimer(self)
        self._rest.setInterval(0)
        self._rest.timeout.connect(self._make_next_page)
        self.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
        self.setAcceptDrops(True)
        room = self.screen().availableSize() - QSize(0, _FRAME)
        self.setMinimumSize(QSize(1024, 640).boundedTo(room))  # a larger one would reach beyond the screen
        self._build()
        self.actions_ = Actions(self)
        self._connect()
        self._restore()
        self._project_changed()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.rail = Rail([(spec.name, spec.title) for spec in self.pages], self)
        self.stack = QStackedWidget(self)
        self.welcome = WelcomePage(self.session, self)
        self.stack.addWidget(self.welcome)
        self.status = StatusLine(self.tasks, self)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        middle = QWidget(self)
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

    def _connect(self) -> None:
        session, opener, welcome = self.session, self.opener, self.welcome
        self.rail.chosen.connect(self.show_page)
        self.rail.weightsAsked.connect(self.show_weights)
        welcome.picturesAsked.connect(opener.ask_pictures)
        welcome.projectAsked.connect(opener.ask_project)
        welcome.sampleAsked.connect(opener.try_sample)
        welcome.recentAsked.connect(opener.open_project)
        opener.picturesForPrediction.connect(self._predict_pictures)
        opener.modelChosen.connect(self._use_model)
        opener.weightsDropped.connect(self.bringing.import_paths)
        session.projectChanged.connect(self._project_changed)
        session.deviceChanged.connect(self._device_changed)
        self.tasks.failed.connect(self._show_failure)
        self.tasks.taskFinished.connect(self._task_finished)

    def _make_next_page(self) -> None:
        """Make the pages that nobody asked for yet, one in each idle moment after the window shows."""
        left = [number for number in range(len(self.pages)) if number not in self._made]
        if left:
            self.page(left[0])
        if len(left) < 2:
            self._rest.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """The window shows: now there is time for the pages; slow imports are on another thread."""
        super().showEvent(event)
        if len(self._made) < len(self.pages):
            self.tasks.read(import_rooms, on_done=lambda _done: self._rest.start())

    # --- pages ----------------------------------------------------------------------------------------------

    def page(self, number: int) -> QWidget:
        """A page, made when it is asked for the first time."""
        if number not in self._made:
            spec = self.pages[number]
            maker = getattr(import_module(f"tldesk.ui.{spec.name}.page"), spec.maker)
            page: QWidget = maker(self.session, self.tasks, self)
            self._made[number] = page
            self.stack.addWidget(page)
            self._listen(number, page)
        return self._made[number]

    def page_named(self, name: str) -> QWidget:
        """A page by its module's name."""
        return self.page([spec.name for spec in self.pages].index(name))

    def images_page(self) -> ImagesPage:
        """The Images page."""
        return cast("ImagesPage", self.page(0))

    def _listen(self, number: int, page: QWidget) -> None:
        def show_state() -> None:
            self.rail.button(number).set_state(str(getattr(page, "state_line", "")))

        page.stateLineChanged.connect(show_state)  # type: ignore[attr-defined]
        show_state()
        listeners = {
            "said": self.status.say,
            "addAsked": self.opener.ask_more_pictures,
            "showImages": self._show_images,
            "pageAsked": self._page_asked,
            "trainAsked": lambda: self.ask_page("train", "start"),
            "weightsAsked": self.show_weights_of,
            "weightFilesAsked": self.bringing.choose_files,
            "weightFolderAsked": self.bringing.choose_folder,
        }
        for name, listener in listeners.items():
            signal = getattr(page, name, None)
            if signal is not None:
                signal.connect(listener)
        take_weights = getattr(page, "take_weights", None)
        if take_weights is not None:
            self.bringing.broughtIn.connect(take_weights)

    def show_page(self, number: int) -> None:
        """Show a page, the welcome page (-1) or, without a project, what can be shown without one."""
        if number >= 0 and self.pages[number].project and self.session.project is None:
            number = -1
        shown: QWidget = self.welcome if number < 0 else self.page(number)
        self.stack.setCurrentWidget(shown)
        self.rail.choose(number)
        focus_first = getattr(shown, "focus_first", None)
        if focus_first is not None:
            focus_first()

    def _page_asked(self, name: str) -> None:
        self.show_page([spec.name for spec in self.pages].index(name))

    def ask_page(self, name: str, wish: str) -> None:
        """Show a page and call one of its methods, for the menus."""
        self._page_asked(name)
        method = getattr(self.page_named(name), wish, None)
        if method is not None:
            method()

    def _show_images(self, ids: Sequence[int], title: str) -> None:
        self.show_page(0)
        self.images_page().show_images(ids, title)

    def _predict_pictures(self, paths: list[Path]) -> None:
        self._page_asked("predict")
        self.page_named("predict").open_paths(paths)  # type: ignore[attr-defined]

    def _use_model(self, file: Path) -> None:
        self.session.set_model(file)
        self._page_asked("predict")

    # --- changes --------------------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        project = self.session.project
        self.setWindowTitle(f"{project.name} — tldesk" if project else "tldesk")
        self.setWindowFilePath(str(project.path) if project else "")
        self.welcome.refresh()
        for number, spec in enumerate(self.pages):
            self.rail.button(number).setEnabled(project is not None or not spec.project)
        self.show_page(0 if project else -1)

    def _device_changed(self) -> None:
        if self.session.device is not None:
            self.status.set_device(self.session.device.title)

    def _show_failure(self, title: str, error: Exception) -> None:
        errors.show(self, error, title)

    # --- menus ----------------------------------------------------------------------------------------------

    def select_all_images(self) -> None:
        """Select every image of the grid."""
        self.show_page(0)
        self.images_page().grid.selectAll()

    def find_images(self) -> None:
        """Go to the search field."""
        self.show_page(0)
        self.images_page().bar.search.setFocus()

    def add_class(self) -> None:
        """Go to the field for a new class."""
        self.show_page(0)
        self.images_page().side.new_class.setFocus()

    def rename_class(self) -> None:
        """Rename the class chosen on the left, or the first."""
        self.show_page(0)
        self.images_page().editing.rename(self.images_page().chosen_class())

    def show_weights(self) -> None:
        """Show the weights library."""
        self.show_weights_of("")

    def show_weights_of(self, name: str) -> None:
        """Show the weights library with a backbone chosen."""
        module = import_module("tldesk.ui.weights.library_dialog")
        dialog = module.WeightsLibraryDialog(self.session, self.tasks, self.bringing, self)
        dialog.choose(name)
        dialog.open()

    def show_caches(self) -> None:
        """Show what is kept to save time."""
        if self.session.project is None:
            return
        module = import_module("tldesk.ui.project.cache_dialog")
        dialog = module.CacheDialog(self.session.project.cache_dir, self.tasks, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def wear(self, choice: str) -> None:
        """Change the colours and remember that."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme().apply(app, choice)
        self.session.settings.put("theme", choice)

    def toggle_full_screen(self) -> None:
        """Full screen and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_keys(self) -> None:
        """The keys that are no menu's."""
        self._inform(self.tr("Keys"), words_of_keys())

    def show_about(self) -> None:
        """Version and what the program is."""
        words = self.tr(
            "tldesk {0}\n\nTeach a picture classifier on your own computer. Offline; BSD-3-Clause licence."
        )
        self._inform(self.tr("About tldesk"), words.format(__version__))

    def _inform(self, title: str, words: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Information, title, words, QMessageBox.StandardButton.Close, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # --- dropping -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_hint.setGeometry(self.stack.geometry().adjusted(12, 12, -12, -12))
            self.drop_hint.raise_()
            self.drop_hint.show()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They were taken away again."""
        self.drop_hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.drop_hint.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            predicting = self.pages[-1].name == "predict" and self.stack.currentWidget() is self._made.get(4)
            self.opener.open_paths(paths, predicting=predicting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The hint of a drag in progress would not fit any more."""
        self.drop_hint.hide()
        super().resizeEvent(event)

    # --- closing --------------------------------------------------------------------------------------------

    def close_project(self) -> None:
        """Close the project, after what runs on it was stopped if the user agrees."""
        self._when_idle(self.session.close_project)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Name what runs, ask, stop it, wait for it; then save the geometry and end the threads."""
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
        box.setWindowTitle(self.tr("Something is running"))
        box.setText(self.tr("{0} is not done yet.").format(running[0]))
        box.setInformativeText(self.tr("What is finished so far is kept."))
        stop = box.addButton(self.tr("Stop it and close"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(self.tr("Keep it running"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        stop.clicked.connect(lambda: self._stop_all(go_on))
        box.open()

    def _stop_all(self, go_on: Callable[[], object]) -> None:
        self._after_stop = go_on
        self._task_finished()

    def _task_finished(self, _task: object = None) -> None:
        if self._after_stop is None:
            return
        for task in self.tasks.active():  # what was stopped may have begun another; it was agreed to stop
            task.stop()
        if not self._running():
            go_on, self._after_stop = self._after_stop, None
            QTimer.singleShot(0, self, lambda: self._go_on(go_on))

    def _go_on(self, go_on: Callable[[], object]) -> None:
        if self._running():  # begun since the last one ended
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
