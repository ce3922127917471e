"""The Model page in the real window: freeze line, form, problems, views, weights, recipe files."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QMessageBox
from trained_run import tiny_recipe

from tldesk.recipe import Recipe
from tldesk.ui.weights.library_dialog import WeightsLibraryDialog


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=20_000)
    return page


def type_into(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def refused(page, qtbot):
    """Press Train where it cannot be done: nothing is asked for, and this control gets the keys."""
    with qtbot.assertNotEmitted(page.trainingAsked):
        page.train_button.click()
    return page.window().focusWidget()


def pixels(image):
    shown = image.convertToFormat(image.Format.Format_RGB888)
    rows = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.bytesPerLine())
    return rows[:, : shown.width() * 3].astype(int)


@pytest.mark.usefixtures("no_starter")
def test_without_weights_it_recommends_training_from_nothing_and_says_why(page, opened):
    assert page.recipe.weights == "random"
    assert opened.session.recipe == page.recipe
    assert "Import weights" in page.freeze.reasons.text()
    assert page.problems == ()
    assert page.state_line == f"{page.recipe.backbone} · everything"


def test_the_head_has_as_many_classes_as_the_project_also_after_one_is_added(page, opened, qtbot):
    before = len(opened.session.project.facts().class_counts)
    assert page.freeze.strip.head_text == f"{before} classes"
    opened.pages.images.editing.add("mildew")
    qtbot.waitUntil(lambda: page.freeze.strip.head_text == f"{before + 1} classes")


def test_every_backbone_is_listed_with_how_to_get_its_weights(page):
    names = [row.card.name for row in page.backbones.rows]
    assert {"resnet18", "mobilenet_v2", "squeezenet1_1", "vgg16", "inception_v3"} <= set(names)
    assert not any(row.present and not row.card.ships for row in page.backbones.rows)
    model = page.backbones.model()
    row = model.row_of("resnet50")
    assert [model.data(model.index(row, column)) for column in range(5)] == [
        "resnet50",
        "25.6 M",
        "224",
        "76.1 %",
        "import…",
    ]
    assert "resnet50-0676ba61.pth" in model.data(model.index(row, 0), Qt.ItemDataRole.ToolTipRole)


@pytest.mark.usefixtures("no_starter")  # of a network from nothing nothing can be frozen
def test_the_freeze_line_moves_by_key_and_the_problem_stands_beside_its_phase(page, opened, qtbot):
    strip = page.freeze.strip
    strip.setFocus()
    assert strip.line == "none"
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    second = strip.stages[1].name
    assert page.recipe.phases[-1].freeze == second
    assert "never learn" in page.form.phases.message(0)
    assert refused(page, qtbot) == page.form.phases.editor(0, "freeze")
    assert opened.session.recipe is None
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    assert page.form.phases.message(0) == ""
    assert opened.session.recipe == page.recipe


@pytest.mark.usefixtures("no_starter")
def test_pretrained_without_weights_is_a_problem_beside_the_field(page, opened, qtbot):
    weights = page.form.fields.editor("weights")
    assert isinstance(weights, QComboBox)
    weights.setCurrentText("pretrained")
    weights.activated.emit(weights.currentIndex())
    assert "not on this computer" in page.form.fields.message("weights")
    assert refused(page, qtbot) == weights
    assert opened.session.recipe is None


def test_wrong_input_stays_and_says_what_is_wrong_until_it_is_mended(page, opened, qtbot):
    line = page.form.fields.editor("batch_size")
    type_into(qtbot, line, "many")
    assert line.text() == "many"
    assert "“many” cannot be used" in page.form.fields.message("batch_size")
    assert page.recipe is None
    assert opened.session.recipe is None
    page.form.fields.editor("seed").setFocus()
    assert refused(page, qtbot) == line
    assert opened.status.words.text().startswith("Cannot train yet: ")
    type_into(qtbot, line, "99999")
    assert "at most 4096" in page.form.fields.message("batch_size")
    type_into(qtbot, line, "8")
    assert page.form.fields.message("batch_size") == ""
    assert "Cannot train yet" not in opened.status.words.text()
    assert page.recipe.batch_size == 8
    assert opened.session.recipe == page.recipe


def test_a_rate_may_have_a_comma_and_steps_by_key(page, qtbot):
    line = page.form.phases.editor(0, "learning_rate")
    type_into(qtbot, line, "0,004")
    assert page.recipe.phases[0].learning_rate == pytest.approx(0.004)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert page.recipe.phases[0].learning_rate == pytest.approx(0.002)
    assert line.text() == "0.002"


def test_phases_are_added_and_removed(page):
    page.form.phases._add_phase()
    assert len(page.recipe.phases) == 2
    first, second = page.recipe.phases
    assert second.learning_rate == pytest.approx(first.learning_rate / 10)
    page.form.phases.remove(page.form.phases._rows[1])
    assert page.recipe.phases == (first,)


def test_eight_views_differ_as_the_augmentation_says(page, opened, qtbot):
    opened.session.load_torch()
    qtbot.waitUntil(lambda: len(page.views.views) == 8, timeout=60_000)
    page._show(page.recipe.model_copy(update={"augmentation": tiny_recipe().augmentation, "input_size": 64}))
    qtbot.waitUntil(lambda: bool(page.views.views) and page.views.views[0].width() == 64, timeout=20_000)
    shown = [pixels(view) for view in page.views.views]
    plain = shown[0]
    mirrored = plain.reshape(64, 64, 3)[:, ::-1].reshape(64, 192)
    same = [np.array_equal(view, plain) for view in shown]
    other = [np.array_equal(view, mirrored) for view in shown]
    # Only mirroring is on: every view is the first one or its mirror image, and both occur.
    assert all(one or two for one, two in zip(same, other, strict=True))
    assert any(same[1:])
    assert any(other)


def _brought(page):
    return [row.card.name for row in page.backbones.rows if row.present and not row.card.ships]


def test_weights_are_imported_from_a_file_and_their_backbone_is_chosen(page, opened, weights_source, qtbot):
    opened.importing.import_paths([weights_source / "squeezenet1_1-imagenet.pth"])
    qtbot.waitUntil(lambda: any(_brought(page)), timeout=60_000)
    assert _brought(page) == ["squeezenet1_1"]
    assert page.recipe.backbone == "squeezenet1_1"
    assert page.recipe.weights == "pretrained"
    page.use_recommended()
    assert page.recipe.phases[-1].freeze == "all"
    assert "SqueezeNet 1.1" in page.freeze.reasons.text()
    # From the head alone the line moves back: two phases, so that a head that knows nothing spoils nothing.
    qtbot.keyClick(page.freeze.strip, Qt.Key.Key_Left)
    assert [phase.freeze for phase in page.recipe.phases] == ["all", page.freeze.strip.stages[-1].name]
    assert opened.session.recipe == page.recipe


def test_a_file_that_holds_no_weights_is_refused_with_a_reason(page, opened, tmp_path, qtbot):
    bad = tmp_path / "notes.pth"
    bad.write_text("no weights in here", encoding="utf-8")
    opened.importing.import_paths([bad])
    qtbot.waitUntil(lambda: opened.findChild(QMessageBox) is not None, timeout=60_000)
    box = opened.findChild(QMessageBox)
    assert "notes.pth" in box.text()
    assert "damaged or is not a weight file" in box.text()
    box.close()


def test_a_row_without_weights_opens_the_library_where_it_says_how_to_bring_them(page, opened, qtbot):
    model = page.backbones.model()
    page.backbones.activated.emit(model.index(model.row_of("resnet50"), 4))
    dialog = opened.findChild(WeightsLibraryDialog)
    qtbot.waitUntil(lambda: dialog.details.title.text() == "ResNet-50")
    assert "models/resnet50-0676ba61.pth" in dialog.details.steps.text()
    dialog.close()


def test_weights_that_are_dropped_on_the_window_come_in(page, opened, weights_source, tmp_path, qtbot):
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.copyfile(weights_source / "squeezenet1_1-imagenet.pth", stick / "anything.pth")
    opened.opener.open_paths([stick])
    qtbot.waitUntil(lambda: page.recipe.backbone == "squeezenet1_1", timeout=60_000)
    assert page.recipe.weights == "pretrained"


def test_the_button_offers_files_a_folder_and_the_library(page, opened):
    offers = [action.text() for action in page.import_button.menu().actions() if action.text()]
    assert offers == ["Import files…", "Import folder…", "Weights library…"]
    asked = []
    page.weightFilesAsked.connect(lambda: asked.append("files"))
    page.weightFolderAsked.connect(lambda: asked.append("folder"))
    for action in page.import_button.menu().actions():
        action.trigger()
    assert asked == ["files", "folder"]
    for dialog in opened.findChildren(QDialog):
        dialog.close()


def test_a_recipe_is_saved_and_loaded_again(page, tmp_path, qtbot):
    file = tmp_path / "mein rezept"
    before = page.recipe
    page.recipe_panel.save_recipe(file)
    saved = file.with_suffix(".toml")
    qtbot.waitUntil(saved.is_file)
    assert Recipe.load(saved) == before
    page._show(tiny_recipe())
    assert page.recipe == tiny_recipe()
    page.recipe_panel.load_recipe(saved)
    qtbot.waitUntil(lambda: page.recipe == before)


def test_a_ready_made_recipe_keeps_backbone_and_seed(page):
    page._show(page.recipe.model_copy(update={"seed": 7}))
    page.recipe_panel.presets.setCurrentIndex(page.recipe_panel.presets.findData("two_phase"))
    page.recipe_panel.presets.activated.emit(page.recipe_panel.presets.currentIndex())
    assert page.recipe.name == "two-phase fine-tuning"
    assert page.recipe.seed == 7
    assert page.recipe_panel.presets.currentData() == ""


def test_train_asks_the_window_to_train(page, qtbot):
    with qtbot.waitSignal(page.trainingAsked):
        page.train_button.click()
    # What the window does then is tested on the Train page.
    train = page.window().pages.train
    if train.training:
        train.stop()
    qtbot.waitUntil(lambda: not train.training, timeout=120_000)


def test_a_changed_recipe_is_there_again_when_the_project_is_opened_again(page, opened, qtbot):
    recommended, path = page.recipe, opened.session.project.path
    wanted = recommended.model_copy(update={"batch_size": 7})
    opened.session.set_recipe(wanted)
    qtbot.waitUntil((path / "recipe.toml").exists)
    opened.session.close_project()
    opened.session.open_project(path)
    qtbot.waitUntil(lambda: opened.session.recipe is not None, timeout=20_000)
    assert opened.session.recipe == wanted
    page.use_recommended()
    qtbot.waitUntil(lambda: not (path / "recipe.toml").exists())


@pytest.mark.usefixtures("no_starter")  # it begins with a phase in steps
def test_how_a_phase_is_done_is_chosen_with_its_line_and_survives_other_edits(page, qtbot):
    line = page.form.phases.editor(0, "freeze")
    assert isinstance(line, QComboBox)
    assert page.recipe.phases[0].solver == "steps"
    type_into(qtbot, page.form.fields.editor("rate_per_stage"), "0,8")
    type_into(qtbot, page.form.fields.editor("average_last"), "3")
    assert (page.recipe.rate_per_stage, page.recipe.average_last) == (0.8, 3)
    for words, solver in (("head, solved", "auto"), ("head only", "steps"), ("head, solved", "auto")):
        line.setCurrentText(words)
        line.activated.emit(line.currentIndex())
        assert page.form.phases.get()[0]["freeze"] == "all"
        assert page.form.phases.get()[0]["solver"] == solver
    type_into(qtbot, page.form.phases.editor(0, "epochs"), "7")
    assert page.form.phases.get()[0]["solver"] == "auto"
    # Without a tail there is nothing that these would say.
    assert page.form.fields.editor("rate_per_stage").isHidden()
    assert page.form.fields.editor("batch_norm").isHidden()
    assert page.form.fields.get()["rate_per_stage"] == 0.8


def test_a_solved_head_is_shown_as_such(page):
    phases = page.recipe.model_dump()["phases"]
    shown = {**phases[0], "freeze": "all", "solver": "auto"}
    page.form.phases.put([shown, {**shown, "freeze": "stage9"}])
    assert page.form.phases.editor(0, "freeze").currentText() == "head, solved"
    assert [one["solver"] for one in page.form.phases.get()] == ["auto", "auto"]
    assert page.form.phases.get()[1]["freeze"] == "stage9"
