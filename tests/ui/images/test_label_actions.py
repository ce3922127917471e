"""Marks, notes, classes, the large picture and second readers, by keys and menus of the real window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu

from tldesk.dataset import Filter, Mark
from tldesk.ui.images.note_dialog import NoteDialog
from tldesk.ui.images.readers.agreement_dialog import AgreementDialog
from tldesk.ui.session.operation_changes import OperationChanges


def press(qtbot, widget, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(widget, key, modifier)


def marks_at(window, row):
    grid = window.pages.images.grid
    return window.session.project.image(grid.images.id_at(row)).marks


def lines(menu):
    return [action.text().split("\t")[0] for action in menu.actions() if not action.isSeparator()]


def test_a_question_mark_marks_unsure_and_delete_excludes_and_both_are_undone(opened, qtbot):
    page, grid = opened.pages.images, opened.pages.images.grid
    grid.go_to(1)
    qtbot.keyClicks(grid, "?")
    assert marks_at(opened, 1) == {Mark.UNSURE}
    press(qtbot, grid, Qt.Key.Key_Delete)
    assert marks_at(opened, 1) == {Mark.UNSURE, Mark.EXCLUDED}
    qtbot.waitUntil(lambda: page.counting.counts.of_view[2] == 1 and page.counting.counts.of_view[6] == 1)
    assert page.counting.counts.of_class == (19, 20), "an excluded image does not count"
    qtbot.waitUntil(lambda: len(grid.images.record(1).marks) == 2)
    assert grid.painter.words_of(grid.images.record(1)) == "excluded · healthy"
    press(qtbot, grid, Qt.Key.Key_Delete)
    assert marks_at(opened, 1) == {Mark.UNSURE}
    for _ in range(3):
        opened.session.undo_stack.undo()
    assert marks_at(opened, 1) == set()
    assert opened.session.undo_stack.redoText() == "Mark 1 image as unsure"


def test_several_images_are_excluded_together_and_only_all_marked_ones_come_back(opened, qtbot):
    grid = opened.pages.images.grid
    grid.go_to(0)
    press(qtbot, grid, Qt.Key.Key_Delete)
    press(qtbot, grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    press(qtbot, grid, Qt.Key.Key_Delete)
    assert marks_at(opened, 0) == marks_at(opened, 1) == {Mark.EXCLUDED}
    press(qtbot, grid, Qt.Key.Key_Delete)
    assert marks_at(opened, 0) == marks_at(opened, 1) == set()


def test_letters_are_the_keys_of_the_tenth_class_and_later(opened, qtbot):
    page = opened.pages.images
    for number in range(3, 12):
        page.editing.add(f"class {number}")
    qtbot.waitUntil(lambda: len(page.class_names()) == 11)
    page.grid.go_to(0)
    qtbot.keyClicks(page.grid, "b")
    assert opened.session.project.image(page.grid.images.id_at(0)).class_name == "class 11"
    said = []
    page.said.connect(said.append)
    qtbot.keyClicks(page.grid, "z")
    assert said == ["There is no class with the key z"]


def test_a_class_is_merged_moved_and_deleted_from_its_menu(opened, qtbot):
    page = opened.pages.images
    page.editing.add("mildew")
    qtbot.waitUntil(lambda: page.class_names() == ("healthy", "rust", "mildew"))
    menu = QMenu(page)
    page.editing.fill(menu, 1)
    assert lines(menu) == ["Rename…", "Change colour…", "Move up", "Move down", "Merge into", "Delete"]
    menu.deleteLater()
    page.editing.move(2, -1)
    qtbot.waitUntil(lambda: page.class_names() == ("healthy", "mildew", "rust"))
    page.editing.merge(2, 1)
    qtbot.waitUntil(
        lambda: page.counting.counts.of_class == (20, 20) and page.class_names() == ("healthy", "mildew")
    )
    said = []
    page.said.connect(said.append)
    page.editing.delete(0)
    qtbot.waitUntil(lambda: page.class_names() == ("mildew",))
    assert said == ["“healthy” deleted; 20 images now unlabelled. Can be undone (Ctrl+Z)"]
    page.editing.recolour_to(page.counting.counts.classes[0], "#123456")
    qtbot.waitUntil(lambda: page.grid.painter.classes[page.counting.counts.classes[0].id].colour == "#123456")
    for _ in range(5):
        opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: page.class_names() == ("healthy", "rust"))
    qtbot.waitUntil(lambda: page.counting.counts.of_class == (20, 20))


def test_alt_and_arrows_move_the_class_in_the_list(opened, qtbot):
    page = opened.pages.images
    qtbot.waitUntil(lambda: page.side.classes.count() == 2)
    page.side.classes.setFocus()
    page.side.classes.setCurrentRow(0)
    press(qtbot, page.side.classes, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: page.class_names() == ("rust", "healthy"))


def test_a_split_can_be_undone(opened, qtbot):
    project = opened.session.project
    before = [one.split for one in project.images(project.ids())]
    page = opened.pages.images
    page.split()
    dialog = page.splitting.dialog
    dialog.seed.setValue(dialog.seed.value() + 7)
    split = dialog.buttons.buttons()[0]
    qtbot.waitUntil(split.isEnabled)
    split.click()
    qtbot.waitUntil(opened.session.undo_stack.canUndo)
    assert opened.session.undo_stack.undoText() == "Split the images"
    assert [one.split for one in project.images(project.ids())] != before
    opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: not opened.session.tasks.writing)
    assert [one.split for one in project.images(project.ids())] == before


def test_one_picture_large_with_the_same_keys_zoom_and_back(opened, qtbot):
    page, grid = opened.pages.images, opened.pages.images.grid
    grid.go_to(0)
    qtbot.waitUntil(lambda: grid.images.record(0) is not None)
    press(qtbot, grid, Qt.Key.Key_Return)
    assert page.middle.currentWidget() is page.large
    qtbot.waitUntil(lambda: page.large.has_picture)
    fitted = page.large.scale
    qtbot.keyClicks(page.large, "+")
    assert page.large.scale > fitted
    page.large.zoom(-5)
    assert page.large.scale == fitted, "no further away than the whole picture"
    under = QPointF(40, 50)
    kept = page.large._in_picture(under)
    page.large.zoom(4, under)
    assert (page.large._in_picture(under) - kept).manhattanLength() < 1, "the point under the mouse stays"
    press(qtbot, page.large, Qt.Key.Key_2)
    assert opened.session.project.image(grid.images.id_at(0)).class_name == "rust"
    assert grid.currentIndex().row() == 1
    qtbot.waitUntil(lambda: "2 of 40" in page.large.accessibleDescription())
    press(qtbot, page.large, Qt.Key.Key_Left)
    assert grid.currentIndex().row() == 0
    qtbot.waitUntil(lambda: "rust" in page.large.accessibleDescription())
    qtbot.keyClicks(page.large, "?")
    assert marks_at(opened, 0) == {Mark.UNSURE}
    press(qtbot, page.large, Qt.Key.Key_Escape)
    assert page.middle.currentWidget() is grid
    assert grid.hasFocus()


def test_a_note_is_kept_shown_and_images_are_chosen_by_it(opened, qtbot):
    page, project = opened.pages.images, opened.session.project
    page.grid.go_to(0)
    press(qtbot, page.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    page.judging.ask_note()
    dialog = page.findChild(NoteDialog)
    dialog.column.setEditText("site")
    dialog.value.setEditText("north")
    dialog.accept()
    ids = [page.grid.images.id_at(row) for row in (0, 1)]
    assert [one.metadata["site"] for one in project.images(ids)] == ["north", "north"]
    opened.session.imagesChanged.emit()
    qtbot.waitUntil(lambda: page.side.columns.findText("site") >= 0)
    page.side.columns.setCurrentIndex(page.side.columns.findText("site"))
    page.side.columns.activated.emit(page.side.columns.currentIndex())
    page.side.values._pressed(page.side.values.item(0))
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 2)
    opened.session.undo_stack.undo()
    assert project.images(ids)[0].metadata == {}


def inspected(page) -> list[str]:
    facts = page.inspector.facts
    return [facts.itemAt(row, facts.ItemRole.FieldRole).widget().text() for row in range(facts.rowCount())]


def test_a_second_reader_sees_no_labels_and_disagreements_are_shown(opened, qtbot):
    page, project = opened.pages.images, opened.session.project
    page.grid.go_to(0)
    qtbot.waitUntil(lambda: "healthy" in inspected(page))
    page.reading.begin(" Ada ")
    assert inspected(page) == [], "not for a moment longer"
    assert page.inspector.history.text() == ""
    qtbot.waitUntil(lambda: page.counting.counts.of_class == (0, 0))
    qtbot.waitUntil(lambda: page.grid.images.record(0) is not None)
    assert page.grid.painter.words_of(page.grid.images.record(0)) == "unlabelled"
    assert "healthy" not in page.grid.images.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "healthy" not in page.grid.images.index(0).data(Qt.ItemDataRole.ToolTipRole)
    page.grid.go_to(0)
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_1):
        press(qtbot, page.grid, key)
    qtbot.waitUntil(lambda: page.counting.counts.of_class == (2, 1))
    assert "3 of 40" in page.reading.bar.words.text()
    first = project.ids()[:3]
    qtbot.waitUntil(lambda: page.inspector.name.text() != "No image selected")
    assert not any("healthy" in one for one in inspected(page))
    assert page.inspector.history.text() == ""
    assert [one.class_name for one in project.images(first)] == ["healthy"] * 3, "the labels stay"
    page.reading.bar.agreement.click()
    dialog = page.findChild(AgreementDialog)
    qtbot.waitUntil(lambda: dialog.table.rows != ())
    assert dialog.table.rows[0][:3] == ("project labels and Ada", "3", "66.7 %")
    dialog.show_them.click()
    qtbot.waitUntil(lambda: list(page.grid.images.ids()) == [first[1]])
    assert not page.reading.bar.isVisible()
    assert page.grid.painter.reader is None
    opened.session.undo_stack.undo()
    assert project.ids(Filter(reader="Ada", unlabelled=True))[:1] == [first[2]]


def test_the_menu_of_an_image_has_its_classes_and_marks(opened, qtbot):
    page = opened.pages.images
    page.grid.go_to(0)
    qtbot.waitUntil(lambda: page.class_names() != ())
    menu = QMenu(page)
    page.judging.menu(menu)
    assert lines(menu) == [
        "View large",
        "healthy",
        "rust",
        "Clear the label",
        "Unsure",
        "Exclude or include",
        "Note a value…",
        "Put in the same group",
        "Remove from their group",
        "Show in folder",
    ]
    next(action for action in menu.actions() if action.text().startswith("rust")).trigger()
    menu.deleteLater()
    assert opened.session.project.image(page.grid.images.id_at(0)).class_name == "rust"


def test_a_network_looks_at_the_images_and_its_doubts_are_shown(opened, trained_weights, qtbot):
    opened.session.library.import_file(trained_weights / "mobilenet_v2-imagenet.pth")
    page, project = opened.pages.images, opened.session.project
    healthy, rust = project.classes
    wrong = project.ids(Filter(class_id=healthy.id))[7]
    project.edit.label([wrong], rust.id)
    opened.actions_.by_words["Check with a network"].trigger()
    qtbot.waitUntil(lambda: not opened.tasks.busy and page.bar.check_button.isEnabled(), timeout=60_000)
    found = {one.title: one for one in page.checking.findings}
    doubts = found["Doubtful labels"]
    assert wrong in doubts.ids
    assert doubts.name == "Doubtful labels"
    place = page.checking.findings.index(doubts)
    page.side.findings.choose(place)
    page.refresh()
    qtbot.waitUntil(lambda: set(page.grid.images.ids()) == set(doubts.ids), timeout=20_000)
    opened.session.change(
        "Label", lambda edit: edit.label([wrong], healthy.id), OperationChanges(labels=(wrong,))
    )
    qtbot.waitUntil(lambda: page.checking.findings[place].name == "Doubtful labels · 1 changed")
    assert page.side.findings.chosen == place, "whoever works through them stays where they are"
    assert set(page.grid.images.ids()) == set(doubts.ids)
    opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: page.checking.findings[place].name == "Doubtful labels")
