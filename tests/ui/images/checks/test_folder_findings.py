"""Class folders that changed, as findings of the window: moved pictures accepted, an empty class deleted."""

from __future__ import annotations

import shutil

from dataset_pictures import draw_tree

from tldesk.dataset import Project


def check(window, qtbot, tmp_path, change):
    """Make a project, change its folders, scan again, open it and check."""
    pictures = draw_tree(tmp_path / "x", {"ant": 4, "bee": 4, "wasp": 4})
    with Project.create(tmp_path / "p", pictures) as made:
        made.split()
        change(pictures)
        for _ in made.scan():
            pass
    window.session.open_project(tmp_path / "p.tldesk")
    page = window.pages.images
    qtbot.waitUntil(lambda: page.grid.images.rowCount() > 0, timeout=20_000)
    page.checking.check()
    qtbot.waitUntil(lambda: bool(page.checking.findings) and not window.tasks.busy, timeout=60_000)
    return page


def choose(page, qtbot, title):
    titles = [one.title for one in page.mending.findings]
    page.side.findings.itemClicked.emit(page.side.findings.item(titles.index(title)))
    qtbot.waitUntil(page.mending.bar.isVisible)
    return {button.text(): button for button in page.mending.bar.buttons if button.isVisible()}


def classes(window):
    return dict(window.session.project.facts().class_counts)


def test_moved_pictures_get_the_class_of_their_folder_and_undo_takes_it_back(window, tmp_path, qtbot):
    def move(pictures):
        for number in range(2):
            shutil.move(pictures / f"ant/00{number}.png", pictures / f"bee/moved{number}.png")

    page = check(window, qtbot, tmp_path, move)
    buttons = choose(page, qtbot, "Not in the folder of the class")
    assert "ant → bee (2)" in page.mending.bar.words.text()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 2)
    buttons["Accept the folders"].click()
    qtbot.waitUntil(lambda: classes(window) == {"ant": 2, "bee": 6, "wasp": 4})
    window.session.undo_stack.undo()
    qtbot.waitUntil(lambda: classes(window) == {"ant": 4, "bee": 4, "wasp": 4})


def test_a_renamed_folder_renames_its_class(window, tmp_path, qtbot):
    page = check(window, qtbot, tmp_path, lambda folder: (folder / "wasp").rename(folder / "hornet"))
    buttons = choose(page, qtbot, "Not in the folder of the class")
    assert "wasp → hornet (4, the whole class)" in page.mending.bar.words.text()
    buttons["Accept the folders"].click()
    qtbot.waitUntil(lambda: classes(window) == {"ant": 4, "bee": 4, "hornet": 4})


def test_pictures_moved_out_of_all_class_folders_lose_their_label(window, tmp_path, qtbot):
    page = check(window, qtbot, tmp_path, lambda folder: (folder / "ant/000.png").rename(folder / "0.png"))
    buttons = choose(page, qtbot, "Not in the folder of the class")
    assert "ant → no label (1)" in page.mending.bar.words.text()
    buttons["Accept the folders"].click()
    qtbot.waitUntil(lambda: classes(window) == {"ant": 3, "bee": 4, "wasp": 4})


def test_a_class_whose_folder_is_gone_is_deleted(window, tmp_path, qtbot):
    page = check(window, qtbot, tmp_path, lambda folder: shutil.rmtree(folder / "wasp"))
    buttons = choose(page, qtbot, "Class without images")
    assert page.mending.bar.words.text().startswith("wasp has no images that can be used")
    buttons["Delete the class"].click()
    qtbot.waitUntil(lambda: classes(window) == {"ant": 4, "bee": 4})
