"""Tests of the window: offscreen, any Qt warning fails, nothing may be left behind."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from made_once import made_once
from waiting import wait_for_images

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if importlib.util.find_spec("PySide6") is None:
    collect_ignore_glob = ["test_*.py"]

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tldesk.dataset import Project
    from tldesk.ui.window.main_window import MainWindow

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.ui)
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            # What the offscreen platform cannot do is no fault of the window.
            item.add_marker(pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True))


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: Any) -> Iterator[None]:
    """Fails a test that leaves a running thread, a running timer or a top-level widget."""
    # What is here already (torch alone brings a million objects) is not looked through again and again.
    gc.collect()
    gc.freeze()
    before = _living(qapp)
    yield
    _let_go(qapp)
    left = {kind: things - before[kind] for kind, things in _living(qapp).items()}
    assert not any(left.values()), f"left behind: {left}"


def _let_go(qapp: Any) -> None:
    from PySide6.QtCore import QEvent

    for _ in range(3):
        qapp.processEvents()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


def _living(qapp: Any) -> dict[str, set[str]]:
    from PySide6.QtCore import QThread, QTimer
    from shiboken6 import isValid

    # By type: isinstance would ask every object for its class, and some of torch's answer with a warning.
    kinds = (QThread, QTimer)
    found = [thing for thing in gc.get_objects() if issubclass(type(thing), kinds) and isValid(thing)]
    return {
        "threads": {repr(thing) for thing in found if isinstance(thing, QThread) and thing.isRunning()},
        "timers": {repr(thing) for thing in found if isinstance(thing, QTimer) and thing.isActive()},
        "widgets": {repr(widget) for widget in qapp.topLevelWidgets()},
    }


@pytest.fixture
def make_window(qtbot: QtBot, qapp: Any) -> Iterator[Callable[[], MainWindow]]:
    """Makes real main windows, shown, all their pages made; ends what the test left running."""
    from tldesk.ui.app import make_window as make

    made: list[MainWindow] = []

    def show() -> MainWindow:
        window = make(qapp)
        made.append(window)
        window.resize(1366, 768)
        window.show()
        return window

    yield show
    for window in made:
        window.tasks.shutdown()
        window.close()
        window.deleteLater()
    _let_go(qapp)


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    """The real main window, shown, without a project."""
    return make_window()


@pytest.fixture
def leaves(some_photos: dict[str, list[Path]], tmp_path: Path) -> Path:
    """Forty photos of leaves, 20 healthy and 20 rust; the folder has an umlaut and a space."""
    return _copy_leaves(some_photos, tmp_path)


@pytest.fixture
def project(
    leaves: Path,
    some_photos: dict[str, list[Path]],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    """A project of the leaves, scanned and split, made without the window: a copy, with its own photos."""
    from tldesk.dataset import Project

    made = made_once(tmp_path_factory, "scanned leaves", lambda root: _scan_leaves(some_photos, root))
    shutil.copytree(made / "leaves.tldesk", tmp_path / "leaves.tldesk")
    with Project.open(tmp_path / "leaves.tldesk") as copied:
        copied.folders.relocate(1, leaves)
        yield copied


def _copy_leaves(some_photos: dict[str, list[Path]], folder: Path) -> Path:
    root = folder / "Kaffee Blätter"
    for name in ("healthy", "rust"):
        (root / name).mkdir(parents=True)
        for path in some_photos[name][:20]:
            shutil.copy2(path, root / name / path.name)  # with its time, or a scan would read it again
    return root


def _scan_leaves(some_photos: dict[str, list[Path]], folder: Path) -> None:
    from tldesk.dataset import Project

    with Project.create(folder / "leaves.tldesk", _copy_leaves(some_photos, folder)) as made:
        made.split()


@pytest.fixture
def opened(window: MainWindow, project: Project, qtbot: QtBot) -> MainWindow:
    """The main window with the project open and its images in the grid."""
    window.session.open_project(project.path)
    wait_for_images(window, qtbot, 40)
    return window
