"""What a table gave and no longer gives: labels and classes go, labels by hand stay, undo brings all back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.dataset import Project, ScanReport


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


@pytest.fixture
def project(tmp_path: Path, table: Path) -> Iterator[Project]:
    pictures = draw_tree(tmp_path / "pictures", {".": 6})
    write(table, dict.fromkeys(range(3), "ant") | dict.fromkeys(range(3, 6), "bee"))
    with Project.create(tmp_path / "insects", pictures, labels=table) as project:
        yield project


def write(table: Path, labels: Mapping[int, str]) -> None:
    rows = (f"{number:03d}.png,{label}\n" for number, label in labels.items())
    table.write_text("file,label\n" + "".join(rows), encoding="utf-8")


def scan(project: Project) -> ScanReport:
    list(project.scan())
    return project.last_scan()


def labels(project: Project) -> list[str | None]:
    return [image.class_name for image in project.images(project.ids())]


def classes(project: Project) -> list[str]:
    return [one.name for one in project.classes]


def test_a_blanked_and_a_removed_row_take_their_labels_back(project: Project, table: Path) -> None:
    write(table, {1: "", 2: "ant", 3: "bee", 4: "bee", 5: "bee"})
    report = scan(project)
    assert labels(project) == [None, None, "ant", "bee", "bee", "bee"]
    assert "2 images have no label any more, because labels.csv no longer gives one" in "; ".join(
        report.notes
    )
    event = project.history(project.ids()[0])[-1]
    assert (event.how, event.before, event.after) == ("table", "ant", None)
    assert event.verb == "Take back 2 labels that labels.csv no longer gives"


def test_a_label_given_by_hand_stays(project: Project, table: Path) -> None:
    first = project.ids()[0]
    (bee,) = [one.id for one in project.classes if one.name == "bee"]
    project.edit.label([first], bee)
    write(table, {2: "ant", 3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    assert labels(project) == ["bee", None, "ant", "bee", "bee", "bee"]


def test_undo_brings_the_labels_back_for_good(project: Project, table: Path) -> None:
    write(table, {3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    assert (classes(project), labels(project)[:3]) == (["bee"], [None, None, None])
    action = project.edit.undo()
    assert action is not None
    assert action.verb == "Take back 3 labels that labels.csv no longer gives"
    assert (classes(project), labels(project)[:3]) == (["ant", "bee"], ["ant", "ant", "ant"])
    scan(project)  # now the labels are a person's
    assert labels(project)[:3] == ["ant", "ant", "ant"]
    project.edit.redo()
    assert (classes(project), labels(project)[:3]) == (["bee"], [None, None, None])


def test_undoing_a_persons_edit_gives_the_label_back_to_the_table(project: Project, table: Path) -> None:
    ids, bee = project.ids(), project.classes[1].id
    for _ in range(2):  # the second undo looks behind the first one
        project.edit.label(ids[:3], bee)
        project.edit.undo()
    write(table, {1: "wasp", 2: "ant", 3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    assert labels(project) == [None, "wasp", "ant", "bee", "bee", "bee"]


def test_redoing_a_persons_edit_makes_the_label_the_persons_again(project: Project, table: Path) -> None:
    ids, bee = project.ids(), project.classes[1].id
    project.edit.label(ids[:1], bee)
    project.edit.undo()
    project.edit.redo()
    write(table, {0: "wasp", 1: "ant", 2: "ant", 3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    assert labels(project)[0] == "bee"


def test_undoing_a_deleted_class_gives_its_labels_back_to_the_table(project: Project, table: Path) -> None:
    project.edit.delete_class(project.classes[0].id)
    project.edit.undo()
    write(table, {0: "bee", 3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    assert labels(project) == ["bee", None, None, "bee", "bee", "bee"]


def test_undoing_an_image_that_had_no_label_lets_the_table_give_one(project: Project, table: Path) -> None:
    write(table, {0: "", 1: "ant", 2: "ant", 3: "bee", 4: "bee", 5: "bee"})
    scan(project)
    project.edit.label(project.ids()[:1], project.classes[1].id)
    project.edit.undo()
    write(table, dict.fromkeys(range(3), "ant") | dict.fromkeys(range(3, 6), "bee"))
    scan(project)
    assert labels(project)[0] == "ant"


def test_a_class_that_the_table_renamed_away_does_not_stay_empty(project: Project, table: Path) -> None:
    write(table, dict.fromkeys(range(3), "ant") | dict.fromkeys(range(3, 6), "wasp"))
    report = scan(project)
    assert project.facts().class_counts == (("ant", 3), ("wasp", 3))
    assert 'No image has the class "bee" any more, so it was removed. This can be undone' in report.notes


def test_two_classes_that_became_one_leave_no_empty_class(project: Project, table: Path) -> None:
    write(table, dict.fromkeys(range(6), "insect"))
    report = scan(project)
    assert project.facts().class_counts == (("insect", 6),)
    note = 'No image has one of the classes "ant", "bee" any more, so they were removed. This can be undone'
    assert note in report.notes


def test_an_empty_class_made_by_hand_stays(project: Project, table: Path) -> None:
    project.edit.add_class("wasp")
    write(table, dict.fromkeys(range(6), "ant"))
    scan(project)
    assert classes(project) == ["ant", "wasp"]


def test_a_class_of_a_missing_image_or_of_a_reader_stays(project: Project, table: Path) -> None:
    ids, bee = project.ids(), project.classes[1].id
    project.edit.read_as("Ada", [ids[0]], bee)
    write(table, dict.fromkeys(range(6), "ant"))
    scan(project)
    assert classes(project) == ["ant", "bee"]


@pytest.mark.parametrize("text", ["file,label\nother.png,ant\n", "file,label\n", ""])
def test_a_table_about_other_files_takes_nothing_back(project: Project, table: Path, text: str) -> None:
    table.write_text(text, encoding="utf-8")
    before = labels(project)
    scan(project)
    assert labels(project) == before


def test_a_missing_table_takes_nothing_back(project: Project, table: Path) -> None:
    table.unlink()
    before = labels(project)
    scan(project)
    assert labels(project) == before
