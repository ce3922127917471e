"""``tldesk new --labels`` with tables as people have them: taken to the letter, or it is told why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw

SIX = tuple(f"{number}.png" for number in range(6))


def pictures(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        draw(root / name, number)
    return root


def made(call: Call, images: Path, table: Path, *options: str) -> tuple[dict[str, Any], str]:
    """A new project's document, and all that was said with it, in a folder that no test uses twice."""
    project = images.parent / f"{table.stem} {len(list(images.parent.iterdir()))}"
    ended = call("new", project, "--images", images, "--labels", table, "--json", *options)
    return ended.document, " ".join([*ended.document["notes"], ended.err])


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_of_another_camera_label_nothing(call: Call, tmp_path: Path) -> None:
    names = [f"IMG_000{number}.JPG" for number in range(1, 5)]
    images = pictures(tmp_path / "sd", *(f"siteA/{name}" for name in names))
    deer = "".join(f"siteA/{name},deer\n" for name in names)
    fox = "".join(f"siteB/{name},fox\n" for name in names)
    found, said = made(call, images, write(tmp_path / "both.csv", f"file,species\n{deer}{fox}"))
    assert found["classes"] == {"deer": 4}
    assert found["rows_without_file"] == [f"siteB/{name}" for name in names]
    assert "match 4 of 8 rows with a file" in said
    found, said = made(call, images, write(tmp_path / "only_b.csv", f"file,species\n{fox}"))
    assert (found["labelled"], found["classes"], len(found["rows_without_file"])) == (0, {}, 4)
    assert "match 0 of 4 rows with a file" in said
    assert "such as siteA/IMG_0001.JPG for siteB/IMG_0001.JPG" in said


def test_paths_of_windows_and_of_a_part_of_the_disk(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "sd", "siteA/1.jpg", "siteA/2.jpg", "siteC/1.jpg")
    rows = "C:\\sd\\siteA\\1.jpg;deer\nC:\\sd\\siteB\\2.jpg;fox\nC:\\sd\\siteC\\1.jpg;fox\n"
    found, _ = made(call, images, write(tmp_path / "t.csv", f"file;species\n{rows}"))
    assert found["classes"] == {"deer": 1, "fox": 1}
    assert found["rows_without_file"] == ["C:\\sd\\siteB\\2.jpg"]
    one_site = "siteA/1.jpg;deer\nsiteC/2.jpg;fox\nsiteC/1.jpg;fox\n"
    found, _ = made(call, images / "siteA", write(tmp_path / "part.csv", f"file;species\n{one_site}"))
    assert found["classes"] == {"deer": 1}
    assert found["rows_without_file"] == ["siteC/2.jpg", "siteC/1.jpg"]


def test_a_file_at_the_top_is_named_though_one_below_has_its_name(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "p", "1.jpg", "2.jpg", "sub/1.jpg", "sub/2.jpg")
    table = write(tmp_path / "t.csv", "file,label\n1.jpg,a\n2.jpg,a\nsub/1.jpg,b\nsub/2.jpg,b\n")
    assert made(call, images, table)[0]["classes"] == {"a": 2, "b": 2}
    stems = write(tmp_path / "stems.csv", "file,label\n1,a\n2,a\nsub\\1,b\nsub\\2,b\n")
    assert made(call, images, stems)[0]["classes"] == {"a": 2, "b": 2}


