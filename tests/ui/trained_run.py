"""A project with a really trained run, made once for all tests of the Evaluate and Predict pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tldesk.dataset import Project
from tldesk.recipe import Augmentation, HeadSpec, Phase, Recipe
from tldesk.run import Run

SHARED = Path(__file__).resolve().parents[3] / "shared"


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


def copy_leaves(root: Path, each: int) -> Path:
    """Real photos of coffee leaves, ``each`` of two classes, in splits of their own."""
    for name, source in (("healthy", "1_health"), ("rust", "3_rust")):
        files = sorted((SHARED / "data" / "coffee_leaf" / "test" / source).glob("*.jpg"))[:each]
        for place, path in enumerate(files):
            split = ("train", "train", "val", "test")[place % 4]
            target = root / split / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return root


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project with one finished run."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"{SHARED / 'data'} is not here")
    from tldesk.trainer.plan import make_plan

    root = tmp_path_factory.mktemp("trained")
    with Project.create(root / "leaves.tldesk", copy_leaves(root / "leaves", 16)) as project:
        project.split()
        run = Run.create(project, make_plan(project, tiny_recipe(), "cpu"))
        for _event in run.train():
            pass
        run.finish()
        return project.path


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
