"""Tables of labels: delimiters, encodings, guesses, rows and files that do not meet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from dataset_pictures import draw, draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import ColumnGroups, Columns, Filter, Project, Split, guess_columns
from tldesk.dataset.tables.named_files import FileNames
from tldesk.dataset.tables.table import read_table

NO_FILES = FileNames([])


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "p", {"": 4})


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_delimiter_and_encoding(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [["Datei", "Klasse", "Größe"], ["a.jpg", "Mehltau", "1,5" if delimiter != "," else "1.5"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    table = read_table(write(tmp_path / "t.csv", text, encoding), NO_FILES)
    assert table.headers == ("Datei", "Klasse", "Größe")
    assert table.rows == (tuple(rows[1]),)


def test_quotes_line_breaks_and_short_rows(tmp_path: Path) -> None:
    text = 'id,note,id\n1,"a, ""b""\nc",x\n\n2\n'
    table = read_table(write(tmp_path / "t.csv", text), NO_FILES)
    assert table.headers == ("id", "note", "id (3)")
    assert table.rows == (("1", 'a, "b"\nc', "x"), ("2", "", ""))


def test_the_guess_finds_image_label_group_and_split(tmp_path: Path, pictures: Path) -> None:
    text = "n;patient;severity;photo;diagnosis;set\n"
    text += "".join(f"{n};p{n};{n % 2};00{n}.png;{'ab'[n % 2]};{('train', 'val')[n % 2]}\n" for n in range(4))
    guess = guess_columns(write(tmp_path / "t.csv", text), pictures)
    assert guess.columns == Columns(image="photo", label="diagnosis", group="patient", split="set")
    assert (guess.matched, guess.total, len(guess.rows)) == (4, 4, 4)


def test_without_telling_names_the_contents_decide(tmp_path: Path, pictures: Path) -> None:
    text = "A,B,C\nx,7,001\ny,8,002\nx,9,003\nx,10,099\n"
    guess = guess_columns(write(tmp_path / "t.csv", text), pictures)
    assert guess.columns == Columns(image="C", label="A")
    assert (guess.matched, guess.total) == (3, 4)


def test_a_table_without_headers(tmp_path: Path, pictures: Path) -> None:
    table = write(tmp_path / "t.csv", "000.png,ant\n001.png,bee\n002.png,ant\n")
    assert guess_columns(table, pictures).columns == Columns(image="column 1", label="column 2")
    with Project.create(tmp_path / "x", pictures, labels=table) as project:
        assert dict(project.facts().class_counts) == {"ant": 2, "bee": 1}


def test_what_does_not_meet_is_reported(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 2, "b": 1})  # a/000 a/001 b/000
    draw(folder / "twice.png", 70)
    table = write(
        tmp_path / "t.csv",
        "image,class\na/001.png,rust\n000.png,rust\nnowhere.png,mildew\nTwice,rust\ntwice,scab\n"
        "twice.png,rust\ntwice.png,mildew\n",
    )
    with Project.create(tmp_path / "x", folder, labels=table) as project:
        report = project.last_scan()
        assert report.rows_without_file == ("nowhere.png", "Twice", "twice")
        assert report.files_without_row == ("a/000.png", "b/000.png")
        assert any("several files" in note and "000.png" in note for note in report.notes)
        assert any(
            "different classes" in note and "twice.png (lines 7 and 8)" in note for note in report.notes
        )
        assert dict(project.facts().class_counts) == {"rust": 1}


def test_a_mended_table_labels_anew_but_not_over_a_person(tmp_path: Path, pictures: Path) -> None:
    table = write(tmp_path / "t.csv", "image,class\n000,a\n001,a\n002,b\n")
    with Project.create(tmp_path / "x", pictures, labels=table) as project:
        ids = project.ids()
        project.edit.label([ids[1]], project.classes[1].id)
        write(table, "image,class\n000,b\n001,c\n002,b\n003,c\n")
        list(project.scan())
        assert [image.class_name for image in project.images(ids)] == ["b", "b", "b", "c"]
        assert [event.how for event in project.history(ids[0])] == ["table", "table"]
        told = "1 image has another class than before, because t.csv changed; this can be undone"
        assert told in project.last_scan().notes
        project.edit.undo()  # the class that was left empty is there again
        project.edit.undo()
        assert project.images(ids)[0].class_name == "a"
        list(project.scan())
        assert project.images(ids)[0].class_name == "a", "from then on a person said so"
        assert told not in project.last_scan().notes
        project.edit.redo()
        project.edit.redo()
        table.unlink()
        list(project.scan())
        assert any("cannot be read" in note for note in project.last_scan().notes)
        assert [image.class_name for image in project.images(ids)] == ["b", "b", "b", "c"]


def test_groups_and_splits_of_a_table(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"": 12})
    rows = [f"{n:03d},{'ab'[n % 2]},plot{n // 3},{'test' if n >= 9 else 'train'}" for n in range(12)]
    table = write(tmp_path / "t.csv", "\n".join(["file,label,plot,split", *rows]))
    columns = Columns("file", "label", group="plot", split="split")
    with Project.create(tmp_path / "x", folder, labels=table, columns=columns) as project:
        assert project.facts().groups == 4
        counts = project.split()
        assert counts[Split.TEST] == 3
        assert {image.group for image in project.images(project.ids(Filter(split=Split.TEST)))} == {"plot3"}
        assert (counts[Split.TRAIN], counts[Split.VALIDATION]) == (6, 3)
        assert project.grouping.columns()[:4] == ("file", "label", "plot", "split")
        project.split(by_group=ColumnGroups("label"), keep_given=False)
        assert project.facts().groups == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "not a table"), ("one\ntwo\n", "two columns"), ("a\x00b", "not a text file"), ("a,b\n", "no rows")],
)
def test_what_is_no_table_is_refused_before_anything_is_made(
    tmp_path: Path, pictures: Path, text: str, words: str
) -> None:
    table = write(tmp_path / "t.csv", text)
    with pytest.raises(ProblemError, match=words):
        Project.create(tmp_path / "x", pictures, labels=table)
    assert not (tmp_path / "x.tldesk").exists()


def test_a_column_that_is_not_there_is_refused(tmp_path: Path, pictures: Path) -> None:
    table = write(tmp_path / "t.csv", "image,class\n000,a\n")
    with pytest.raises(ProblemError, match="Choose one of: image, class"):
        Project.create(tmp_path / "x", pictures, labels=table, columns=Columns("image", "species"))


def test_the_sheet_of_a_workbook_is_read_as_it_shows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "read me"
    book.active.append(["Only one column"])
    sheet = book.create_sheet("labels")
    sheet.append(["file", "class", "age", "seen", "day", "at"])
    sheet.append(["000.png", "rust", 61, True, datetime(2026, 3, 1), datetime(2026, 3, 1, 14, 30)])  # noqa: DTZ001
    sheet.append([])
    sheet.append([1, "Mehltau ß", 7.5, False, None, None])
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx", NO_FILES)
    assert table.headers == ("file", "class", "age", "seen", "day", "at")
    assert table.rows == (
        ("000.png", "rust", "61", "TRUE", "2026-03-01", "2026-03-01 14:30:00"),
        ("1", "Mehltau ß", "7.5", "FALSE", "", ""),
    )


def test_a_project_takes_its_labels_from_a_workbook(pictures: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["image", "species"], [0, "a"], [1, "a"], [2, "b"], [9, "b"]):
        book.active.append(row)
    book.save(tmp_path / "labels.xlsx")
    with Project.create(tmp_path / "p1", pictures, labels=tmp_path / "labels.xlsx") as project:
        assert project.facts().class_counts == (("a", 2), ("b", 1))
        assert project.last_scan().rows_without_file == ("9",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(ProblemError, match=r"this workbook cannot be read.*save it as CSV or XLSX"):
        read_table(tmp_path / "t.xlsx", NO_FILES)
