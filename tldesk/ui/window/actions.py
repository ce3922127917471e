"""The menus: one table of what can be done, with its words and its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from tldesk.ui.theme import set_icon, theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from tldesk.ui.window.main_window import MainWindow


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("Actions", text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu.

    Attributes:
        words: its text.
        keys: its shortcut as Qt writes it.
        do: what it does.
        project: whether it needs an open project.
        icon: name of a drawing, "" = none.
    """

    words: str
    keys: str
    do: Callable[[], object]
    project: bool = True
    icon: str = ""


class Actions:
    """Makes the menus of a window and keeps them in step with it."""

    def __init__(self, window: MainWindow) -> None:
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
        """Grey out what needs a project while there is none."""
        there = self._window.session.project is not None
        for action in self._need_project:
            action.setEnabled(there)

    # --- menus ----------------------------------------------------------------------------------------------

    def _file(self) -> list[Entry | None]:
        window, opener = self._window, self._window.opener
        return [
            Entry(tr("New project from pictures…"), "Ctrl+N", opener.ask_pictures, False, "open-pictures"),
            Entry(tr("Open project…"), "Ctrl+O", opener.ask_project, False, "open-project"),
            Entry(tr("Try the sample"), "Ctrl+Shift+T", opener.try_sample, False, "sample"),
            None,
            Entry(tr("Add pictures…"), "Ctrl+Shift+O", opener.ask_more_pictures, True, "add"),
            Entry(tr("Look again for changed pictures"), "F5", window.session.rescan),
            Entry(tr("Caches…"), "Ctrl+Shift+C", window.show_caches),
            None,
            Entry(tr("Close project"), "Ctrl+W", window.close_project, True, "close"),
            Entry(tr("Quit"), "Ctrl+Q", window.close, False),
        ]

    def _edit(self, menu: QMenu) -> None:
        stack, window = self._window.session.undo_stack, self._window
        undo = stack.createUndoAction(window, tr("Undo"))
        redo = stack.createRedoAction(window, tr("Redo"))
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        set_icon(undo, "undo")
        set_icon(redo, "redo")
        menu.addActions([undo, redo])
        self.by_words["undo"], self.by_words["redo"] = undo, redo
        menu.addSeparator()
        self._fill(menu, [Entry(tr("Select all images"), "Ctrl+Shift+A", window.select_all_images)])
        self._fill(menu, [Entry(tr("Find…"), "Ctrl+F", window.find_images, True, "search")])

    def _images(self, menu: QMenu) -> None:
        page = self._window.images_page
        for title, fill in (
            (tr("Selected images"), self._fill_selected),
            (tr("Chosen class"), self._fill_class),
        ):
            sub = menu.addMenu(title)
            sub.aboutToShow.connect(partial(fill, sub))
            self._need_project.append(sub.menuAction())
        self._fill(
            menu,
            [
                None,
                Entry(tr("Add a class"), "Ctrl+Shift+N", self._window.add_class),
                Entry(tr("Rename the chosen class…"), "F2", self._window.rename_class, True, "edit"),
                None,
                Entry(tr("Split…"), "Ctrl+Shift+S", lambda: page().split(), True, "split"),
                Entry(
                    tr("Balance of the split…"),
                    "Ctrl+Shift+B",
                    self._on_images("splitting.show_balance"),
                    True,
                    "compare",
                ),
                Entry(
                    tr("Check the images"), "Ctrl+Shift+K", self._on_images("checking.check"), True, "check"
                ),
                Entry(tr("Check with a network"), "Ctrl+Alt+K", self._on_images("checking.check_deeply")),
                None,
                Entry(tr("How pictures are read…"), "Ctrl+Shift+H", self._on_images("how_read.ask")),
                Entry(tr("Read as…"), "Ctrl+Shift+J", self._on_images("reading.ask")),
                Entry(
                    tr("Agreement of the readers…"), "Ctrl+Shift+G", self._on_images("reading.show_agreement")
                ),
                None,
                Entry(tr("Larger pictures"), "Ctrl++", lambda: page().zoom(1)),
                Entry(tr("Smaller pictures"), "Ctrl+-", lambda: page().zoom(-1)),
            ],
        )

    def _on_images(self, method: str) -> Callable[[], None]:
        """Shows the Images page and calls what is named, from the page on ("checking.check")."""

        def do() -> None:
            self._window.show_page(0)
            attrgetter(method)(self._window.images_page())()

        return do

    def _fill_selected(self, menu: QMenu) -> None:
        menu.clear()
        self._window.images_page().judging.menu(menu)

    def _fill_class(self, menu: QMenu) -> None:
        page = self._window.images_page()
        page.editing.fill(menu, page.chosen_class())

    def _model(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(
                tr("Use the recommended recipe"),
                "Ctrl+Shift+R",
                lambda: window.ask_page("model", "use_recommended"),
            ),
            None,
            Entry(tr("Weights library…"), "Ctrl+L", window.show_weights, False, "weights"),
        ]

    def _train(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(tr("Start training"), "Ctrl+T", lambda: window.ask_page("train", "start"), True, "play"),
            Entry(
                tr("Stop and keep the best"), "Ctrl+.", lambda: window.ask_page("train", "stop"), True, "stop"
            ),
            None,
            Entry(tr("Cross-validate…"), "Ctrl+Shift+V", window.cross_validating.ask),
        ]

    def _evaluate(self) -> list[Entry | None]:
        window = self._window
        return [Entry(tr("Evaluate again"), "Ctrl+E", lambda: window.ask_page("evaluate", "refresh"))]

    def _predict(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(
                tr("Open pictures…"),
                "Ctrl+P",
                lambda: window.ask_page("predict", "choose_pictures"),
                False,
                "predict",
            ),
            Entry(
                tr("Save table…"), "Ctrl+S", lambda: window.ask_page("predict", "save_table"), False, "save"
            ),
        ]

    def _view(self, menu: QMenu) -> None:
        window = self._window
        entries: list[Entry | None] = [
            Entry(spec.title, f"Ctrl+{number + 1}", partial(window.show_page, number), spec.project)
            for number, spec in enumerate(window.pages)
        ]
        self._fill(menu, [*entries, None])
        self._theme_menu(menu.addMenu(tr("Colours")))
        menu.addSeparator()
        self._fill(menu, [Entry(tr("Full screen"), "F11", window.toggle_full_screen, False)])

    def _theme_menu(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        names = {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}
        for choice, words in names.items():
            action = menu.addAction(words, partial(self._window.wear, choice))
            action.setCheckable(True)
            action.setChecked(theme().choice == choice)
            action.setShortcut(QKeySequence(f"Ctrl+Alt+{words[0]}"))
            group.addAction(action)

    def _help(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(tr("Keys"), "F1", window.show_keys, False, "info"),
            Entry(tr("About tldesk"), "Shift+F1", window.show_about, False),
        ]

    def _fill(self, menu: QMenu, entries: list[Entry | None]) -> None:
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
