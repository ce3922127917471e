"""The same pictures become the same project through every door: dialog, drop, table, zip file and shell."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from cli_calls import call_and
from PySide6.QtWidgets import QFileDialog
from test_found_pictures import choose, dialog_of, draw_all
from test_new_project_dialog import create, drop

from tldesk.dataset import Project
from tldesk.ui.project.new_project_dialog import NewProjectDialog

SHARED = Path(__file__).resolve().parents[4] / "shared"
DRAWN = [f"{split}/{name}" for split in ("train", "val", "test") for name in ("no", "yes")]
WINDOW_DOORS = ["dialog", "drop", "table", "zip", "zip dropped", "zip with table"]
SHELL_DOORS = ["shell", "shell table", "shell zip", "shell zip with table"]
# What is shown before the project is made, of every tenth picture of the real sets.
SENTENCES = {
    "drawn": "2 classes: no 9, yes 9, by folder; training 6, validation 6, test 6 given",
    "coffee_leaf": "5 classes: 1_health 18, 2_miner 18, 3_rust 18, 4_phoma 18, 5_cercospora 9, by folder;"
    " training 50, validation 13, test 18 given",
    "brain_mri": "2 classes: no 15, yes 21, by folder",
}


@pytest.fixture(params=["coffee_leaf", "brain_mri"] if (SHARED / "data").is_dir() else ["drawn"])
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Every tenth picture of a real set where they are, else drawn ones."""
    folder = tmp_path / "home" / str(request.param)
    if request.param == "drawn":
        return draw_all(folder, DRAWN, 3)
    data = SHARED / "data" / request.param
    for path in sorted(data.rglob("*.*"))[::10]:
        place = folder / path.relative_to(data)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return folder


def told(project: Project, root: str) -> dict[str, tuple[str | None, str]]:
    """Class and split of each picture, by its path below the folder."""
    found = project.images(project.ids())
    return {str(one.path).partition(f"/{root}/")[2]: (one.class_name, str(one.split)) for one in found}


def table_of(pictures: Path, place: Path) -> Path:
    names = [path.relative_to(pictures).as_posix() for path in sorted(pictures.rglob("*.*"))]
    lines = [f"{name},{name.split('/')[-2]}" for name in names]
    place.write_text("\n".join(["file,class", *lines]) + "\n", encoding="utf-8")
    return place


def zip_of(pictures: Path, place: Path, table: Path | None = None) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for path in sorted(pictures.rglob("*.*")):
            archive.write(path, path.relative_to(pictures))
        if table is not None:
            archive.write(table, "labels.csv")
    return place


def pick(window, ask, path):
    """Choose a file or folder in the dialog that the entry of the menu opens."""
    ask()
    dialog = next(one for one in window.findChildren(QFileDialog) if one.isVisible())
    dialog.selectFile(str(path))
    dialog.accept()


def bring(door, window, pictures, tmp_path):
    """Open the dialog of a new project through a door of the window."""
    (tmp_path / door).mkdir()
    archive, table = tmp_path / door / f"{pictures.name}.zip", tmp_path / door / "labels.csv"
    if door == "dialog":
        pick(window, window.actions_.by_words["New project from pictures…"].trigger, pictures)
    elif door == "drop":
        drop(window, pictures)
    elif door == "table":
        window.opener.new_project(pictures, table_of(pictures, table))
    elif door == "zip":
        pick(window, window.opener.ask_zip, zip_of(pictures, archive))
    elif door == "zip dropped":
        drop(window, zip_of(pictures, archive))
    else:
        drop(window, zip_of(pictures, archive, table_of(pictures, table)))
        table.unlink()


