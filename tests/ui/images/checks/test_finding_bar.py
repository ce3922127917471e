"""What mends a finding, by the bar above the grid and by keys of the real window."""

from __future__ import annotations

import shutil

from PIL import Image
from PySide6.QtCore import Qt

from tldesk.dataset import Filter, Mark, Project

KEY, CONTROL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def with_copies(leaves, tmp_path, *, torn=False):
    """Two copies in other formats, one identical file, one blank picture."""
    first, second, third = sorted((leaves / "rust").glob("*.jpg"))[:3]
    for one in (first, second):
        Image.open(one).resize((150, 100)).save(one.with_suffix(".png"))
    shutil.copy(third, third.with_name("same.jpg"))
    Image.new("RGB", (200, 200), "white").save(leaves / "healthy" / "white.png")
    with Project.create(tmp_path / "c.tldesk", leaves) as made:
        if torn:
            seeds = (seed for seed in range(50) if _tears(made, seed))
            assert next(seeds, None) is not None
        else:
            made.split()
    return tmp_path / "c.tldesk"


def _tears(project, seed):
    from tldesk.dataset import check

    project.split(tie_alike=False, seed=seed)
    return any(one.kind == "near_duplicate" for one in check(project).leakage)


def check(window, qtbot, path):
    window.session.open_project(path)
    qtbot.waitUntil(lambda: window.pages.images.grid.images.rowCount() == 44, timeout=20_000)
    page = window.pages.images
    page.checking.check()
    qtbot.waitUntil(lambda: bool(page.checking.findings) and not window.tasks.busy, timeout=60_000)
    return page


def titles(page):
    return [one.title for one in page.mending.findings]


def choose(page, qtbot, title):
    place = titles(page).index(title)
    page.side.findings.itemClicked.emit(page.side.findings.item(place))
    wanted = list(page.mending.findings[place].ids)
    qtbot.waitUntil(lambda: not wanted or list(page.grid.images.ids()) == wanted)


def button(page, words):
    return next(one for one in page.mending.bar.buttons if one.text() == words)


def test_near_duplicates_come_into_one_group_by_a_key_and_undo_lists_them_again(
    window, leaves, tmp_path, qtbot
):
    page = check(window, qtbot, with_copies(leaves, tmp_path))
    project = window.session.project
    choose(page, qtbot, "Near duplicates")
    bar = page.mending.bar
    assert bar.isVisible()
    assert bar.title.text() == "Near duplicates · 2 sets, 4 images"
    stems = [image.path.stem for image in project.images(list(page.grid.images.ids()))]
    assert stems[0] == stems[1], "copies stand together, not sorted by name"
    assert stems[2] == stems[3]
    said = []
    page.said.connect(said.append)
    qtbot.keyClick(window, KEY.Key_G, CONTROL)
    qtbot.waitUntil(lambda: "Near duplicates" not in titles(page))
    assert project.facts().groups == 2
    assert said == ["Put 4 images in 2 groups: they stay in the same split"]
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 44)
    assert window.session.undo_stack.undoText() == "Put 4 images in 2 groups"
    window.session.undo_stack.undo()
    qtbot.waitUntil(lambda: "Near duplicates" in titles(page))
    assert project.facts().groups == 0


def test_a_mend_of_many_images_is_done_beside_the_window_and_undone_like_any_other(
    window, leaves, tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr("tldesk.ui.session.undo_history.FEW", 3)
    page = check(window, qtbot, with_copies(leaves, tmp_path))
    choose(page, qtbot, "Near duplicates")
    button(page, "Put in the same group").click()
    qtbot.waitUntil(lambda: "Near duplicates" not in titles(page))
    assert window.session.undo_stack.undoText() == "Put 4 images in 2 groups"
    window.session.undo_stack.undo()
    qtbot.waitUntil(lambda: "Near duplicates" in titles(page))
    assert window.session.project.facts().groups == 0


def test_a_mend_is_for_the_selected_sets_where_several_images_are_selected(window, leaves, tmp_path, qtbot):
    page = check(window, qtbot, with_copies(leaves, tmp_path))
    choose(page, qtbot, "Near duplicates")
    page.grid.go_to(0)
    qtbot.keyClick(page.grid, KEY.Key_Right, SHIFT)
    assert page.mending.bar.title.text() == "Near duplicates · 1 of 2 sets selected"
    button(page, "Exclude all but one of each").click()
    project = window.session.project
    qtbot.waitUntil(lambda: project.count(Filter(mark=Mark.EXCLUDED)) == 1)
    (gone,) = project.images(project.ids(Filter(mark=Mark.EXCLUDED)))
    assert gone.path.suffix == ".png", "the larger one stays"
    qtbot.waitUntil(lambda: page.mending.bar.title.text() == "Near duplicates · 1 set, 2 images")
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 2)


