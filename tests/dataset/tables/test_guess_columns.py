"""Which column is what, in tables as programs and people write them; doubt is told and not decided."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from dataset_pictures import draw

from tldesk.base import ProblemError
from tldesk.dataset import ColumnGuess, Columns, describe_columns, guess_columns
from tldesk.dataset.tables.column_words import ClassWord, class_word, never_a_class
from tldesk.dataset.tables.guess_columns import class_columns_named, read_columns


def guess(tmp_path: Path, names: list[str], text: str, table: str = "t.csv") -> ColumnGuess:
    for number, name in enumerate(names):
        draw(tmp_path / "p" / name, number, 8)
    (tmp_path / table).write_text(text, encoding="utf-8")
    return guess_columns(tmp_path / table, tmp_path / "p")


SIX = [f"{number}.png" for number in range(6)]


def rows(line: str, **lists: list[str]) -> str:
    """Six lines: ``{n}`` is the row's number, and each list gives its words in turn."""
    return "".join(
        line.format(n=number, **{name: words[number % len(words)] for name, words in lists.items()}) + "\n"
        for number in range(6)
    )


CLASSES = (
    "label,Classes,Kategorien,Klasse,Befunde,Schadensklasse,étiquette,Espèces,clase,Diagnósticos,etichette,"
    "rótulo,klassen,Gatunek,třída,класс,类别,病害类别,ラベル,species,Diagnoses,Finding Labels,scientificName,"
    "ground_truth,dx,grade,Baumarten,Pathologies,Erkrankungen,Gattung"
)
OTHERS = (
    "sex,Patient Gender,Geschlecht,sexe,Alter,Altersklasse,patient_age,edad,sites,Standort,View Position,"
    "annotator,Annotators,Beobachter,annotation_id,Datum,created_at,latitude,confidence,species_guess,label_confidence,"
    "性别,возраст,Frontal/Lateral,count,url,id"
)


@pytest.mark.parametrize("header", CLASSES.split(","))
def test_headers_that_name_the_class(header: str) -> None:
    assert class_word(header) >= ClassWord.FIELD
    assert not never_a_class(header)


@pytest.mark.parametrize("header", OTHERS.split(","))
def test_headers_that_never_do(header: str) -> None:
    assert class_word(header) == ClassWord.NONE
    assert never_a_class(header)


@pytest.mark.parametrize(
    ("headers", "label"),
    [
        ("Image Index,Finding Labels,Patient Gender", "Finding Labels"),
        ("file,classes,site", "classes"),
        ("image,grade,sex", "grade"),
        ("Datei,Befunde,Geschlecht", "Befunde"),
        ("file,zzz,site", "zzz"),  # the only one that may be it
        ("file,label,diagnosis", "label"),
    ],
)
def test_the_class_is_the_column_called_so(tmp_path: Path, headers: str, label: str) -> None:
    text = f"{headers}\n" + rows("{n}.png,{a},{b}", a=["scab", "rust", "ok"], b=["M", "F"])
    found = guess(tmp_path, SIX, text)
    assert found.columns.label == label
    assert found.classes == (("ok", 2), ("rust", 2), ("scab", 2))


@pytest.mark.parametrize(
    ("headers", "candidates"),
    [
        ("file,species,disease", {("species",), ("disease",)}),
        ("file,A,B", {("A",), ("B",)}),
        ("file,sex,site", {("sex",), ("site",)}),
        ("file,label,class", {("label",), ("class",)}),
    ],
)
def test_doubt_names_the_candidates(tmp_path: Path, headers: str, candidates: set[tuple[str, ...]]) -> None:
    found = guess(tmp_path, SIX, f"{headers}\n" + rows("{n}.png,{a},{b}", a=["x", "y"], b=["u", "v", "w"]))
    assert found.doubtful
    assert set(found.candidates) == candidates
    assert found.classes == ()
    assert found.matched == 6