def test_one_column_a_class_is_one_class(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png, {n % 3 == 0:d}, {n % 3 == 1:d}, {n % 3 == 2:d}\n" for n in range(6))
    found, said = made(
        call, images, write(tmp_path / "_classes.csv", f"filename, healthy, rust, scab\n{rows}")
    )
    assert found["classes"] == {"healthy": 2, "rust": 2, "scab": 2}
    assert '3 columns, one a class, were read as one: "healthy", "rust", "scab"' in said
    found, _ = made(call, images, tmp_path / "_classes.csv", "--label-column", "rust,scab")
    assert found["classes"] == {"rust": 2, "scab": 2}
    assert found["labelled"] == 4


def test_columns_of_classes_stay_what_they_were_at_a_rescan(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    table = write(
        tmp_path / "t.csv", "file;A;B\n" + "".join(f"{n}.png;{n % 2};{1 - n % 2}\n" for n in range(6))
    )
    assert call("new", tmp_path / "p", "--images", images, "--labels", table).code == 0
    write(table, "file;A;B\n" + "".join(f"{n}.png;{n < 5:d};{n == 5:d}\n" for n in range(6)))
    assert call("check", tmp_path / "p", "--rescan", "--json").document["classes"] == {"A": 5, "B": 1}


@pytest.mark.parametrize(
    ("headers", "classes"),
    [
        ("Image Index,Finding Labels,Patient Gender", {"ok": 2, "rust": 2, "scab": 2}),
        ("file,classes,site", {"ok": 2, "rust": 2, "scab": 2}),
        ("Datei,Diagnosen,Geschlecht", {"ok": 2, "rust": 2, "scab": 2}),
        ("fichier,espèces,observateur", {"ok": 2, "rust": 2, "scab": 2}),
    ],
)
def test_the_class_column_is_called_so(
    call: Call, tmp_path: Path, headers: str, classes: dict[str, int]
) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png,{('scab', 'rust', 'ok')[n % 3]},{'MF'[n % 2]}\n" for n in range(6))
    assert made(call, images, write(tmp_path / "t.csv", f"{headers}\n{rows}"))[0]["classes"] == classes


@pytest.mark.parametrize(
    ("headers", "choices"),
    [("image,species,disease", ["species", "disease"]), ("image,sex,site", ["sex", "site"])],
)
def test_doubt_stops_and_names_the_candidates(
    call: Call, tmp_path: Path, headers: str, choices: list[str]
) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png,{'ab'[n % 2]},{'uvw'[n % 3]}\n" for n in range(6))
    table = write(tmp_path / "t.csv", f"{headers}\n{rows}")
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert "it is not clear which column of the table is the class" in said
    assert f"--label-column {choices[0]}, or {choices[1]}" in said
    assert not (tmp_path / "p.tldesk").exists()
    found, _ = made(call, images, table, "--label-column", choices[1])
    assert found["classes"] == {"u": 2, "v": 2, "w": 2}


@pytest.mark.parametrize("headers", ["File,RelativePath,Species", "Bild,Ordner,Art", "name,camera,label"])
def test_folder_and_file_in_two_columns(call: Call, tmp_path: Path, headers: str) -> None:
    names = [f"Cam{camera}/IMG_{number}.JPG" for camera in (1, 2) for number in (1, 2, 3)]
    images = pictures(tmp_path / "x", *names)
    rows = "".join(
        f"IMG_{number}.JPG,Cam{camera},{('deer', 'fox', 'none')[number - 1]}\n"
        for camera in (1, 2)
        for number in (1, 2, 3)
    )
    found, said = made(call, images, write(tmp_path / "tl.csv", f"{headers}\n{rows}"))
    assert found["classes"] == {"deer": 2, "fox": 2, "none": 2}
    assert "match 6 of 6 rows" in said
    file, folder, _ = headers.split(",")
    assert f'the columns "{folder}" and "{file}" name the folder and the file' in said


@pytest.mark.parametrize(
    ("first", "labelled"),
    [('0.png,ok,"5 cm long', 10), ('0.png,"ok,5 cm', 10), ('0.png,ok,"5 cm, long', 9)],
)
def test_a_stray_quote_costs_one_row_at_most(call: Call, tmp_path: Path, first: str, labelled: int) -> None:
    images = pictures(tmp_path / "x", *(f"{number}.png" for number in range(10)))
    rows = "".join(f"{n}.png,{('ok', 'rust')[n % 2]},3 cm\n" for n in range(1, 10))
    found, said = made(call, images, write(tmp_path / "q.csv", f"file,label,size\n{first}\n{rows}"))
    assert found["labelled"] == labelled
    assert found["classes"] == {"ok": labelled - 5, "rust": 5}
    assert "line 2 of q.csv is not closed" in said


def test_titles_and_code_pages_are_told(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png;{('Größe', 'Fäule')[n % 2]};1,{n}\n" for n in range(6))
    text = f"sep=;\nAufnahmen 2024\n\nDatei;Klasse;Länge\n{rows}"
    found, said = made(call, images, write(tmp_path / "t.csv", text, "cp1252"))
    assert found["classes"] == {"Fäule": 3, "Größe": 3}
    assert "line 2 above the columns' names (Datei, Klasse, Länge …) was left out as a title" in said
    assert "read as Windows-1252 (Western European), a guess" in said


def test_the_right_sheet_is_read_at_every_scan(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    book = openpyxl.Workbook()
    for row in (["class", "meaning"], ["a", "first"], ["b", "second"]):
        book.active.append(row)
    sheet = book.create_sheet("pictures")
    for row in (["file", "class"], *([name, "ab"[place % 2]] for place, name in enumerate(SIX))):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    assert call("new", tmp_path / "p", "--images", images, "--labels", tmp_path / "t.xlsx").code == 0
    found = call("check", tmp_path / "p", "--rescan", "--json").document
    assert found["classes"] == {"a": 3, "b": 3}


@pytest.mark.parametrize(
    ("word", "told"), [("NA", '"NA" may mean'), ("1.5", "decimal numbers"), ("2026-03-01", "date")]
)
def test_odd_classes_are_classes_and_told(call: Call, tmp_path: Path, word: str, told: str) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png,{(word, 'b')[n % 2]}\n" for n in range(6))
    found, said = made(call, images, write(tmp_path / "t.csv", f"file,label\n{rows}"))
    assert found["classes"] == {word: 3, "b": 3}
    assert told in said


def test_another_ending_in_the_table_is_told(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *(f"ID_{number}.jpg" for number in range(4)))
    rows = "".join(f"images/ID_{n}.dcm,{'ab'[n % 2]}\n" for n in range(4))
    found, said = made(call, images, write(tmp_path / "t.csv", f"file,label\n{rows}"))
    assert found["classes"] == {"a": 2, "b": 2}
    assert (
        "another ending than the picture that was taken for it, such as ID_0.jpg for images/ID_0.dcm" in said
    )
    assert "begin with images/, which the folder of pictures does not have" in said


def test_camera_trap_observations_are_copied_with_their_media(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "media", *(f"d1/{name}" for name in SIX))
    rows = "".join(f"m{n},d1,media/d1/{n}.png,{n}.png\n" for n in range(6))
    write(tmp_path / "media.csv", f"mediaID,deploymentID,filePath,fileName\n{rows}")
    rows = "".join(f"m{n},animal,{('Lynx lynx', 'Vulpes vulpes')[n % 2]}\n" for n in range(6))
    table = write(tmp_path / "observations.csv", f"mediaID,observationType,scientificName\n{rows}")
    found, _ = made(call, images, table, "--copy")
    assert found["classes"] == {"Lynx lynx": 3, "Vulpes vulpes": 3}
    for gone in (table, tmp_path / "media.csv"):
        gone.unlink()
    found = call("check", found["project"], "--rescan", "--json").document
    assert found["classes"] == {"Lynx lynx": 3, "Vulpes vulpes": 3}


def test_when_no_row_names_a_picture_that_is_said(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", "p.png", "q.png")
    table = write(tmp_path / "t.csv", "file,site,sex\na.png,1,m\nb.png,2,f\nc.png,1,f\nd.png,2,m\n")
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert (
        "no row of the table names a picture in that folder; the first names are a.png, b.png, c.png and 1"
        in said
    )
    assert "label-column" not in said


def test_the_column_of_names_is_no_candidate(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png,{n % 2}.png,{'ab'[n % 2]},{'uvw'[n % 3]}\n" for n in range(6))
    table = write(tmp_path / "t.csv", f"file,preview,sex,site\n{rows}")
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert said.rstrip(".\n").endswith("--label-column sex, or site")


def test_rows_of_another_folder_label_nothing(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "siteA", *SIX)
    rows = "".join(f"siteB/{n}.png,{'ab'[n % 2]}\n" for n in range(6))
    found, said = made(call, images, write(tmp_path / "t.csv", f"file,species\n{rows}"))
    assert found["labelled"] == 0
    assert len(found["rows_without_file"]) == 6
    assert (
        "files of the same name lie in other places and were left alone, such as 0.png for siteB/0.png"
        in said
    )
    assert "choose the folder of pictures that the table names" in said


def two_folders(tmp_path: Path) -> Path:
    return pictures(tmp_path / "pictures", *(f"{name}/{number}.png" for name in "ab" for number in range(3)))


def test_a_table_against_the_folders_is_taken_and_said(call: Call, tmp_path: Path) -> None:
    images = two_folders(tmp_path)
    rows = ["a/0.png,b", "a/1.png,a", "a/2.png,a", "b/0.png,b", "b/1.png,b", "b/2.png,a"]
    found, said = made(call, images, write(tmp_path / "t.csv", "\n".join(["file,class", *rows])))
    assert found["classes"] == {"a": 3, "b": 3}
    assert "t.csv gives 2 images of 6 another class than the folder in which they lie" in said
    assert 'the first: a/0.png ("b", in the folder "a")' in said


def test_folders_that_are_no_classes_of_the_table_contradict_nothing(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "p", "2021/B/0.png", "2021/B/1.png", "siteA/b/2.png", "siteA/a/3.png")
    rows = ["2021/B/0.png,fox", "2021/B/1.png,deer", "siteA/b/2.png,deer", "siteA/a/3.png,fox"]
    _, said = made(call, images, write(tmp_path / "sites.csv", "\n".join(["file,class", *rows])))
    assert "another class" not in said
    rows = ["2021/B/0.png,b", "2021/B/1.png,B", "siteA/b/2.png,b", "siteA/a/3.png,a"]
    _, said = made(call, images, write(tmp_path / "case.csv", "\n".join(["file,class", *rows])))
    assert "another class" not in said, "case is another question"


def test_a_table_among_the_pictures_is_named_but_not_used(call: Call, tmp_path: Path) -> None:
    images = two_folders(tmp_path)
    write(images / "notes.csv", "when,what\nmonday,rain\n")
    (images / "broken.xlsx").write_bytes(b"PK no workbook")
    assert "lies among" not in call("new", tmp_path / "1", "--images", images).err
    rows = [f"{name}/{number}.png;x{number}" for name in "ab" for number in range(3)]
    write(images / "Etiketten.csv", "\n".join(["Datei;Klasse", *rows]))
    ended = call("new", tmp_path / "2", "--images", images)
    assert "Etiketten.csv, which lies among the pictures, names 6 of them" in ended.err
    assert "--labels FILE" in ended.err
    found = call("new", tmp_path / "3", "--images", images, "--dry-run", "--json").document["found"]
    assert found["classes"] == {"a": 3, "b": 3}
    assert any("Etiketten.csv" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("settings.json", '{"images": "a", "label": ["x"]}', "JSON"),
        ("labelme.json", '[{"shapes": [],\n "imageData": null}]', "JSON"),
        ("voc.xml", '<?xml version="1.0"?>\n<annotation><filename>0.png</filename></annotation>', "XML"),
        ("page.csv", "<!DOCTYPE html>\n<html><body>Sign in</body></html>", "HTML"),
    ],
)
def test_a_document_that_is_no_table_is_named(
    name: str, text: str, kind: str, call: Call, tmp_path: Path
) -> None:
    images, table = two_folders(tmp_path), write(tmp_path / name, text)
    told = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert f"{kind} document, not a table" in told
    assert "CSV or XLSX" in told
    assert not (tmp_path / "p.tldesk").exists()


def test_brackets_alone_make_no_document(call: Call, tmp_path: Path) -> None:
    images = two_folders(tmp_path)
    rows = [f"{name}/{number}.png,[{name}]" for name in "ab" for number in range(3)]
    found, _ = made(call, images, write(tmp_path / "t.csv", "\n".join(["[file],[class]", *rows])))
    assert found["classes"] == {"[a]": 3, "[b]": 3}


@pytest.mark.parametrize(("codec", "words"), [("cp949", ("건강", "녹병")), ("koi8_r", ("здоровый", "лиса"))])
def test_signs_between_letters_are_no_familiar_words(
    call: Call, tmp_path: Path, codec: str, words: tuple[str, str]
) -> None:
    """Read as DOS code page 852, the Korean word for rust is "│ý║┤", which is not the header "y"."""
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{number}.png,{words[number % 2]}\n" for number in range(6))
    found, _ = made(call, images, write(tmp_path / "t.csv", f"file,label\n{rows}", codec))
    assert found["classes"] == dict.fromkeys(words, 3)


def book(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(line)
    made.save(path)
    return path


def test_sheets_of_several_years_are_one_table_and_older_states_are_not(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    head = ["file", "label"]
    early, late = ([[f"{n}.png", "ab"[n % 2]] for n in part] for part in (range(3), range(3, 6)))
    years = book(tmp_path / "y.xlsx", {"Cover": [["Leaves"]], "2023": [head, *early], "2024": [head, *late]})
    found, said = made(call, images, years)
    assert found["classes"] == {"a": 3, "b": 3}
    assert (
        'the sheets "2023", "2024", which have the same columns, were read as one table, not "Cover"' in said
    )
    assert call("check", found["project"], "--rescan", "--json").document["classes"] == {"a": 3, "b": 3}
    old = [[file, "z"] for file, _ in early]
    states = book(tmp_path / "s.xlsx", {"now": [head, *early, *late], "old": [head, *old]})
    found, said = made(call, images, states)
    assert found["classes"] == {"a": 3, "b": 3}
    assert 'the sheet "now" was read, not "old"' in said


def test_the_media_table_points_to_the_observations(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"m{n},d1,{n}.png,{n}.png\n" for n in range(6))
    table = write(tmp_path / "media.csv", f"mediaID,deploymentID,filePath,fileName\n{rows}")
    assert "Choose observations.csv of" in one_line(
        call("new", tmp_path / "p", "--images", images, "--labels", table)
    )
    seen = "".join(f"m{n},animal,{'ab'[n % 2]},1\n" for n in range(6))
    other = write(tmp_path / "observations.csv", f"mediaID,observationType,scientificName,count\n{seen}")
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert "Choose observations.csv beside it" in said
    table.unlink()
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", other))
    assert "Put media.csv of the package beside it" in said
    assert not (tmp_path / "p.tldesk").exists()


def test_a_table_that_labels_nothing_is_not_asked_for_again(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"z{n}.png,{'ab'[n % 2]}\n" for n in range(6))
    found, said = made(call, images, write(tmp_path / "t.csv", f"file,label\n{rows}"))
    assert found["labelled"] == 0
    assert "choose another table of labels" in said


def test_a_class_in_merged_cells_holds_for_their_rows(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    made_book = openpyxl.Workbook()
    sheet = made_book.active
    for line in (["Leaves", None], ["label", "file"], *[["ab"[n // 3], f"{n}.png"] for n in range(6)]):
        sheet.append(line)
    for cells in ("A1:B1", "A3:A5", "A6:A8"):
        sheet.merge_cells(cells)
    made_book.save(tmp_path / "m.xlsx")
    found, said = made(call, images, tmp_path / "m.xlsx")
    assert found["classes"] == {"a": 3, "b": 3}
    assert "what 2 merged cells say holds for all rows that they go over" in said


def test_two_classes_and_pictures_of_neither_are_offered_together(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *SIX)
    rows = "".join(f"{n}.png,{int(n % 3 == 1)},{int(n % 3 == 2)}\n" for n in range(6))
    table = write(tmp_path / "_classes.csv", f"filename,rust,scab\n{rows}")
    said = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
    assert "--label-column rust,scab, or rust, or scab" in said
    assert made(call, images, table, "--label-column", "rust,scab")[0]["classes"] == {"rust": 2, "scab": 2}


def test_uploads_that_kept_their_mark_are_found(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path / "x", *(f"a1b2c3d4-{name}" for name in SIX))
    rows = "".join(f"/data/upload/3/a1b2c3d4-{n}.png,{n},{'ab'[n % 2]}\n" for n in range(6))
    found, _ = made(call, images, write(tmp_path / "t.csv", f"image,id,choice\n{rows}"))
    assert found["classes"] == {"a": 3, "b": 3}
