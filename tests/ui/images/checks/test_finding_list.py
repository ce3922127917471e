"""What a check found, as the Images page lists it: each finding with its images."""

from __future__ import annotations

from PIL import Image

from tldesk.dataset import Project
from tldesk.ui.images.checks.finding_list import check_project


def test_odd_pictures_and_torn_groups_are_listed_with_their_images(leaves, tmp_path):
    for place, path in enumerate(sorted(leaves.rglob("*.jpg"))):
        path.rename(path.with_name(f"plant{place // 2}_{place % 2}.jpg"))
    Image.new("RGB", (200, 200), "white").save(leaves / "rust" / "white.png")
    with Project.create(tmp_path / "c.tldesk", leaves) as project:
        project.split(tie_alike=False)
        found = {one.title: one for one in check_project(project)}
        blank = project.images(found["Blank images"].ids)
        torn = project.images(found["Similar names"].ids)
    assert [image.path.name for image in blank] == ["white.png"]
    assert "their names" in found["Similar names"].words
    sides = {}
    for image in torn:
        sides.setdefault(image.path.name.split("_")[0], set()).add(image.split)
    assert sides
    assert all(len(splits) == 2 for splits in sides.values())