def by_shell(door, pictures, tmp_path):
    """Make a project with the command; return it, and what the command said would be found."""
    table, archive = tmp_path / "t.csv", tmp_path / f"{pictures.name}.zip"
    table_of(pictures, table)
    source, labels = [pictures], []
    if "zip" in door:
        source = [zip_of(pictures, archive, table if "table" in door else None), "--copy"]
        labels = ["--labels", archive / "labels.csv"] if "table" in door else []
    elif "table" in door:
        labels = ["--labels", table]
    made = call_and(
        lambda: None, "found", "new", tmp_path / f"by {door}", "--images", *source, *labels, "--json"
    ).document
    return Project.open(tmp_path / f"by {door}.tldesk"), made["found"]["sentence"]


def by_window(door, window, pictures, tmp_path, qtbot):
    """Make a project in the dialog; return what each picture is in it."""
    bring(door, window, pictures, tmp_path)
    dialog = dialog_of(window, qtbot)
    words = f"{sentence_of(door, pictures)}."
    qtbot.waitUntil(lambda: dialog.found.words.text() == words)
    dialog.name.setText(f"by {door}")
    create(window, qtbot)
    made = told(window.session.project, pictures.name)
    window.close_project()
    qtbot.waitUntil(lambda: window.session.project is None)
    return made


def sentence_of(door, pictures):
    return SENTENCES[pictures.name].replace("by folder", "by table" if "table" in door else "by folder")


def test_every_door_leads_to_the_same_project(window, pictures, tmp_path, qtbot) -> None:
    files = [path.relative_to(pictures).as_posix() for path in pictures.rglob("*.*")]
    made = {door: by_window(door, window, pictures, tmp_path, qtbot) for door in WINDOW_DOORS}
    for door in SHELL_DOORS:
        project, sentence = by_shell(door, pictures, tmp_path)
        assert sentence == sentence_of(door, pictures)
        made[door] = told(project, pictures.name)
        project.close()
    first = made["dialog"]
    assert {path: label for path, (label, _) in first.items()} == {one: one.split("/")[-2] for one in files}
    for door, found in made.items():
        assert found == first, door


def test_another_reading_of_the_folders_is_chosen_in_the_dialog(window, tmp_path, qtbot) -> None:
    folders = [f"{outer}/{inner}" for outer in ("augmented", "original") for inner in ("no", "yes")]
    archive = zip_of(draw_all(tmp_path / "brain", folders), tmp_path / "brain.zip")
    drop(window, archive)
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == "2 classes: no 4, yes 4, by folder."
    choose(dialog, qtbot, "outer folders")
    assert dialog.found.words.text() == "2 classes: augmented 4, original 4, by folder."
    create(window, qtbot)
    assert dict(window.session.project.facts().class_counts) == {"augmented": 4, "original": 4}


def test_a_table_outside_comes_along_with_the_zip_file(window, tmp_path, qtbot) -> None:
    pictures = draw_all(tmp_path / "x", ["a", "b"])
    archive, table = zip_of(pictures, tmp_path / "x.zip"), tmp_path / "labels.csv"
    table.write_text("file,class\na/0.png,fox\na/1.png,fox\nb/0.png,elk\nb/1.png,elk\n", encoding="utf-8")
    pick(window, window.opener.ask_zip, archive)
    dialog = dialog_of(window, qtbot)
    qtbot.waitUntil(lambda: dialog.found.words.text() == "2 classes: elk 2, fox 2, by table.")
    create(window, qtbot)
    source = window.session.project.sources()[0]
    assert window.session.project.path in source.labels.parents
    assert dict(window.session.project.facts().class_counts) == {"elk": 2, "fox": 2}


def test_more_pictures_come_from_a_zip_file(opened, tmp_path, qtbot) -> None:
    before = opened.session.project.count()
    archive = zip_of(draw_all(tmp_path / "more", ["a", "b"]), tmp_path / "more.zip")
    pick(opened, opened.opener.ask_more_zipped, archive)
    qtbot.waitUntil(lambda: opened.findChild(NewProjectDialog) is not None)
    dialog = dialog_of(opened, qtbot)
    dialog.go.click()
    qtbot.waitUntil(lambda: opened.session.project.count() == before + 4, timeout=60_000)
