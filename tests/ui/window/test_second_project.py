"""Opening a second project: no word and no picture of the first one is left anywhere in the window."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from dataset_pictures import draw
from PySide6.QtCore import QAbstractTableModel, QModelIndex
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget
from trained_run import trained, trained_folder  # noqa: F401 - fixtures
from waiting import wait_for_images

from tldesk.dataset import Project
from tldesk.ui.widgets.page import PageName

SECRET = re.compile(r"\bhealthy\b|\brust\b|Geheim|leaves\.tldesk")
"""Names of the first project: its classes, the new pictures, and itself."""


@pytest.fixture
def second(tmp_path):
    """A project of other pictures, whose images have the same numbers."""
    for name in ("ja", "nein"):
        for number in range(4):
            draw(tmp_path / "zweites" / name / f"{name}{number}.png", 255, 32)
    with Project.create(tmp_path / "zweites.tldesk", tmp_path / "zweites") as made:
        made.split()
    return tmp_path / "zweites.tldesk"


@pytest.fixture
def everything_seen(window, trained, some_photos, tmp_path, qtbot):  # noqa: F811
    """The window after all pages of a first project with a run were looked at, and pictures predicted."""
    window.session.open_project(trained.path)
    wait_for_images(window, qtbot, 32)
    window.pages.images.focus_first()
    (tmp_path / "Geheim").mkdir()
    for kind in ("healthy", "rust"):
        shutil.copy(some_photos[kind][20], tmp_path / "Geheim" / f"Geheim {kind}.jpg")
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=30_000)
    for page in PageName:
        window.show_page(page)
    predict, model = window.pages.predict, window.pages.model
    predict.open_paths([tmp_path / "Geheim"])
    qtbot.waitUntil(lambda: not predict.predicting and len(predict.entries) == 2, timeout=60_000)
    qtbot.waitUntil(lambda: predict.saliency.view.has_overlay, timeout=60_000)
    window.show_page(PageName.MODEL)
    window.session.load_torch()
    qtbot.waitUntil(lambda: len(model.augmentation.views.views) > 0, timeout=60_000)
    window.status.say("23 images of healthy leaves may identify a person")
    assert any(map(SECRET.search, texts(window)))
    return window


def texts(window) -> Iterator[str]:
    """Every text of every visible widget and of all actions, tool tips and descriptions included."""
    for widget in filter(QWidget.isVisible, window.findChildren(QWidget)):
        yield from (widget.toolTip(), widget.windowTitle(), widget.accessibleName())
        yield widget.accessibleDescription()
        for name in ("text", "placeholderText", "title", "toPlainText"):
            found = getattr(widget, name, None)
            yield str(found()) if callable(found) else ""
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(row) for row in range(widget.count()))
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from cells(widget.model())
    for action in window.findChildren(QAction):
        yield action.text()
    yield window.windowTitle()


def cells(model) -> Iterator[str]:
    columns = model.columnCount(QModelIndex()) if isinstance(model, QAbstractTableModel) else 1
    for row in range(model.rowCount(QModelIndex())):
        for column in range(columns):
            index = model.index(row, column)
            yield from (str(index.data(role) or "") for role in (0, 3))  # shown, and the tool tip


def test_nothing_of_the_first_project_is_left(everything_seen, second, qtbot):
    window = everything_seen
    window.session.open_project(second)
    wait_for_images(window, qtbot, 8)
    model, seen = window.pages.model, set()
    window.show_page(PageName.MODEL)
    qtbot.waitUntil(lambda: len(model.augmentation.views.views) > 0, timeout=60_000)
    for page in PageName:
        window.show_page(page)
        qtbot.wait(20)
        seen.update(texts(window))
    recent = {action.text() for action in window.findChildren(QAction) if "leaves" in action.text()}
    assert set(filter(SECRET.search, seen - recent)) == set()
    shown = {model.augmentation.caption.toolTip(), *map(str, model.augmentation._all_pictures())}
    assert all(path.startswith(str(second.with_suffix(""))) for path in shown), shown
    predict = window.pages.predict
    assert predict.entries == ()
    assert not predict.saliency.view.has_picture