def test_names_are_preferred_to_their_numbers(tmp_path: Path) -> None:
    text = "file,class_id,class\n" + rows("{n}.png,{a},{b}", a=["0", "1"], b=["oak", "ash"])
    assert guess(tmp_path, SIX, text).columns.label == "class"
    (tmp_path / "t.csv").write_text(
        "file,label,class_name\n" + rows("{n}.png,{a},{b}", a=["0", "1"], b=["oak", "ash"])
    )
    assert guess_columns(tmp_path / "t.csv", tmp_path / "p").columns.label == "class_name"


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("1.0", "0.0"), ("TRUE", "FALSE"), ("x", ""), ("yes", "no")]
)
def test_one_column_a_class(tmp_path: Path, yes: str, no: str) -> None:
    cells = {
        name: [yes if place == number else no for place in range(3)] for number, name in enumerate("abc")
    }
    text = "filename, healthy, rust, scab, site\n" + rows(
        "{n}.png, {a}, {b}, {c}, {s}", **cells, s=["N", "S"]
    )
    found = guess(tmp_path, SIX, text)
    assert found.columns == Columns("filename", "", one_hot=("healthy", "rust", "scab"))
    assert found.classes == (("healthy", 2), ("rust", 2), ("scab", 2))


def test_several_columns_of_yes_and_no_are_a_question(tmp_path: Path) -> None:
    text = "file,cat,dog,night\n" + rows("{n}.png,{a},{b},{c}", a=["1", "0"], b=["1", "1", "0"], c=["0", "1"])
    found = guess(tmp_path, SIX, text)
    assert found.doubtful
    assert found.candidates[0] == ("cat", "dog", "night")
    chosen = describe_columns(tmp_path / "t.csv", tmp_path / "p", found.columns.with_classes(["cat", "dog"]))
    assert chosen.classes == (("cat", 1), ("dog", 2)), "0 and 4: both; 5: neither"
    assert any("2 rows of t.csv name more than one class" in note for note in chosen.notes)


def test_isic_and_ham10000(tmp_path: Path) -> None:
    text = "image,MEL,NV,BCC,AKIEC\n" + rows(
        "{n},{a},{b},{c},0.0", a=["1.0", "0.0"], b=["0.0", "1.0"], c=["0.0"]
    )
    assert guess(tmp_path, SIX, text).columns.one_hot == ("MEL", "NV", "BCC", "AKIEC")
    text = "lesion_id,image_id,dx,dx_type,age,sex,localization\n" + rows(
        "L{l},{n},{d},{t},4{n},{s},back",
        l=["1", "1", "2", "3"],
        d=["nv", "mel"],
        t=["histo", "follow_up", "histo"],
        s=["m", "f"],
    )
    (tmp_path / "t.csv").write_text(text)
    found = guess_columns(tmp_path / "t.csv", tmp_path / "p").columns
    assert found == Columns("image_id", "dx", group="lesion_id")


def test_chexpert(tmp_path: Path) -> None:
    names = [f"train/patient{number}/study1/view1_frontal.jpg" for number in range(6)]
    lines = ["1.0,,,", ",1.0,,", ",-1.0,1.0,", ",,,1.0", "1.0,0.0,,", ",1.0,1.0,"]
    text = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Cardiomegaly,Edema,Fracture\n"
    text += "".join(
        f"CheXpert-v1.0/{name},Male,40,Frontal,AP,{line}\n" for name, line in zip(names, lines, strict=True)
    )
    found = guess(tmp_path, names, text)  # in a folder of another name: enough folders are left
    assert found.matched == 6
    assert any("begin with CheXpert-v1.0/" in note for note in found.notes)
    (tmp_path / "p").rename(tmp_path / "CheXpert-v1.0")
    found = guess_columns(tmp_path / "t.csv", tmp_path / "CheXpert-v1.0")
    assert found.matched == 6
    assert found.columns.one_hot == ("No Finding", "Cardiomegaly", "Edema", "Fracture")
    assert found.classes == (("Cardiomegaly", 1), ("Edema", 1), ("Fracture", 1), ("No Finding", 2))
    told = " ".join(found.notes)
    assert "1 row of t.csv names more than one class" in told
    assert "-1 in the columns of the classes" in told


