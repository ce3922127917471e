"""The menus: a table of entries, each with its text, its shortcut and its function."""

# ruff: noqa: D102 - what MenuOwner asks for is described where the window has it

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from tldesk.ui.theme import set_icon, theme
from tldesk.ui.widgets.page import PageName

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QMenuBar

    from tldesk.ui.evaluate.page import EvaluatePage
    from tldesk.ui.images.page import ImagesPage
    from tldesk.ui.model.page import ModelPage
    from tldesk.ui.predict.page import PredictPage
    from tldesk.ui.project.opener import Opener
    from tldesk.ui.session.session import Session
    from tldesk.ui.train.cross_validation_task import CrossValidating
    from tldesk.ui.train.page import TrainPage
    from tldesk.ui.window.pages import Pages, PageSpec


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("Actions", text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a menu.

    Attributes:
        words: the text.
        keys: the shortcut in Qt's notation.
        do: the function called.
        project: whether it needs an open project.
        icon: name of an icon; "" for none.
    """

    words: str
    keys: str
    do: Callable[[], object]
    project: bool = True
    icon: str = ""


class MenuOwner(Protocol):
    """The part of the main window that the menus use. The window imports this module, not the reverse."""

    @property
    def session(self) -> Session: ...
    @property
    def opener(self) -> Opener: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def page_specs(self) -> Sequence[PageSpec]: ...
    @property
    def cross_validating(self) -> CrossValidating: ...

    def menuBar(self) -> QMenuBar: ...
    def show_page(self, name: PageName) -> None: ...
    def show_caches(self) -> None: ...
    def show_weights(self) -> None: ...
    def show_keys(self) -> None: ...
    def show_about(self) -> None: ...
    def toggle_full_screen(self) -> None: ...
    def wear(self, choice: str) -> None: ...
    def close_project(self) -> None: ...
    def close(self) -> bool: ...


class Actions:
    """Creates the menus of a window and keeps them up to date."""

    def __init__(self, window: MenuOwner) -> None:
        self._window = window
        self._need_project: list[QAction] = []
        self.by_words: dict[str, QAction] = {}
        bar = window.menuBar()
        self._fill(bar.addMenu(tr("&File")), self._file())
        self._edit(bar.addMenu(tr("&Edit")))
        self._images(bar.addMenu(tr("&Images")))
        self._fill(bar.addMenu(tr("&Model")), self._model())
        self._fill(bar.addMenu(tr("&Train")), self._train())
        self._fill(bar.addMenu(tr("E&valuate")), self._evaluate())
        self._fill(bar.addMenu(tr("&Predict")), self._predict())
        self._view(bar.addMenu(tr("Vie&w")))
        self._fill(bar.addMenu(tr("&Help")), self._help())
        window.session.projectChanged.connect(self.update)
        self.update()

    def update(self) -> None:
        """Disable entries that need a project while none is open."""
        there = self._window.session.project is not None
        for action in self._need_project:
            action.setEnabled(there)

    # --- menus ----------------------------------------------------------------------------------------------

    def _file(self) -> list[Entry | None]:
        window, opener = self._window, self._window.opener
        return [
            Entry(tr("New project from pictures…"), "Ctrl+N", opener.ask_pictures, False, "open-pictures"),
            Entry(tr("New project from a zip file…"), "Ctrl+Alt+N", opener.ask_zip, False),
            Entry(tr("Open project…"), "Ctrl+O", opener.ask_project, False, "open-project"),
            Entry(tr("Try the sample"), "Ctrl+Shift+T", opener.try_sample, False, "sample"),
            None,
            Entry(tr("Add pictures…"), "Ctrl+Shift+O", opener.ask_more_pictures, True, "add"),
            Entry(tr("Add pictures from a zip file…"), "Ctrl+Alt+O", opener.ask_more_zipped),
            Entry(tr("Rescan for changed pictures"), "F5", window.session.rescan),
            Entry(tr("Caches…"), "Ctrl+Shift+C", window.show_caches),
            None,
            Entry(tr("Close project"), "Ctrl+W", window.close_project, True, "close"),
            Entry(tr("Quit"), "Ctrl+Q", window.close, False),
        ]

    def _edit(self, menu: QMenu) -> None:
        stack = self._window.session.undo_stack
        undo = stack.createUndoAction(menu, tr("Undo"))
        redo = stack.createRedoAction(menu, tr("Redo"))
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        set_icon(undo, "undo")
        set_icon(redo, "redo")
        menu.addActions([undo, redo])
        self.by_words["undo"], self.by_words["redo"] = undo, redo
        menu.addSeparator()
        entries: list[Entry | None] = [
            Entry(
                tr("Select all images"), "Ctrl+Shift+A", self._on_images(lambda page: page.grid.selectAll())
            ),
            Entry(
                tr("Find…"),
                "Ctrl+F",
                self._on_images(lambda page: page.bar.search.setFocus()),
                icon="search",
            ),
        ]
        self._fill(menu, entries)

    def _images(self, menu: QMenu) -> None:
        for title, fill in (
            (tr("Selected images"), self._fill_selected),
            (tr("Selected class"), self._fill_class),
        ):
            sub = menu.addMenu(title)
            sub.aboutToShow.connect(partial(fill, sub))
            self._need_project.append(sub.menuAction())
        self._fill(menu, [None, *self._of_classes(), None, *self._of_all_images(), None, *self._of_sizes()])

    def _of_classes(self) -> list[Entry]:
        new = self._on_images(lambda page: page.side.new_class.setFocus())
        rename = self._on_images(lambda page: page.editing.rename(page.chosen_class()))
        return [
            Entry(tr("Add a class"), "Ctrl+Shift+N", new),
            Entry(tr("Rename selected class…"), "F2", rename, icon="edit"),
        ]

    def _of_all_images(self) -> list[Entry | None]:
        on = self._on_images
        split = on(lambda page: page.split())
        balance = on(lambda page: page.splitting.show_balance())
        check = on(lambda page: page.checking.check())
        check_deeply = on(lambda page: page.checking.check_deeply())
        how_read = on(lambda page: page.how_read.ask())
        read_as = on(lambda page: page.reading.ask())
        agreement = on(lambda page: page.reading.show_agreement())
        return [
            Entry(tr("Split…"), "Ctrl+Shift+S", split, icon="split"),
            Entry(tr("Balance of the splits…"), "Ctrl+Shift+B", balance, icon="compare"),
            Entry(tr("Check the images"), "Ctrl+Shift+K", check, icon="check"),
            Entry(tr("Check with a network"), "Ctrl+Alt+K", check_deeply),
            None,
            Entry(tr("How images are read…"), "Ctrl+Shift+H", how_read),
            Entry(tr("Label as reader…"), "Ctrl+Shift+J", read_as),
            Entry(tr("Agreement between readers…"), "Ctrl+Shift+G", agreement),
        ]

    def _of_sizes(self) -> list[Entry]:
        pages = self._window.pages
        return [
            Entry(tr("Larger images"), "Ctrl++", lambda: pages.images.zoom(1)),
            Entry(tr("Smaller images"), "Ctrl+-", lambda: pages.images.zoom(-1)),
        ]

    def _fill_selected(self, menu: QMenu) -> None:
        menu.clear()
        self._window.pages.images.judging.menu(menu)

    def _fill_class(self, menu: QMenu) -> None:
        page = self._window.pages.images
        page.editing.fill(menu, page.chosen_class())

    def _model(self) -> list[Entry | None]:
        window = self._window
        recommended = self._on_model(lambda page: page.use_recommended())
        return [
            Entry(tr("Use the recommended recipe"), "Ctrl+Shift+R", recommended),
            None,
            Entry(tr("Weights library…"), "Ctrl+L", window.show_weights, False, "weights"),
        ]

    def _train(self) -> list[Entry | None]:
        window = self._window
        start = self._on_train(lambda page: page.start())
        stop = self._on_train(lambda page: page.stop())
        return [
            Entry(tr("Start training"), "Ctrl+T", start, icon="play"),
            Entry(tr("Stop and keep best"), "Ctrl+.", stop, icon="stop"),
            None,
            Entry(tr("Cross-validate…"), "Ctrl+Shift+V", window.cross_validating.ask),
        ]

    def _evaluate(self) -> list[Entry | None]:
        again = self._on_evaluate(lambda page: page.refresh())
        return [Entry(tr("Evaluate again"), "Ctrl+E", again)]

    def _predict(self) -> list[Entry | None]:
        choose = self._on_predict(lambda page: page.choose_pictures())
        save = self._on_predict(lambda page: page.save_table())
        return [
            Entry(tr("Open pictures…"), "Ctrl+P", choose, False, "predict"),
            Entry(tr("Save table…"), "Ctrl+S", save, False, "save"),
        ]

    def _view(self, menu: QMenu) -> None:
        window = self._window
        entries: list[Entry | None] = [
            Entry(
                spec.title, f"Ctrl+{spec.name + 1}", partial(window.show_page, spec.name), spec.needs_project
            )
            for spec in window.page_specs
        ]
        self._fill(menu, [*entries, None])
        self._theme_menu(menu.addMenu(tr("Theme")))
        menu.addSeparator()
        self._fill(menu, [Entry(tr("Full screen"), "F11", window.toggle_full_screen, False)])

    def _theme_menu(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        names = {"system": tr("Automatic (system)"), "light": tr("Light"), "dark": tr("Dark")}
        for choice, words in names.items():
            action = menu.addAction(words, partial(self._window.wear, choice))
            action.setCheckable(True)
            action.setChecked(theme().choice == choice)
            action.setShortcut(QKeySequence(f"Ctrl+Alt+{words[0]}"))
            group.addAction(action)

    def _help(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(tr("Keyboard shortcuts"), "F1", window.show_keys, False, "info"),
            Entry(tr("About tldesk"), "Shift+F1", window.show_about, False),
        ]

    # --- entries that first show the page they act on -----------------------------------------------------

    def _on_images(self, do: Callable[[ImagesPage], object]) -> Callable[[], None]:
        return self._on(PageName.IMAGES, lambda: do(self._window.pages.images))

    def _on_model(self, do: Callable[[ModelPage], object]) -> Callable[[], None]:
        return self._on(PageName.MODEL, lambda: do(self._window.pages.model))

    def _on_train(self, do: Callable[[TrainPage], object]) -> Callable[[], None]:
        return self._on(PageName.TRAIN, lambda: do(self._window.pages.train))

    def _on_evaluate(self, do: Callable[[EvaluatePage], object]) -> Callable[[], None]:
        return self._on(PageName.EVALUATE, lambda: do(self._window.pages.evaluate))

    def _on_predict(self, do: Callable[[PredictPage], object]) -> Callable[[], None]:
        return self._on(PageName.PREDICT, lambda: do(self._window.pages.predict))

    def _on(self, name: PageName, do: Callable[[], object]) -> Callable[[], None]:
        """Return a function that shows a page and then calls ``do``."""

        def run() -> None:
            self._window.show_page(name)
            do()

        return run

    def _fill(self, menu: QMenu, entries: Sequence[Entry | None]) -> None:
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            action = menu.addAction(entry.words, entry.do)
            if entry.keys:
                action.setShortcut(QKeySequence(entry.keys))
            if entry.icon:
                set_icon(action, entry.icon)
            if entry.project:
                self._need_project.append(action)
            self.by_words[entry.words] = action
