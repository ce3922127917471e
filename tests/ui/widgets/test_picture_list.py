"""Lists of pictures: what is read, kept and said."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.widgets.picture_list import ImageRole, PictureItem, PictureListModel


@pytest.fixture
def model(qtbot):
    tasks = Tasks()
    yield PictureListModel(tasks, 40)
    tasks.shutdown()


@pytest.fixture
def leaf(tmp_path):
    path = tmp_path / "leaf.png"
    Image.fromarray(np.full((20, 20, 3), 200, np.uint8)).save(path)
    return path


def image_of(model, row):
    return model.index(row).data(ImageRole)


def test_a_thumbnail_is_read_when_it_is_asked_for_and_kept_while_it_is_shown(model, leaf, qtbot):
    model.set_items([PictureItem(leaf, "rust")])
    assert image_of(model, 0) is None
    qtbot.waitUntil(lambda: image_of(model, 0) is not None)
    model.set_items([PictureItem(None, "gone"), PictureItem(leaf, "rust")])
    assert image_of(model, 0).isNull()
    assert not image_of(model, 1).isNull(), "read already"
    model.set_items([])
    model.set_items([PictureItem(leaf, "rust")])
    assert image_of(model, 0) is None, "no longer kept"


def test_a_picture_without_an_answer_is_crossed_out(model, leaf):
    model.add([PictureItem(leaf, "no prediction", leaf.name, mark="unreadable", failed=True)])
    assert image_of(model, 0).isNull()


def test_all_words_are_read_aloud(model, leaf):
    model.add([PictureItem(leaf, "rust", leaf.name, number="97 %", mark="unsure"), PictureItem(leaf, "rust")])
    words = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert words == ["rust, 97 %, leaf.png, unsure", "rust"]
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) == "leaf.png\nrust"