def test_nih(tmp_path: Path) -> None:
    text = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
    text += rows(
        "{n}.png,{f},{n},{p},58,M,PA", f=["No Finding", "Edema", "Edema|Mass", "Mass"], p=list("112345")
    )
    found = guess(tmp_path, SIX, text)
    assert found.columns == Columns("Image Index", "Finding Labels", group="Patient ID")
    assert found.classes == (("Edema", 2), ("Mass", 1), ("No Finding", 2))
    assert any("2.png (Edema, Mass)" in note for note in found.notes)


def test_label_studio(tmp_path: Path) -> None:
    text = "id,image,choice,annotator,annotation_id,created_at,updated_at,lead_time\n"
    text += rows(
        "1{n},/data/upload/1/0a1b2c3{n}-{n}.png,{c},{a},2{n},2024-01-01,2024-01-02,3.{n}",
        c=["rust", "ok"],
        a=["1", "2", "3"],
    )
    found = guess(tmp_path, SIX, text)
    assert found.columns == Columns("image", "choice")
    assert found.classes == (("ok", 3), ("rust", 3))
    several = '"{""choices"":[""rust"",""scab""]}"'
    lists = ["rust", several, '"[""ok""]"', '"{""choices"":[""ok""]}"', "rust", several]
    text = "image,choice,annotator\n" + "".join(f"{number}.png,{one},1\n" for number, one in enumerate(lists))
    (tmp_path / "t.csv").write_text(text)
    found = guess_columns(tmp_path / "t.csv", tmp_path / "p")
    assert found.classes == (("ok", 2), ("rust", 2))
    assert any("2 rows of t.csv name more than one class" in note for note in found.notes)


def test_inaturalist(tmp_path: Path) -> None:
    text = "id,observed_on,user_login,image_url,species_guess,scientific_name,common_name,iconic_taxon_name"
    text += ",taxon_id\n"
    text += rows(
        "9{n},2024-01-0{n},me,https://x.s3.amazonaws.com/photos/10{n}/medium.jpg,oak,{s},{c},{i},{t}",
        s=["Quercus robur", "Lynx lynx", "Vulpes vulpes"],
        c=["Oak", "Lynx", "Fox"],
        i=["Plantae", "Animalia", "Animalia"],
        t=["4", "5", "6"],
    )
    found = guess(tmp_path, [f"10{number}.jpg" for number in range(6)], text)
    assert found.columns == Columns("image_url", "scientific_name")
    assert found.matched == 6


def media(tmp_path: Path) -> None:
    text = "mediaID,deploymentID,timestamp,filePath,fileName\n"
    text += rows("m{n},d1,2024-01-01T00:0{n}:00Z,media/d1/{n}.png,{n}.png")
    (tmp_path / "media.csv").write_text(text)


def test_camtrap_dp_takes_the_files_from_the_media_beside(tmp_path: Path) -> None:
    media(tmp_path)
    text = "observationID,deploymentID,mediaID,observationType,scientificName,count,sex\n"
    text += rows(
        "o{n},d1,m{n},{t},{s},1,male", t=["animal", "animal", "blank"], s=["Vulpes vulpes", "Lynx lynx", ""]
    )
    found = guess(tmp_path, [f"d1/{name}" for name in SIX], text, "observations.csv")
    assert found.matched == 6
    assert found.classes == (("blank", 2), ("Lynx lynx", 2), ("Vulpes vulpes", 2))
    assert any("6 files of media.csv" in note for note in found.notes)


def test_camtrap_dp_takes_all_pictures_of_an_event(tmp_path: Path) -> None:
    media(tmp_path)
    text = "observationID,deploymentID,mediaID,eventStart,eventEnd,observationType,scientificName\n"
    text += "o1,d1,,2024-01-01T00:00:00Z,2024-01-01T00:02:00Z,animal,Lynx lynx\n"
    text += "o2,d1,,2024-01-01T00:03:00Z,2024-01-01T00:04:00Z,blank,\n"
    text += "o3,d2,,2024-01-01T00:05:00Z,2024-01-01T00:09:00Z,blank,\n"
    found = guess(tmp_path, [f"d1/{name}" for name in SIX], text, "observations.csv")
    assert found.classes == (("blank", 2), ("Lynx lynx", 3))


