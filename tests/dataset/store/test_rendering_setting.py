"""The project's rule for deep pictures and stacks: kept, undone, and used by the scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from dataset_pictures import draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Project
from tldesk.imaging import AS_STORED, Rendering

LUNG = Rendering("middle", "lung")


def test_the_rule_is_kept_and_undone_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "a.tldesk"
    with Project.create(path, draw_tree(tmp_path / "pictures", {"a": 2, "b": 2})) as project:
        assert project.rendering() == AS_STORED
        action = project.edit.read_pictures(LUNG)
        assert (action.verb, action.image_ids) == ("Change how pictures are read", ())
    with Project.open(path) as project:
        assert project.rendering() == project.prepared().rendering == LUNG
        assert [one.verb for one in project.edit.undo_stack()] == ["Change how pictures are read"]
        project.edit.undo()
        assert project.rendering() == AS_STORED
    with Project.open(path) as project:
        project.edit.redo()
        assert project.rendering() == project.snapshot().rendering == LUNG
        project.edit.read_pictures(AS_STORED)
        assert project.rendering() == AS_STORED
        project.edit.undo()
        assert project.rendering() == LUNG


def test_the_scan_reads_as_the_project_says(tmp_path: Path) -> None:
    pages = np.zeros((3, 40, 40), np.uint16)
    pages[1] = np.random.default_rng(0).integers(0, 4000, (40, 40))
    (tmp_path / "pictures" / "a").mkdir(parents=True)
    tifffile.imwrite(tmp_path / "pictures" / "a" / "stack.tif", pages, photometric="minisblack")
    with Project.create(tmp_path / "a.tldesk") as project:
        project.edit.read_pictures(Rendering("middle"))
        project.add_source(tmp_path / "pictures")
        list(project.scan())
        assert not project.evidence.odd_images()  # the first page is blank, the middle one is not
        content = project.image(1).content
        kept = project.prepared().kept(content)
        assert kept is not None
        assert kept.std() > 50


def test_a_rule_of_a_newer_program_is_refused_in_words(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.tldesk") as project:
        project.edit.read_pictures(LUNG)
        with project._database.write() as connection:
            connection.execute("UPDATE meta SET value = 'first pelvis' WHERE key = 'rendering'")
        with pytest.raises(
            ProblemError, match=r"does not know \(“pelvis” is not a window\)\. Install the newer version"
        ):
            project.rendering()
