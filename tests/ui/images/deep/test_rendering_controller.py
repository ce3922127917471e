"""How deep pictures and stacks are read, chosen in the window: shown at once, applied, undone."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

from tldesk.dataset import Project
from tldesk.imaging import AS_STORED, Rendering
from tldesk.ui.images.deep.rendering_dialog import RenderingDialog

LEVELS = (500, 2000, 3500)


@pytest.fixture
def scans(tmp_path, real_file):
    """A stack of three even pages with two corners of 0 and 4000, a CT slice, and an ordinary photo."""
    folder = tmp_path / "aufnahmen"
    folder.mkdir()
    pages = np.stack([np.full((64, 64), level, np.uint16) for level in LEVELS])
    pages[:, 0, 0], pages[:, 0, 1] = 0, 4000
    tifffile.imwrite(folder / "a stack.tif", pages, photometric="minisblack")
    shutil.copy(real_file("dicom/CT_small.dcm"), folder / "b slice.dcm")
    Image.new("RGB", (64, 64), "red").save(folder / "c photo.png")
    with Project.create(tmp_path / "scans.tldesk", folder) as made:
        return made.path


@pytest.fixture
def opened_scans(window, scans, qtbot):
    window.session.open_project(scans)
    images = window.pages.images.grid.images
    qtbot.waitUntil(lambda: images.rowCount() == 3 and images.record(0) is not None)
    return window


def asked(window, qtbot, row=0):
    page = window.pages.images
    page.grid.go_to(row)
    page.how_read.ask()
    dialog = window.findChild(RenderingDialog)
    qtbot.waitUntil(lambda: dialog._facts is not None)
    return dialog


def facts(window):
    form = window.pages.images.inspector.facts
    return {
        form.itemAt(row, form.ItemRole.LabelRole).widget().text(): form.itemAt(row, form.ItemRole.FieldRole)
        .widget()
        .text()
        .replace("\u200b", "")
        for row in range(form.rowCount())
    }


def middle_of(pixmap):
    return pixmap.toImage().pixelColor(pixmap.width() // 2, pixmap.height() // 2).red()


def choose(dialog, qtbot, window):
    dialog._facts = None
    dialog.window_kind.setCurrentIndex(dialog.window_kind.findData(window))
    qtbot.waitUntil(lambda: dialog._facts is not None)


def test_the_inspector_tells_frame_values_and_window(opened_scans, qtbot):
    page = opened_scans.pages.images
    page.grid.go_to(0)
    qtbot.waitUntil(lambda: facts(opened_scans).get("Frame") == "1 of 3")
    assert facts(opened_scans)["Bits"] == "16"
    assert facts(opened_scans)["Values"] == "0 to 4,000"
    assert facts(opened_scans)["Window"] == "0 to 4,000 (its full range)"
    assert page.inspector.how_read.isVisible()
    page.grid.go_to(1)
    qtbot.waitUntil(lambda: "HU" in facts(opened_scans).get("Values", ""))
    page.grid.go_to(2)
    qtbot.waitUntil(lambda: facts(opened_scans).get("Format") == "PNG")
    assert not page.inspector.how_read.isVisible()
    assert "Window" not in facts(opened_scans)


def test_a_choice_is_shown_at_once_applied_and_undone(opened_scans, qtbot):
    window, page = opened_scans, opened_scans.pages.images
    content = page.grid.images.record(0).content
    thumbnails = page.grid.thumbnails
    qtbot.waitUntil(lambda: thumbnails.get(content) is not None)
    assert abs(middle_of(thumbnails.get(content)) - 500 / 4000 * 255) < 3

    dialog = asked(window, qtbot)
    assert dialog.low.text() == "0"
    assert "This affects 2 of 3 images" in dialog.effect.text()
    assert not dialog.apply.isEnabled()
    dialog.frame.setCurrentIndex(dialog.frame.findData("middle"))
    dialog.low.clear()
    qtbot.keyClicks(dialog.low, "1000")
    dialog.high.clear()
    qtbot.keyClicks(dialog.high, "3000")
    assert dialog.rendering() == Rendering("middle", "1000..3000")
    qtbot.waitUntil(lambda: "Window: 1,000 to 3,000 (fixed)" in dialog.seen.text())
    assert "Frame: 2 of 3" in dialog.seen.text()
    assert abs(middle_of(dialog.preview._drawn) - 127.5) < 2  # 2000 lies in the middle of the window
    dialog.apply.click()

    assert window.session.project.rendering() == Rendering("middle", "1000..3000")
    assert window.session.undo_stack.undoText() == "Change how images are read"
    qtbot.waitUntil(lambda: thumbnails.get(content) is not None)
    assert abs(middle_of(thumbnails.get(content)) - 127.5) < 3
    qtbot.waitUntil(lambda: facts(window).get("Frame") == "2 of 3")
    page.open_large()
    qtbot.waitUntil(lambda: page.large.has_picture)
    assert abs(page.large._image.pixelColor(32, 32).red() - 127.5) < 2

    window.session.undo_stack.undo()
    assert window.session.project.rendering() == window.session.prepared.rendering == AS_STORED
    qtbot.waitUntil(lambda: facts(window).get("Frame") == "1 of 3")
    qtbot.waitUntil(lambda: page.large.has_picture and page.large._image.pixelColor(32, 32).red() < 50)
    window.session.undo_stack.redo()
    assert window.session.prepared.rendering == Rendering("middle", "1000..3000")
    qtbot.waitUntil(lambda: not window.tasks.busy)


def test_dragging_the_window_shows_and_writes_it(opened_scans, qtbot):
    dialog = asked(opened_scans, qtbot)
    qtbot.waitUntil(lambda: dialog.histogram._window is not None)
    dialog.histogram.dragged.emit(400, 600)
    assert dialog.rendering().window == "400..600"
    assert (dialog.low.text(), dialog.high.text()) == ("400", "600")
    qtbot.waitUntil(lambda: "Window: 400 to 600 (fixed)" in dialog.seen.text())
    assert abs(middle_of(dialog.preview._drawn) - 127.5) < 2
    dialog.reject()
    qtbot.waitUntil(lambda: not opened_scans.tasks.busy)


def test_what_makes_no_sense_is_said_beside_the_fields(opened_scans, qtbot):
    dialog = asked(opened_scans, qtbot)
    choose(dialog, qtbot, "percentiles")
    assert dialog.apply.isEnabled()
    dialog.high.clear()
    qtbot.keyClicks(dialog.high, "hell")
    assert dialog.window_kind.currentData() == "fixed"
    assert "The value shown as white is not a number" in dialog.problem.text()
    assert not dialog.apply.isEnabled()
    dialog.high.clear()
    qtbot.keyClicks(dialog.high, "-7")
    assert "shows nothing" in dialog.problem.text()
    dialog.high.clear()
    qtbot.keyClicks(dialog.high, "4000,5")
    assert dialog.problem.text() == ""
    assert dialog.rendering().window.endswith("..4000.5")
    dialog.reset.click()
    assert dialog.rendering() == AS_STORED
    assert not dialog.apply.isEnabled()
    dialog.reject()
    assert opened_scans.session.project.rendering() == AS_STORED
    qtbot.waitUntil(lambda: not opened_scans.tasks.busy)


def test_windows_for_ct_say_when_the_picture_is_none(opened_scans, qtbot):
    dialog = asked(opened_scans, qtbot)
    choose(dialog, qtbot, "lung")
    assert "not a CT in Hounsfield units" in dialog.remark.text()
    dialog.reject()
    dialog.deleteLater()
    qtbot.wait(10)
    dialog = asked(opened_scans, qtbot, row=1)
    choose(dialog, qtbot, "lung")
    qtbot.waitUntil(lambda: "Window: -1,350 to 150 HU (lung)" in dialog.seen.text())
    assert not dialog.remark.isVisible()
    assert (dialog.low.text(), dialog.high.text()) == ("-1350", "150")
    dialog.reject()
    qtbot.waitUntil(lambda: not opened_scans.tasks.busy)


def test_a_rule_set_by_a_command_is_seen(opened_scans, qtbot):
    window = opened_scans
    with Project.open(window.session.project.path) as other:
        other.edit.read_pictures(Rendering("last"))
    window.session.history.look_elsewhere()
    qtbot.waitUntil(lambda: window.session.prepared.rendering == Rendering("last"))
    dialog = asked(window, qtbot)
    assert dialog.frame.currentData() == "last"
    dialog.reject()
    qtbot.waitUntil(lambda: not window.tasks.busy)


def test_where_nothing_is_deep_the_dialog_says_so(opened, qtbot):
    opened.pages.images.how_read.ask()
    dialog = opened.findChild(RenderingDialog)
    qtbot.waitUntil(lambda: "This affects 0 of 40 images" in dialog.effect.text())
    assert "there is nothing to choose" in dialog.seen.text()
    dialog.frame.setCurrentIndex(1)
    assert not dialog.apply.isEnabled()
    dialog.reject()
    qtbot.waitUntil(lambda: not opened.tasks.busy)


def test_the_window_tells_of_persons_after_a_scan(window, scans, qtbot, tmp_path):
    from tldesk.ui.session.session import NewProject

    told = []
    page = window.pages.images
    page.said.connect(told.append)
    window.session.create_project(NewProject(tmp_path / "again.tldesk", tmp_path / "aufnahmen"))
    qtbot.waitUntil(lambda: any(line.startswith("1 image may identify a person") for line in told))
    page.checking.check()
    qtbot.waitUntil(lambda: bool(page.checking.findings))
    found = {one.title: one for one in page.checking.findings}
    assert len(found["May identify a person"].ids) == 1
    assert "patient names" in found["May identify a person"].words
    qtbot.waitUntil(lambda: not window.tasks.busy)