@pytest.mark.parametrize(
    ("headers", "slash"),
    [("File,RelativePath", "\\"), ("Bild,Ordner", "/"), ("image,camera", "/"), ("name,dir", "/")],
)
def test_folder_and_file_in_two_columns(tmp_path: Path, headers: str, slash: str) -> None:
    names = [f"set{slash}Cam{number % 2}/{number // 2}.png".replace(slash, "/") for number in range(6)]
    text = f"{headers},Species\n" + rows(
        "{f},set" + slash + "Cam{c},{s}",
        f=["0.png", "0.png", "1.png", "1.png", "2.png", "2.png"],
        c=["0", "1"],
        s=["deer", "fox", "none"],
    )
    found = guess(tmp_path, names, text)
    image, folder = headers.split(",")
    assert found.columns == Columns(image, "Species", folder=folder)
    assert (found.matched, found.classes) == (6, (("deer", 2), ("fox", 2), ("none", 2)))


def test_a_column_of_folders_may_be_the_class_as_well(tmp_path: Path) -> None:
    names = [f"{kind}/{number}.png" for kind in ("cat", "dog") for number in range(2)]
    text = "image,label\n0.png,cat\n1.png,cat\n0.png,dog\n1.png,dog\n"
    found = guess(tmp_path, names, text)
    assert found.columns == Columns("image", "label", folder="label")
    assert found.classes == (("cat", 2), ("dog", 2))


def test_what_looks_odd_as_a_class_is_told(tmp_path: Path) -> None:
    for words, told in (
        (["NA", "a", "b"], 'The class "NA" may mean that there is no value'),
        (["#N/A", "a", "b"], '"#N/A" may mean'),
        (["0.25", "1.5"], 'decimal numbers ("0.25", "1.5")'),
        (["0,25", "1,5"], 'decimal numbers ("0,25", "1,5")'),
        (["2026-02-01", "2026-03-01"], "2 classes look like dates"),
        (["1-Mar", "a"], "1 class looks like a date"),
        (["1", "1.0", "2"], "1 and 1.0 are two classes"),
    ):
        found = guess(tmp_path, SIX, "file;label\n" + rows("{n}.png;{a}", a=words))
        assert sorted(name for name, _ in found.classes) == sorted(words)
        assert any(told in note for note in found.notes), found.notes
    assert guess(tmp_path, SIX, "file;label\n" + rows("{n}.png;{a}", a=["none", "1", "2"])).notes == ()


def test_measurements_and_dates_are_no_class_unless_called_so(tmp_path: Path) -> None:
    text = "file,aa,bb,cc\n" + rows(
        "{n}.png,{a},{b},{c}", a=["1.5", "2.5"], b=["2024-01-01", "2024-01-02"], c=["x", "y"]
    )
    assert guess(tmp_path, SIX, text).columns.label == "cc"


def test_rows_with_a_file_are_counted_once_it_is_certain_which(tmp_path: Path) -> None:
    names = ["a/1.png", "b/1.png", "a/2.png"]
    found = guess(tmp_path, names, "file,label\n1.png,x\na/1.png,x\n2.png,y\n9.png,y\nc/2.png,y\n")
    assert (found.matched, found.total) == (2, 5)
    assert dict(found.classes) == {"x": 1, "y": 1}


def test_columns_named_by_a_person(tmp_path: Path) -> None:
    guess(
        tmp_path,
        SIX,
        "file,a,b,sex\n" + rows("{n}.png,{a},{b},{s}", a=["1", "0"], b=["0", "1"], s=["m", "f"]),
    )
    table, images = tmp_path / "t.csv", tmp_path / "p"
    assert read_columns(table, images, classes="sex").columns == Columns("file", "sex")
    assert read_columns(table, images, classes="a, b").columns.one_hot == ("a", "b")
    with pytest.raises(ProblemError, match=r'no column "c".*Choose one of: file, a, b, sex'):
        read_columns(table, images, classes="c")
    assert class_columns_named("a,b", ("a,b", "c")) == ("a,b",), "a header with a comma"


