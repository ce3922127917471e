"""The recipe form in the real window: what fields say, heads, kinds of pictures, beginning from a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QMessageBox
from trained_run import tiny_recipe

from tldesk.cli.main import main
from tldesk.dataset import Filter, Split
from tldesk.recipe import DOMAINS, augmentation_for, field_help, preset
from tldesk.run import Run
from tldesk.trainer.plan import make_plan
from tldesk.ui.model.views_dialog import ViewsDialog

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=20_000)
    return page


def choose(box, data):
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def type_into(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_every_field_says_what_it_does_where_the_keys_are(page):
    hint, form = page.recipe_panel.hint, page.form
    assert "training images" in hint.text()
    for path in ("batch_size", "head.kind", "mixup", "augmentation.hue"):
        form.fields.editor(path).setFocus()
        assert field_help(path).description in hint.text()
    form.augmentation.editor("augmentation.zoom").setFocus()
    assert hint.text() == f"Zoom: {field_help('augmentation.zoom').description}"
    form.phases.editor(0, "learning_rate").setFocus()
    assert field_help("phases.0.learning_rate").description in hint.text()
    page.train_button.setFocus()
    assert "training images" in hint.text()


def test_every_field_of_a_recipe_is_in_the_form(page):
    shown = {*page.form.fields.get(), *page.form.augmentation.get()}
    flat = {path for path, _value in _flat(page.recipe.model_dump())}
    assert flat - shown == {"schema_version", "name", "backbone", "phases", "columns"}
    assert page.form.columns.get() == page.recipe.columns
    assert set(page.form.phases.get()[0]) == set(page.recipe.phases[0].model_dump())


def _flat(document, before=""):
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def test_a_dense_head_comes_with_256_units_and_a_dropout_of_a_half(page, qtbot):
    fields = page.form.fields
    choose(fields.editor("head.kind"), "dense")
    assert (page.recipe.head.kind, page.recipe.head.hidden, page.recipe.head.dropout) == ("dense", 256, 0.5)
    type_into(qtbot, fields.editor("head.hidden"), "64")
    type_into(qtbot, fields.editor("head.dropout"), "0.3")
    assert (page.recipe.head.hidden, page.recipe.head.dropout) == (64, 0.3)


def test_neighbours_have_their_own_field_and_need_everything_frozen(page, qtbot):
    fields = page.form.fields
    page._show(preset("two_phase", "resnet18", stages=STAGES))
    choose(fields.editor("head.kind"), "knn")
    assert fields.editor("head.hidden").isHidden()
    assert fields.editor("head.dropout").isHidden()
    assert not fields.editor("head.neighbours").isHidden()
    assert "no stage can be trained" in fields.message("head.kind")
    type_into(qtbot, fields.editor("head.neighbours"), "7")
    choose(page.form.phases.editor(1, "freeze"), "all")
    assert fields.message("head.kind") == ""
    assert page.recipe.head.neighbours == 7
    assert "nearest training images vote" in page.freeze.trained_text.text()
    choose(fields.editor("head.kind"), "linear")
    assert fields.editor("head.neighbours").isHidden()
    assert not fields.editor("head.dropout").isHidden()


def test_mixup_of_a_solved_head_is_told_beside_it(page, qtbot):
    page._show(preset("feature_extraction", "resnet18", stages=STAGES))
    type_into(qtbot, page.form.fields.editor("mixup"), "0.2")
    assert "solved" in page.form.fields.message("mixup")
    choose(page.form.phases.editor(0, "freeze"), "all")
    assert page.form.fields.message("mixup") == ""


def test_an_empty_batch_size_is_chosen_by_the_memory(page, qtbot):
    line = page.form.fields.editor("batch_size")
    type_into(qtbot, line, "24")
    assert page.recipe.batch_size == 24
    line.clear()
    line.textEdited.emit("")
    assert page.recipe.batch_size == "auto"
    assert line.placeholderText() == "automatic"
    type_into(qtbot, line, "auto")
    assert page.recipe.batch_size == "auto"
    page._show(page.recipe.model_copy(update={"batch_size": 8}))
    assert line.text() == "8"


def test_changes_for_a_kind_of_picture_are_one_choice_and_say_why(page, qtbot):
    panel = page.augmentation
    for domain in DOMAINS:
        choose(panel.domains, domain.name)
        assert page.recipe.augmentation == domain.augmentation
        assert panel.why.text() == domain.why
    choose(panel.domains, "leaf")
    assert page.form.fields.get()["augmentation.hue"] == augmentation_for("leaf").hue
    type_into(qtbot, page.form.augmentation.editor("augmentation.rotation"), "44")
    assert panel.domains.currentData() == ""


def test_pictures_are_stepped_through_and_selected_ones_come_first(page, opened, qtbot):
    opened.session.load_torch()
    qtbot.waitUntil(lambda: len(page.views.views) == 8, timeout=60_000)
    panel = page.augmentation
    count = int(panel.caption.text().split()[-1])
    first = panel.caption.toolTip()
    panel.next_button.click()
    qtbot.waitUntil(lambda: panel.caption.text() == f"image 2 of {count}", timeout=20_000)
    assert panel.caption.toolTip() != first
    panel.previous_button.click()
    qtbot.waitUntil(lambda: panel.caption.text() == f"image 1 of {count}", timeout=20_000)
    panel.previous_button.click()
    qtbot.waitUntil(lambda: panel.caption.text() == f"image {count} of {count}", timeout=20_000)
    opened.show_page(0)
    grid = opened.pages.images.grid
    project = opened.session.project
    training = project.ids(Filter(split=Split.TRAIN))
    grid.go_to(grid.images.row_of(training[4]))
    chosen = project.images(grid.selected_ids())[0].path
    opened.show_page(1)
    qtbot.waitUntil(lambda: panel.caption.toolTip() == str(chosen), timeout=20_000)
    # It is one of the training images too, and is not shown twice.
    assert panel.caption.text() == f"image 1 of {len(training)}"


def test_a_recipe_is_begun_from_a_run(page, opened, qtbot):
    project = opened.session.project
    recipe = tiny_recipe().model_copy(update={"name": "von gestern", "label_smoothing": 0.1})
    Run.create(project, make_plan(project, recipe, device="cpu"))
    opened.session.runsChanged.emit()
    box = page.recipe_panel.presets
    qtbot.waitUntil(lambda: any("von gestern" in box.itemText(at) for at in range(box.count())))
    (at,) = [at for at in range(box.count()) if "von gestern" in box.itemText(at)]
    assert box.itemText(at) == "run 1: von gestern"
    box.setCurrentIndex(at)
    box.activated.emit(at)
    assert page.recipe == recipe
    assert box.currentText() == "Preset or earlier run…"


def typed_rate(page, qtbot, _tmp_path):
    type_into(qtbot, page.form.phases.editor(0, "learning_rate"), "10")
    return lambda: page.form.phases.message(0)


def typed_batch(page, qtbot, _tmp_path):
    type_into(qtbot, page.form.fields.editor("batch_size"), "0")
    return lambda: page.form.fields.message("batch_size")


def opened_backbone(page, qtbot, tmp_path):
    file = tmp_path / "wrong.toml"
    page.recipe.model_copy(update={"backbone": "resnet99"}).save(file)
    page.recipe_panel.load_recipe(file)
    qtbot.waitUntil(lambda: not page.backbone_problem.isHidden())
    return page.backbone_problem.text


def opened_line(page, qtbot, tmp_path):
    phases = (page.recipe.phases[0].model_copy(update={"freeze": "head"}),)
    file = tmp_path / "wrong.toml"
    page.recipe.model_copy(update={"phases": phases}).save(file)
    page.recipe_panel.load_recipe(file)
    qtbot.waitUntil(lambda: bool(page.form.phases.message(0)))
    return lambda: page.form.phases.message(0)


def empty_class(page, qtbot, _tmp_path):
    page.window().pages.images.editing.add("mildew")
    qtbot.waitUntil(lambda: bool(page.problem_line.text()), timeout=20_000)
    return page.problem_line.text


WRONG = {
    typed_rate: ("--set", "phases.0.learning_rate=10"),
    typed_batch: ("--set", "batch_size=0"),
    opened_backbone: ("--set", "backbone=resnet99"),
    opened_line: ("--set", "phases.0.freeze=head"),
    empty_class: (),
}


@pytest.mark.parametrize("make", WRONG, ids=lambda make: make.__name__)
def test_a_wrong_recipe_is_refused_beside_its_field_and_by_the_command_line_in_the_same_words(
    make, page, opened, qtbot, tmp_path, capsys
):
    told = make(page, qtbot, tmp_path)().removeprefix("⚠ ")
    assert told[0] == told[0].upper(), (
        "beside the field it is a sentence; in the shell it follows the field's name"
    )
    told = told[1:]
    assert opened.session.recipe is None
    with qtbot.assertNotEmitted(page.trainingAsked):
        page.train_button.click()
    assert main(["train", str(opened.session.project.path), *WRONG[make]]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


def tab_order(window, first, number):
    """The controls that Tab comes to, from ``first`` on."""
    first.setFocus()
    found = [first]
    while len(found) < number:
        window.focusNextChild()
        found.append(window.focusWidget())
    return found


def test_tab_goes_through_the_recipe_as_it_is_read(page, opened, tmp_path, qtbot):
    page._show(page.recipe.model_copy(update={"phases": page.recipe.phases * 2}))
    qtbot.waitUntil(lambda: page.form.phases.editor(1, "epochs").isVisible())
    phases, panel, tools = page.form.phases, page.recipe_panel, page.tools
    names = ("freeze", "epochs", "learning_rate", "schedule", "warmup_epochs")
    found = tab_order(opened, panel.save_button, 17)
    assert found[1] == tools.search_button
    assert found[2:7] == [phases.editor(0, name) for name in names]
    assert found[8:13] == [phases.editor(1, name) for name in names]
    assert [one.accessibleName() for one in (found[7], found[13])] == ["Remove phase 1", "Remove phase 2"]
    assert found[14:] == [phases.add_button, tools.rate_button, page.form.fields.editor("weights")]
    assert tab_order(opened, tools.rank_button, 2)[1] == page.import_button


def test_wrong_values_of_a_recipe_file_stand_in_their_fields(page, opened, tmp_path, qtbot):
    file = tmp_path / "by hand.toml"
    text = page.recipe.model_copy(update={"seed": 41}).to_toml()
    for before, after in (
        (f"learning_rate = {page.recipe.phases[0].learning_rate}", "learning_rate = 10"),
        (f"batch_size = {page.recipe.batch_size}", "batch_size = 0"),
        ('fit = "crop"', 'fit = "squash"'),
    ):
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    page.recipe_panel.load_recipe(file)
    qtbot.waitUntil(lambda: bool(page.form.phases.message(0)))
    assert opened.findChild(QMessageBox) is None
    assert "at most 1" in page.form.phases.message(0)
    assert "at least 1" in page.form.fields.message("batch_size")
    assert "'squash' is not one of the choices" in page.form.fields.message("fit")
    assert page.form.fields.editor("fit").currentText() == "squash"
    assert "3 fields to fix" in page.problem_line.text()
    assert opened.session.recipe is None
    assert opened.focusWidget() == page.form.phases.editor(0, "learning_rate")
    type_into(qtbot, page.form.phases.editor(0, "learning_rate"), "0.002")
    type_into(qtbot, page.form.fields.editor("batch_size"), "12")
    choose(page.form.fields.editor("fit"), "letterbox")
    assert (page.recipe.seed, page.recipe.batch_size, page.recipe.fit) == (41, 12, "letterbox")
    assert opened.session.recipe == page.recipe


def test_a_recipe_file_with_more_than_wrong_values_is_refused_with_its_reasons(page, opened, tmp_path, qtbot):
    before = page.recipe
    file = tmp_path / "odd.toml"
    file.write_text(f"colour = 3\n{before.to_toml()}", encoding="utf-8")
    page.recipe_panel.load_recipe(file)
    qtbot.waitUntil(lambda: opened.findChild(QMessageBox) is not None)
    box = opened.findChild(QMessageBox)
    assert "odd.toml" in box.text()
    assert "colour" in box.text()
    box.close()
    assert page.recipe == before


def test_the_views_are_seen_large_and_other_pictures_from_there(page, opened, qtbot):
    opened.session.load_torch()
    qtbot.waitUntil(lambda: len(page.views.views) == 8, timeout=60_000)
    page.views.setFocus()
    qtbot.keyClick(page.views, Qt.Key.Key_Return)
    dialog = opened.findChild(ViewsDialog)
    assert dialog.isVisible()
    size = page.views.views[0].width()
    assert all(place.width() >= size for place in dialog.views.places()), (
        "not smaller than the network sees it"
    )
    assert dialog.views.views == page.views.views
    assert dialog.words.text().startswith("image 1 of ")
    first = dialog.views.views
    qtbot.keyClick(dialog, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: dialog.words.text().startswith("image 2 of "), timeout=20_000)
    assert dialog.views.views != first
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: opened.findChild(ViewsDialog) is None)
    # A click does it too.
    qtbot.mouseClick(page.views, Qt.MouseButton.LeftButton)
    assert opened.findChild(ViewsDialog).isVisible()
    opened.findChild(ViewsDialog).reject()
