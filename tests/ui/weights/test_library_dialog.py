"""The weights library in the window: what is here and what is known of it; bringing, packing, verifying."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit, QMessageBox
from shiboken6 import isValid

from tldesk.base import machine_weights_dir, user_weights_dir
from tldesk.model import CARDS
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import preset
from tldesk.run import Run
from tldesk.trainer.plan import make_plan
from tldesk.ui.weights.import_report import WeightsReport
from tldesk.ui.weights.library_dialog import WeightsLibraryDialog
from tldesk.ui.widgets.select_row import select_row

# What is asked is what a library holds that began empty; the starter has a file of its own.
pytestmark = pytest.mark.usefixtures("no_starter")
SMALL = "squeezenet1_1"


def opened_dialog(window, qtbot):
    window.show_weights()
    found = window.findChildren(WeightsLibraryDialog)[-1]
    qtbot.waitUntil(lambda: len(found.list.names) == len(CARDS))
    return found


@pytest.fixture
def dialog(window, qtbot):
    found = opened_dialog(window, qtbot)
    yield found
    if isValid(found):
        found.close()


@pytest.fixture
def real(weights_source):
    return weights_source / f"{SMALL}-imagenet.pth"


@pytest.fixture
def stick(real, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    shutil.copyfile(real, folder / "anything.pth")
    (folder / "broken.pth").write_bytes(b"no weights")
    return folder


def row(dialog, name):
    return dialog.list.table.rows[dialog.list.names.index(name)]


def reported(window, qtbot):
    qtbot.waitUntil(lambda: window.findChild(WeightsReport) is not None, timeout=60_000)
    return window.findChild(WeightsReport)


def message(window, qtbot):
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=60_000)
    return window.findChild(QMessageBox)


def test_a_folder_comes_in_and_each_file_is_told_of(dialog, window, stick, qtbot):
    dialog._importing.import_paths([stick])
    report = reported(window, qtbot)
    told = "1 file imported and checked. 1 file not imported."
    assert report.words.text() == told
    refused, taken = report.rows
    assert refused[:2] == ("broken.pth", "✗ not imported")
    assert refused[2].startswith("The file is damaged or is not a weight file. Get the file again")
    assert taken == ("anything.pth", "✓ imported: SqueezeNet 1.1", "")
    qtbot.waitUntil(lambda: row(dialog, SMALL)[1].startswith("✓ available"))
    assert row(dialog, SMALL)[4] == "your folder"
    report.close()


def test_a_file_that_is_dropped_is_imported_chosen_and_all_is_said_of_it(dialog, real, qtbot):
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(real))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dialog.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, files, button, keys))
    qtbot.waitUntil(lambda: "SHA-256" in dialog.details.facts, timeout=60_000)
    assert dialog.said.text().startswith("✓ SqueezeNet 1.1 was imported and checked")
    assert dialog.list.chosen == SMALL
    facts = dialog.details.facts
    assert facts["SHA-256"] == hashlib.sha256(real.read_bytes()).hexdigest()
    assert facts["Source"] == real.name
    assert facts["File"] == str(user_weights_dir() / f"{SMALL}.safetensors")
    assert "BSD-3-Clause" in facts["Licence"]
    assert "Runs" not in facts  # no project is open
    assert facts["Imported"]


def test_the_same_file_again_says_that_there_is_nothing_to_do(dialog, real, qtbot):
    WeightsLibrary().import_file(real)
    dialog._importing.import_paths([real])
    qtbot.waitUntil(lambda: bool(dialog.said.text()), timeout=60_000)
    assert dialog.said.text() == "SqueezeNet 1.1: nothing to do. These very weights are here already."


def test_a_refused_file_says_why_and_changes_nothing(dialog, window, stick, qtbot):
    dialog._importing.import_paths([stick / "broken.pth"])
    box = message(window, qtbot)
    assert "broken.pth: the file is damaged or is not a weight file" in box.text()
    assert "Get the file again" in box.informativeText()
    assert WeightsLibrary().present() == ()
    box.close()


def test_the_report_comes_also_when_the_library_was_closed_meanwhile(dialog, window, stick, qtbot):
    dialog._importing.import_paths([stick])
    dialog.close()
    reported(window, qtbot).close()


def test_without_weights_it_says_so_and_what_is_chosen_says_how_to_bring_it(dialog):
    assert dialog.details.title.text() == "No weights on this computer"
    assert dialog.list.count.text() == f"0 of {len(CARDS)} available"
    assert not dialog.pack_button.isEnabled()
    assert not dialog.verify_button.isEnabled()
    dialog.choose("resnet18")
    steps = dialog.details.steps.text().split("\n\n")
    assert steps[0] == "Without internet, by USB stick:"
    assert "https://download.pytorch.org/models/resnet18-f37072fd.pth" in steps[1]
    assert steps[3:] == ["3. Plug in the stick, then drop the file on this window or choose Import files."]
    assert dialog.fetch_button.isEnabled()
    assert not dialog.pack_button.isEnabled()


def test_a_backbone_is_found_by_name_and_what_is_hidden_can_still_be_chosen(dialog, qtbot):
    qtbot.keyClicks(dialog.list.search, "MOBILE")
    assert set(dialog.list.names) == {name for name in CARDS if "mobile" in name}
    select_row(dialog.list.table, 0)
    chosen = dialog.list.chosen
    qtbot.keyClicks(dialog.list.search, "no such thing")
    assert dialog.list.names == ()
    assert dialog.list.chosen == ""
    dialog.choose(chosen)
    assert dialog.list.chosen == chosen
    assert dialog.list.search.text() == ""


def test_runs_of_the_open_project_are_named(window, project, real, qtbot):
    WeightsLibrary().import_file(real)
    recipe = preset("feature_extraction", SMALL, stages=CARDS[SMALL].stage_names)
    run = Run.create(project, make_plan(project, recipe))
    window.session.open_project(project.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    dialog = opened_dialog(window, qtbot)
    dialog.choose(SMALL)
    assert row(dialog, SMALL)[5] == "1"
    assert dialog.details.facts["Runs"] == run.name
    dialog.list.only_here.setChecked(True)
    assert dialog.list.names == (SMALL,)
    assert dialog.list.chosen == SMALL
    dialog.close()


def test_everybodys_weights_are_packed_for_another_computer(real, window, tmp_path, qtbot):
    machine_weights_dir().mkdir(parents=True)
    shutil.copyfile(real, machine_weights_dir() / f"{SMALL}.pth")
    dialog = opened_dialog(window, qtbot)
    assert row(dialog, SMALL)[4] == "all users"
    dialog.choose(SMALL)
    assert dialog.pack_button.isEnabled()
    dialog.pack([dialog.list.chosen], tmp_path / "packed")
    qtbot.waitUntil(lambda: "README.txt" in dialog.said.text(), timeout=60_000)
    assert (tmp_path / "packed" / f"{SMALL}.safetensors").is_file()
    dialog.verify()
    qtbot.waitUntil(lambda: "1 file verified" in dialog.said.text(), timeout=60_000)
    assert f"No known hash to compare with for {SMALL}" in dialog.said.text()
    dialog.close()


def test_a_changed_file_is_found_by_its_hash(real, window, qtbot):
    kept = WeightsLibrary().import_file(real).path
    dialog = opened_dialog(window, qtbot)
    dialog.verify()
    qtbot.waitUntil(
        lambda: dialog.said.text() == "✓ 1 file verified, none changed or damaged.", timeout=60_000
    )
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x07")
    dialog.verify()
    box = message(window, qtbot)
    assert "changed or damaged since it was imported" in box.text()
    assert dialog.said.text() == ""
    box.close()
    dialog.close()


def test_a_download_is_asked_about_first(dialog, window, qtbot):
    dialog.choose("resnet18")
    dialog.fetch_button.click()
    box = message(window, qtbot)
    assert box.text() == "Download the weights of ResNet-18 from the internet?"
    assert not window.tasks.busy
    box.close()


def test_a_folder_without_weights_is_told(dialog, window, tmp_path, qtbot):
    dialog._importing.import_paths([tmp_path])
    box = message(window, qtbot)
    assert "there is no weight file in this folder" in box.text()
    box.close()


def test_paths_and_hashes_can_be_copied(dialog, real, qtbot):
    dialog._importing.import_paths([real])
    qtbot.waitUntil(lambda: "SHA-256" in dialog.details.facts, timeout=60_000)
    fields = {one.accessibleName(): one for one in dialog.details.findChildren(QLineEdit)}
    assert set(fields) == {"File", "SHA-256"}
    assert all(one.isReadOnly() and one.cursorPosition() == 0 for one in fields.values())