def test_the_sheet_that_is_about_the_pictures_is_read(tmp_path: Path) -> None:
    for number, name in enumerate(SIX):
        draw(tmp_path / "p" / name, number, 8)
    book = openpyxl.Workbook()
    book.active.title = "legend"
    for row in (["label", "meaning"], ["r", "rust"], ["s", "scab"]):
        book.active.append(row)
    sheet = book.create_sheet("data")
    sheet.append([])
    for row in (
        ["Survey 2024"],
        ["file", "label"],
        *([name, "rs"[place % 2]] for place, name in enumerate(SIX)),
    ):
        sheet.append(row)
    hidden = book.create_sheet("old")
    for row in (["file", "label"], *([name, "zz"] for name in SIX)):
        hidden.append(row)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    found = guess_columns(tmp_path / "t.xlsx", tmp_path / "p")
    assert found.columns == Columns("file", "label")
    assert found.classes == (("r", 3), ("s", 3))
    told = " ".join(found.notes)
    assert 'the sheet "data" was read, not "legend"' in told
    assert "line 2 above" in told


def test_an_event_is_about_the_pictures_with_its_number(tmp_path: Path) -> None:
    text = "mediaID,deploymentID,eventID,filePath,fileName\n"
    (tmp_path / "media.csv").write_text(text + rows("m{n},d1,{e},{n}.png,{n}.png", e=["e0", "e0", "e1"]))
    text = "observationID,deploymentID,mediaID,eventID,observationType,scientificName,count\n"
    text += "o0,d1,,e0,animal,Lynx lynx,1\no1,d1,,e1,animal,Vulpes vulpes,2\n"
    found = guess(tmp_path, SIX, text, "observations.csv")
    assert found.classes == (("Lynx lynx", 4), ("Vulpes vulpes", 2))


def test_counts_are_no_names_of_files(tmp_path: Path) -> None:
    text = "species,count\n" + "".join(f"{'ab'[n % 2]},{n % 2}\n" for n in range(6))
    assert guess(tmp_path, SIX, text).matched == 0


@pytest.mark.parametrize("names", ["class,order,family,species", "class,order,genus,common_name"])
def test_the_rank_of_mammals_is_no_label(tmp_path: Path, names: str) -> None:
    text = f"filename,{names}\n" + rows("{n}.png,Mammalia,{o},Canidae,{s}", o="xy", s=["fox", "wolf", "bear"])
    found = guess(tmp_path, SIX, text)
    assert found.columns.label == names.rpartition(",")[2]
    assert not found.candidates[1:]
    found = guess(tmp_path, SIX, "filename,class,family\n" + rows("{n}.png,{c},x", c="ab"))
    assert found.columns.label == "class", "one word of that kind may be something else"


def test_a_state_of_the_form_that_is_the_same_in_all_rows_is_no_class(tmp_path: Path) -> None:
    text = "image_file,diagnosis,diagnosis_complete\n" + rows("{n}.png,{d},2", d="012")
    found = guess(tmp_path, SIX, text)
    assert (found.columns.label, found.candidates) == ("diagnosis", (("diagnosis",),))


@pytest.mark.parametrize(
    "cell",
    [
        '{"classifications":[{"title":"state","answer":{"title":"WORD","value":"w"}}]}',
        '{"classifications":[{"name":"state","radio_answer":{"name":"WORD"}}]}',
        '[{"task":"T0","value":"WORD"}]',
        '[{"task":"T0","value":[{"choice":"WORD","answers":{"HOWMANY":"1"}}]}]',
        '{"class":"WORD"}',
    ],
)
def test_the_class_within_the_json_of_labelling_programs(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    text = "filename;label\n" + "".join(
        f'{n}.png;"{quoted.replace("WORD", ("rust", "scab")[n % 2])}"\n' for n in range(6)
    )
    assert guess(tmp_path, SIX, text).classes == (("rust", 3), ("scab", 3))


def test_cells_without_any_class_are_told(tmp_path: Path) -> None:
    for cell in ("", '"{""objects"":[]}"'):
        found = guess(tmp_path, SIX, "file,label\n" + "".join(f"{n}.png,{cell}\n" for n in range(6)))
        assert found.classes == ()
        assert any('none to be read in "label" in the 6 rows' in note for note in found.notes)