def test_blank_pictures_are_excluded_or_left_and_brought_back(window, leaves, tmp_path, qtbot):
    page = check(window, qtbot, with_copies(leaves, tmp_path))
    project = window.session.project
    choose(page, qtbot, "Blank images")
    assert "single tone" in page.mending.bar.words.text()
    button(page, "Dismiss").click()
    qtbot.waitUntil(lambda: "Blank images" not in titles(page) and titles(page)[-1] == "Dismissed")
    assert project.count(Filter(mark=Mark.EXCLUDED)) == 0
    choose(page, qtbot, "Dismissed")
    button(page, "Restore all").click()
    qtbot.waitUntil(lambda: "Blank images" in titles(page) and "Dismissed" not in titles(page))
    choose(page, qtbot, "Blank images")
    qtbot.keyClick(window, KEY.Key_Delete, CONTROL)
    qtbot.waitUntil(lambda: "Blank images" not in titles(page))
    assert project.count(Filter(mark=Mark.EXCLUDED)) == 1
    for _ in range(3):
        window.session.undo_stack.undo()
    assert project.count(Filter(mark=Mark.EXCLUDED)) == 0
    qtbot.waitUntil(lambda: "Blank images" in titles(page))


def test_copies_on_two_sides_are_put_together_and_split_again(window, leaves, tmp_path, qtbot):
    page = check(window, qtbot, with_copies(leaves, tmp_path, torn=True))
    project = window.session.project
    choose(page, qtbot, "Leaks between splits")
    said = []
    page.said.connect(said.append)
    button(page, "Put in the same group").click()
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].endswith("Some are in different splits: split again (Ctrl+Shift+S)")
    qtbot.waitUntil(lambda: "Groups in several splits" in titles(page))
    choose(page, qtbot, "Groups in several splits")
    assert [one.text() for one in page.mending.bar.buttons] == ["Split again…", "Dismiss"]
    button(page, "Split again…").click()
    dialog = page.splitting.dialog
    dialog.together.setCurrentIndex(0)
    split = dialog.buttons.buttons()[0]
    qtbot.waitUntil(split.isEnabled)
    split.click()
    qtbot.waitUntil(lambda: not {"Groups in several splits", "Leaks between splits"} & set(titles(page)))
    sides = {}
    for image in project.images(project.ids()):
        if image.group is not None:
            sides.setdefault(image.group, set()).add(image.split)
    assert sides
    assert all(len(found) == 1 for found in sides.values())


def test_a_label_that_ends_a_contradiction_ends_the_finding(window, leaves, tmp_path, qtbot):
    path = with_copies(leaves, tmp_path)
    with Project.open(path) as project:
        same = next(one for one in project.images(project.ids()) if one.path.name == "same.jpg")
        project.edit.label([same.id], project.classes[0].id)
    page = check(window, qtbot, path)
    choose(page, qtbot, "Conflicting labels")
    assert page.grid.images.rowCount() == 2
    page.grid.go_to(list(page.grid.images.ids()).index(same.id))
    qtbot.keyClicks(page.grid, "2")
    qtbot.waitUntil(lambda: "Conflicting labels" not in titles(page))
    assert "Duplicates" in titles(page)


def test_selected_images_are_put_in_a_group_and_taken_out_again(opened, qtbot):
    page, project = opened.pages.images, opened.session.project
    page.grid.go_to(0)
    said = []
    page.said.connect(said.append)
    page.judging.put_together()
    assert said == ["A group needs at least two images: select those that belong together"]
    qtbot.keyClick(page.grid, KEY.Key_Right, SHIFT)
    page.judging.put_together()
    chosen = page.grid.selected_ids()
    assert len({image.group for image in project.images(chosen)} - {None}) == 1
    assert opened.session.undo_stack.undoText() == "Put 2 images in the same group"
    page.judging.take_apart()
    assert {image.group for image in project.images(chosen)} == {None}
    assert project.history(chosen[0])[-1].field == "group"
    page.grid.go_to(0)
    qtbot.waitUntil(lambda: "Group: together 1 → none" in page.inspector.history.text().replace("\u200b", ""))


def test_findings_of_another_page_have_no_bar(opened, qtbot):
    page = opened.pages.images
    ids = opened.session.project.ids()
    page.show_images([ids[5], ids[2]], "wrong ones")
    qtbot.waitUntil(lambda: list(page.grid.images.ids()) == [ids[5], ids[2]])
    assert not page.mending.bar.isVisible()
    assert titles(page) == ["wrong ones"]
    page.mending.let_go()
    page.refresh()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40)
