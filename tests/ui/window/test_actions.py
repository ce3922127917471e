"""Every entry of every menu, with and without a project: each does what it is there for."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication, QColorDialog, QDialog, QFileDialog, QInputDialog, QMessageBox

from tldesk.ui.images.deep.rendering_dialog import RenderingDialog
from tldesk.ui.images.note_dialog import NoteDialog
from tldesk.ui.images.readers.agreement_dialog import AgreementDialog
from tldesk.ui.images.split.balance_dialog import BalanceDialog
from tldesk.ui.images.split.split_dialog import SplitDialog
from tldesk.ui.project.cache_dialog import CacheDialog
from tldesk.ui.theme import theme
from tldesk.ui.train.cross_validation_dialogs import FoldsDialog
from tldesk.ui.weights.library_dialog import WeightsLibraryDialog
from tldesk.ui.widgets.page import PageName

WITHOUT_PROJECT = {"Ctrl+N", "Ctrl+Alt+N", "Ctrl+O", "Ctrl+Shift+T", "Ctrl+L", "Ctrl+P", "Ctrl+S", "Ctrl+5",
                   "F11", "F1", "Shift+F1", "Ctrl+Alt+A", "Ctrl+Alt+L", "Ctrl+Alt+D", "Ctrl+Q"}  # fmt: skip
LAST = ("F5", "Ctrl+Shift+T", "Ctrl+W", "Ctrl+Q")  # afterwards the window is not as it was


def entries(menu, found=None):
    """All entries of a menu and of those below it, filled as for somebody who opens them."""
    found = [] if found is None else found
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.menu() is not None:
            entries(action.menu(), found)
        elif not action.isSeparator():
            found.append(action)
    return found


def by_key(window) -> dict[str, QAction]:
    """The entries of the whole menu bar with a shortcut, by it."""
    return {
        action.shortcut().toString(): action
        for menu in window.menuBar().actions()
        for action in entries(menu.menu())
        if not action.shortcut().isEmpty()
    }


def shown(kind) -> bool:
    """Whether a dialog of this kind is on the screen."""
    return any(isinstance(one, kind) and one.isVisible() for one in QApplication.topLevelWidgets())


def close_dialogs() -> None:
    for one in QApplication.topLevelWidgets():
        if isinstance(one, QDialog):
            one.close()


def evidence(window) -> dict:
    """By shortcut: what can be seen once the entry was chosen."""
    pages, session = window.pages, window.session
    at = lambda name: lambda: window.stack.currentWidget() is pages.page(name)  # noqa: E731
    dialog = lambda kind: lambda: shown(kind)  # noqa: E731
    running = lambda title: lambda: any(one.title == title for one in window.tasks.active())  # noqa: E731
    grid = pages.images.grid
    side = pages.images.bar.size_slider.value()
    return {
        "Ctrl+N": dialog(QFileDialog),
        "Ctrl+Alt+N": dialog(QFileDialog),
        "Ctrl+O": dialog(QFileDialog),
        "Ctrl+Shift+T": lambda: running("Creating the sample")() or shown(QMessageBox),
        "Ctrl+Shift+O": dialog(QFileDialog),
        "Ctrl+Alt+O": dialog(QFileDialog),
        "F5": running("Rescanning for changed pictures"),
        "Ctrl+Shift+C": dialog(CacheDialog),
        "Ctrl+W": lambda: session.project is None,
        "Ctrl+Q": lambda: not window.isVisible(),
        "Ctrl+Z": session.undo_stack.canRedo,
        "Ctrl+Shift+Z": session.undo_stack.canUndo,
        "Ctrl+Shift+A": lambda: len(grid.selected_ids()) == 40,
        "Ctrl+F": lambda: window.focusWidget() is pages.images.bar.search,
        "Ctrl+Shift+N": lambda: window.focusWidget() is pages.images.side.new_class,
        "F2": dialog(QInputDialog),
        "Ctrl+Shift+S": dialog(SplitDialog),
        "Ctrl+Shift+B": dialog(BalanceDialog),
        "Ctrl+Shift+K": running("Checking the images"),
        "Ctrl+Alt+K": running("Checking the images with a network"),
        "Ctrl+Shift+H": dialog(RenderingDialog),
        "Ctrl+Shift+J": dialog(QInputDialog),
        "Ctrl+Shift+G": dialog(AgreementDialog),
        "Ctrl++": lambda: pages.images.bar.size_slider.value() > side,
        "Ctrl+-": lambda: pages.images.bar.size_slider.value() == side,
        "Ctrl+Shift+R": at(PageName.MODEL),
        "Ctrl+L": dialog(WeightsLibraryDialog),
        "Ctrl+T": lambda: at(PageName.TRAIN)() and pages.train.training,
        "Ctrl+.": lambda: any(one.state == "stopping" for one in window.tasks.active()),
        "Ctrl+Shift+V": lambda: shown(FoldsDialog) or shown(QMessageBox),
        "Ctrl+E": at(PageName.EVALUATE),
        "Ctrl+P": dialog(QFileDialog),
        "Ctrl+S": at(PageName.PREDICT),
        **{f"Ctrl+{name + 1}": at(name) for name in PageName},
        "Ctrl+Alt+A": lambda: theme().choice == "system",
        "Ctrl+Alt+L": lambda: theme().choice == "light",
        "Ctrl+Alt+D": lambda: theme().choice == "dark",
        "F11": lambda: bool(window.windowState() & Qt.WindowState.WindowFullScreen),
        "F1": dialog(QMessageBox),
        "Shift+F1": dialog(QMessageBox),
    }


def in_order(keys):
    return sorted(keys, key=lambda key: (LAST.index(key) + 1 if key in LAST else 0, key))


def choose_all(window, qtbot, keys, seen) -> None:
    """Choose each entry that can be chosen, see what it did, and close what it opened."""
    for key in in_order(keys):
        action = by_key(window)[key]
        assert action.isEnabled(), action.text()
        action.trigger()
        try:
            qtbot.waitUntil(seen[key], timeout=10_000)
        except qtbot.TimeoutError:
            pytest.fail(f"{action.text()} ({key}) did nothing that can be seen")
        close_dialogs()


@pytest.fixture
def held(window):
    """The compute lane is held, so that what entries begin there waits."""
    go_on = threading.Event()
    window.tasks.compute("held", go_on.wait)
    yield go_on
    go_on.set()


def let_all_end(window, held, qtbot) -> None:
    """Stop what entries began in the compute lane."""
    for task in window.tasks.active():
        task.stop()
    held.set()
    qtbot.waitUntil(lambda: not window.tasks.active(), timeout=60_000)
    close_dialogs()


def test_every_entry_without_a_project_does_something_or_is_greyed_out(window, held, qtbot):
    all_keys = by_key(window)
    seen = evidence(window) | {"F11": lambda: True}  # offscreen there is no full screen to see
    assert set(seen) == set(all_keys)
    before = theme().choice
    enabled = {key for key, action in all_keys.items() if action.isEnabled()}
    assert enabled == WITHOUT_PROJECT
    choose_all(window, qtbot, enabled - {"Ctrl+Q"}, seen)
    window.wear(before)
    let_all_end(window, held, qtbot)
    choose_all(window, qtbot, ["Ctrl+Q"], seen)


def test_every_entry_with_a_project_does_something(opened, held, qtbot):
    qtbot.waitUntil(lambda: opened.pages.model.recipe is not None, timeout=20_000)
    grid = opened.pages.images.grid
    grid.go_to(0)
    opened.pages.images.judging.judge(1)
    before = theme().choice
    seen = evidence(opened)
    keys = {key for key in seen if key not in {"Ctrl+W", "Ctrl+Q"}}
    choose_all(opened, qtbot, ["Ctrl+Z"], seen)
    choose_all(opened, qtbot, ["Ctrl+Shift+Z"], seen)
    choose_all(opened, qtbot, keys - {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+T", "Ctrl+."}, seen)
    choose_all(opened, qtbot, ["Ctrl+T"], seen)
    choose_all(opened, qtbot, ["Ctrl+."], seen)
    opened.wear(before)
    let_all_end(opened, held, qtbot)
    choose_all(opened, qtbot, ["Ctrl+W"], seen)
    choose_all(opened, qtbot, ["Ctrl+Q"], seen)


def test_every_entry_for_the_selected_images_and_the_chosen_class_does_something(opened, qtbot, monkeypatch):
    heard = []
    monkeypatch.setattr(QDesktopServices, "openUrl", heard.append)
    page, session = opened.pages.images, opened.session
    page.said.connect(heard.append)
    qtbot.waitUntil(lambda: page.class_names() == ("healthy", "rust"))
    selected, chosen = submenus(opened)
    page.grid.selectAll()
    reached = 0

    def seen(before, index):
        dialog = any(shown(kind) for kind in (NoteDialog, QInputDialog, QColorDialog, QMessageBox))
        large = page.middle.currentWidget() is page.large
        return dialog or large or len(heard) > before or session.undo_stack.index() != index

    for menu in (selected, chosen):
        for place in range(len(entries(menu))):
            action = entries(menu)[place]  # filled again each time, as for somebody who opens it
            if not action.isEnabled():
                continue
            before, index = len(heard), session.undo_stack.index()
            action.trigger()
            qtbot.waitUntil(lambda b=before, i=index: seen(b, i), timeout=10_000)
            reached += 1
            page.close_large()
            close_dialogs()
            if session.undo_stack.index() != index:
                session.undo_stack.undo()
            qtbot.waitUntil(lambda: not session.tasks.writing)
            qtbot.waitUntil(lambda: page.class_names() == ("healthy", "rust"))
    assert reached >= 12


def submenus(window):
    """The two menus below Images."""
    images = window.menuBar().actions()[2].menu()
    return [action.menu() for action in images.actions() if action.menu() is not None]


def test_no_joint_between_window_and_pages_is_a_string_that_the_type_checker_cannot_see():
    for file in sorted((Path(__file__).parents[3] / "tldesk/ui/window").glob("*.py")):
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"getattr\(|attrgetter|cast\(|type: ignore", source)
