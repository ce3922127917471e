"""A network looks at the images: planted wrong labels and changed copies, real pictures and weights."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps
from tiny_project import make_project

from tldesk.base import ProblemError, Progress
from tldesk.dataset import Filter, Project
from tldesk.dataset.checks.network_inspection import Inspection
from tldesk.model.library import WeightsLibrary
from tldesk.run.network_check import inspecting, recipe_to_look_with


@pytest.fixture
def project(
    data_dir: Path, trained_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """76 photos of ants and bees, and copies of eight of them: turned, mirrored, darkened, cropped."""
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    for name in ("ants", "bees"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        files = sorted((data_dir / "ants_bees").rglob(f"{name}/*.jpg"))
        for place, file in enumerate(files):
            target = tmp_path / "photos" / name / file.name
            target.write_bytes(file.read_bytes())
            if place < 4:
                _changed(Image.open(file), place).save(target.with_name(f"zz {file.name}"))
    made = Project.create(tmp_path / "p", tmp_path / "photos")
    made.split(tie_alike=False)
    return made


def _changed(photo: Image.Image, how: int) -> Image.Image:
    photo = photo.convert("RGB")
    if how == 0:
        return ImageOps.mirror(photo).rotate(6, expand=False)
    if how == 1:
        return ImageEnhance.Brightness(photo.rotate(180)).enhance(0.6)
    if how == 2:
        return photo.crop((12, 12, photo.width - 4, photo.height - 6))
    return photo.rotate(-9)


def inspect(project: Project) -> Inspection:
    steps = inspecting(project, recipe_to_look_with(project, WeightsLibrary()))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Inspection = end.value
            return found


@pytest.mark.slow
def test_wrong_labels_are_found(
    data_dir: Path, trained_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    for name in ("1_health", "3_rust"):
        for file in sorted((data_dir / "coffee_leaf" / "test" / name).iterdir())[:30]:
            (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / "photos" / name / file.name).write_bytes(file.read_bytes())
    with Project.create(tmp_path / "leaves", tmp_path / "photos") as project:
        project.split()
        healthy, rust = project.classes
        wrong = project.ids(Filter(class_id=healthy.id))[3:30:9]
        project.edit.label(wrong, rust.id)
        found = inspect(project)
        doubted = [one.image_id for one in found.doubts]
        assert set(wrong) <= set(doubted)
        assert len(doubted) <= 2 * len(wrong)
        assert {(one.given, one.likely) for one in found.doubts if one.image_id in wrong} == {
            ("3_rust", "1_health")
        }
        certain = [one.probability for one in found.doubts]
        assert certain == sorted(certain), "the surest first"


@pytest.mark.slow
def test_changed_copies_are_found(project: Project) -> None:
    found = inspect(project)
    names = {one.id: one.path.name for one in project.images(project.ids())}
    pairs = [(names[one.first], names[one.second]) for one in found.alike]
    right = [pair for pair in pairs if pair[0].removeprefix("zz ") == pair[1].removeprefix("zz ")]
    assert len(right) >= 7, "of eight copies"
    assert len(pairs) - len(right) <= 2
    assert inspect(project) == found, "kept features give the same answer"
    project.close()


@pytest.mark.slow
def test_the_starter_finds_copies_without_naming_strangers(
    project: Project, starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(starter.parent))
    found = inspect(project)
    assert found.caution
    names = {one.id: one.path.name.removeprefix("zz ") for one in project.images(project.ids())}
    pairs = [(names[one.first], names[one.second]) for one in found.alike]
    right = [pair for pair in pairs if pair[0] == pair[1]]
    assert len(right) >= 5, "of eight copies; 6 on two cores with bfloat16"
    assert len(pairs) - len(right) <= 8, "with the limit for other networks there are some forty"
    project.close()


def test_it_can_be_stopped(project: Project) -> None:
    stop = threading.Event()
    steps = inspecting(project, recipe_to_look_with(project, WeightsLibrary()), stop)
    next(steps)
    stop.set()
    seen: list[Inspection | None] = []

    def run() -> Generator[Progress]:
        seen.append((yield from steps))

    list(run())
    assert seen == [None]
    project.close()


def test_the_starter_looks_only_where_nothing_else_can(tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    library = WeightsLibrary([tmp_path])
    (tmp_path / "starter_resnet18.safetensors").touch()  # who looks is chosen by what is there
    with make_project(tmp_path) as project:
        assert recipe_to_look_with(project, library).backbone == "starter_resnet18"
        (tmp_path / "lcnet_050.pth").touch()  # nobody knows how good it is
        assert recipe_to_look_with(project, library).backbone == "lcnet_050"


@pytest.mark.usefixtures("no_starter")
def test_without_weights_it_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLDESK_WEIGHTS")
    with pytest.raises(ProblemError, match="Import a file of weights") as caught:
        recipe_to_look_with(project, WeightsLibrary())
    assert caught.value.problems[0].command == "tldesk weights import FILE"
    project.close()
