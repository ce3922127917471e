"""A project with a really trained run, made once for all tests of the Evaluate and Predict pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_once import made_once

from tldesk.dataset import Project
from tldesk.recipe import Augmentation, HeadSpec, Phase, Recipe
from tldesk.run import Run


def tiny_recipe(epochs: int = 2, name: str = "tiny") -> Recipe:
    """Everything from nothing, on small pictures: some seconds on one core."""
    return Recipe(
        name=name,
        backbone="squeezenet1_1",
        weights="random",
        phases=(Phase(freeze="none", epochs=epochs, learning_rate=0.002),),
        head=HeadSpec(dropout=0.0),
        batch_size=8,
        input_size=64,
        augmentation=Augmentation(flip_horizontal=True),
    )


def copy_leaves(some_photos: dict[str, list[Path]], root: Path, each: int) -> Path:
    """Photos of leaves, ``each`` of two classes, in splits of their own."""
    for name in ("healthy", "rust"):
        for place, path in enumerate(some_photos[name][:each]):
            split = ("train", "train", "val", "test")[place % 4]
            target = root / split / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return root


@pytest.fixture(scope="session")
def trained_folder(some_photos: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project with one finished run: this process's copy of it."""
    made = made_once(tmp_path_factory, "trained", lambda root: _train(some_photos, root))
    return Path(shutil.copytree(made / "leaves.tldesk", tmp_path_factory.mktemp("trained") / "leaves.tldesk"))


def _train(some_photos: dict[str, list[Path]], root: Path) -> None:
    from tldesk.trainer.plan import make_plan

    leaves = copy_leaves(some_photos, root / "leaves", 16)
    with Project.create(root / "leaves.tldesk", leaves) as project:
        project.split()
        run = Run.create(project, make_plan(project, tiny_recipe(), "cpu"))
        for _event in run.train():
            pass
        run.finish()


@pytest.fixture
def trained(trained_folder: Path) -> Iterator[Project]:
    """That project, opened beside the window; tests leave it as it is."""
    with Project.open(trained_folder) as project:
        yield project


@pytest.fixture
def trained_copy(trained_folder: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of that project to be changed."""
    shutil.copytree(trained_folder, tmp_path / "copy.tldesk")
    with Project.open(tmp_path / "copy.tldesk") as project:
        yield project
