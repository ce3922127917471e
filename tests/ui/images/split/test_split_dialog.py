"""The split dialog: what belongs together, counted at once, and proposed where names or columns tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tldesk.dataset import CopyGroups, Project, Split
from tldesk.ui.images.split.split_dialog import SplitDialog


def test_the_split_dialog_counts_groups_and_splits_by_them(opened, qtbot):
    page = opened.pages.images
    page.bar.split_button.click()
    dialog = opened.findChild(SplitDialog)
    dialog.together.setCurrentIndex(dialog.together.findText("Images whose names share a part…"))
    dialog.pattern.setText(r"(\d)")
    names = [record.path.name for record in opened.session.project.images(list(page.grid.images.ids()))]
    groups = {name[0] for name in names}
    qtbot.waitUntil(lambda: dialog.groups.text().startswith(f"40 images in {len(groups)} groups of up to "))
    dialog.shares[0].setValue(60)
    assert "90 %" in dialog.problem.text()
    assert not dialog.buttons.buttons()[0].isEnabled()
    dialog.shares[2].setValue(25)
    assert dialog.buttons.buttons()[0].isEnabled()
    dialog.buttons.buttons()[0].click()

    def kept_together():
        records = opened.session.project.images(list(page.grid.images.ids()))
        splits = {}
        for record in records:
            splits.setdefault(record.group, set()).add(record.split)
        return set(splits) == groups and all(len(each) == 1 for each in splits.values())

    qtbot.waitUntil(kept_together)


@pytest.fixture
def with_copies(leaves: Path, tmp_path: Path) -> Path:
    """The leaves and a turned copy of each, named after it."""
    for path in list(leaves.rglob("*.jpg")):
        with Image.open(path) as image:
            image.rotate(180).save(path.with_name(f"{path.stem}_rot180.jpg"))
    with Project.create(tmp_path / "copies.tldesk", leaves) as made:
        made.split()
    return made.path


def test_copies_are_proposed_and_stay_with_their_originals(window, with_copies, qtbot):
    window.session.open_project(with_copies)
    page = window.pages.images
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 80)
    page.bar.split_button.click()
    dialog = window.findChild(SplitDialog)
    qtbot.waitUntil(
        lambda: dialog.together.currentText() == "Edited copies and their originals, by name (suggested)"
    )
    qtbot.waitUntil(
        lambda: dialog.groups.text().startswith("80 images in 40 groups of up to 2; for example: ")
    )
    assert "_rot180.jpg" in dialog.groups.text()
    assert dialog.group_by() == CopyGroups()
    dialog.buttons.buttons()[0].click()
    qtbot.waitUntil(lambda: window.session.project.facts().groups == 40)
    sides = {}
    for image in window.session.project.images(window.session.project.ids()):
        sides.setdefault(image.path.stem.removesuffix("_rot180"), set()).add(image.split)
    assert all(len(splits) == 1 for splits in sides.values())


def test_a_split_of_the_folders_is_kept_or_not(window, leaves, tmp_path, qtbot):
    """Twenty of the leaves lie in val/: no test set, until the split of the folders is let go."""
    for name in ("healthy", "rust"):
        for place, file in enumerate(sorted((leaves / name).iterdir())):
            target = leaves / ("val" if place % 2 else "train") / name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)
        (leaves / name).rmdir()
    with Project.create(tmp_path / "given.tldesk", leaves) as made:
        made.split()
    window.session.open_project(made.path)
    page = window.pages.images
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40)
    page.bar.split_button.click()
    dialog = window.findChild(SplitDialog)
    qtbot.waitUntil(dialog.given.isVisible)
    assert dialog.given.text() == (
        "Keep the split that folders or the table give (training 20, validation 20)"
    )
    assert dialog.given.isChecked()
    dialog.given.setChecked(False)
    dialog.buttons.buttons()[0].click()

    def test_images():
        return window.session.project.facts().split_counts.get(Split.TEST, 0)

    qtbot.waitUntil(lambda: test_images() > 0, timeout=20_000)
    page.bar.split_button.click()
    again = window.findChildren(SplitDialog)[-1]
    qtbot.waitUntil(again.given.isVisible)
    assert not again.given.isChecked(), "as the last time"
    again.reject()
