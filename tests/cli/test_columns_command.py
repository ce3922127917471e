"""``--columns`` of train and predict."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, one_line
from column_project import make_column_project, value_rows, write_rows
from tiny_project import BACKBONE, random_weights

from tldesk.cli.main import main

SOLVED = ("--preset", "feature_extraction", "--backbone", BACKBONE, "--set", "input_size=64")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("columns")
    make_column_project(place).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDESK_HOME", str(place / "home"))
        random_weights(place / "weights", patch)
        arguments = ["train", str(place / "rauschen.tldesk"), *SOLVED, "--columns", "age, site", "--quiet"]
        assert main([*arguments, "--set", "phases.0.epochs=10"]) == 0
    return place


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(folder / "weights"))
    return folder / "rauschen.tldesk"


def test_a_run_says_which_columns_it_learnt_from(project: Path, call: Call) -> None:
    ended = call("evaluate", project)
    assert "Columns used besides the images: age, site" in ended.out
    found = call("evaluate", project, "--json").document
    assert found["columns"] == ["age", "site"]
    assert found["accuracy"]["value"] == 1.0
    run = project / "runs" / "0001"
    assert 'columns = ["age", "site"]' in (run / "recipe.toml").read_text(encoding="utf-8")
    columns = json.loads((run / "columns.json").read_text(encoding="utf-8"))["columns"]
    assert [(one["name"], one["kind"]) for one in columns] == [("age", "number"), ("site", "words")]
    assert call("runs", project).code == 0


def test_the_projects_own_pictures_bring_their_columns(project: Path, folder: Path, call: Call) -> None:
    truth = {row["file"]: row for row in value_rows()}
    ended = call("predict", project, folder / "bilder", "--json")
    assert [row["predicted"] for row in ended.document["rows"]] == [
        truth[Path(row["path"]).name]["label"] for row in ended.document["rows"]
    ]
    assert ended.document["columns"] == ["age", "site"]
    first = ended.document["rows"][1]
    own = truth[Path(first["path"]).name]
    assert first["values"] == {"age": own["age"], "site": own["site"]}
    gaps = sum(not row["site"] for row in truth.values())
    assert f"Of 80 pictures the model does not know: site of {gaps}. There it answers without." in ended.err


def test_a_table_says_the_same_as_the_project(
    project: Path, folder: Path, call: Call, tmp_path: Path
) -> None:
    own = call("predict", project, folder / "bilder")
    model = project / "runs" / "0001" / "model.tlmodel"
    rows = [
        {"Bild": row["file"].removesuffix(".png"), "Age": row["age"], "site": row["site"]}
        for row in value_rows()
    ]
    table = write_rows(tmp_path / "neu.csv", rows)
    assert call("predict", model, folder / "bilder", "--columns", table).out == own.out
    without = call("predict", model, folder / "bilder")
    assert without.code == 0
    assert without.out != own.out
    assert (
        "Of 80 pictures the model does not know: age of 80, site of 80. There it answers without."
        in without.err
    )
    assert "Give age and site with --columns TABLE.csv." in without.err
    # the table overrides the project's values
    turned = [{"file": row["file"], "age": str(110 - int(row["age"])), "site": ""} for row in value_rows()]
    found = call(
        "predict", project, folder / "bilder", "--columns", write_rows(tmp_path / "turned.csv", turned)
    )
    answers = {Path(row["path"]).name: row["predicted"] for row in csv.DictReader(found.out.splitlines())}
    wrong = [row["file"] for row in value_rows() if answers[row["file"]] != row["label"]]
    assert len(wrong) > 70


def test_rows_that_are_missing_unknown_or_doubtful(
    project: Path, folder: Path, call: Call, tmp_path: Path
) -> None:
    rows = [
        {"file": "test00.png", "age": "30", "site": "Nord"},
        {"file": "test01.png", "age": "", "site": "Süd"},
        {"file": "test02.png", "age": "alt", "site": "Mond"},
        {"file": "test03.png", "age": "30", "site": "Nord"},
        {"file": "test03.png", "age": "70", "site": "Nord"},
        {"file": "other.png", "age": "1", "site": "Nord"},
    ]
    table = write_rows(tmp_path / "few.csv", rows)
    model = project / "runs" / "0001" / "model.tlmodel"
    pictures = [folder / "bilder" / f"test{number:02d}.png" for number in range(5)]
    ended = call("predict", model, *pictures, "--columns", table, "--json", "--saliency", tmp_path / "looks")
    assert ended.code == 0
    assert "few.csv says different things of 1 picture; none of them was used." in ended.err
    # no age: 01, 02 (a word), 03 (doubtful), 04 (no row); a site never seen counts as missing
    assert "Of 5 pictures the model does not know: age of 4, site of 3." in ended.err
    assert [row["values"] for row in ended.document["rows"]] == [
        {"age": "30", "site": "Nord"},
        {"site": "Süd"},
        {"age": "alt", "site": "Mond"},
        {},
        {},
    ]
    assert len(list((tmp_path / "looks").glob("*.png"))) == 5


def test_tables_that_do_not_fit(
    project: Path, folder: Path, made: Path, leaves: Path, call: Call, tmp_path: Path
) -> None:
    model, pictures = project / "runs" / "0001" / "model.tlmodel", folder / "bilder"
    colours = write_rows(tmp_path / "colours.csv", [{"file": "test00.png", "colour": "red"}])
    line = one_line(call("predict", model, pictures, "--columns", colours))
    assert 'the table has no column "age" or "site"; it has file, colour' in line
    others = write_rows(tmp_path / "others.csv", [{"file": "nobody.png", "age": "3"}])
    line = one_line(call("predict", model, pictures, "--columns", others))
    assert "no row of the table names one of the pictures" in line
    some = write_rows(tmp_path / "some.csv", [{"file": "test00.png", "age": "30"}])
    assert 'some.csv has no column "site".' in call("predict", model, pictures, "--columns", some).err
    line = one_line(call("predict", made, leaves, "--columns", some))
    assert "--columns: the model was trained on images only" in line


def test_columns_that_do_not_fit(project: Path, call: Call) -> None:
    line = one_line(call("train", project, *SOLVED, "--columns", "ages"))
    assert line.startswith("tldesk: columns: the images have no column called 'ages'. Perhaps you mean age")
    line = one_line(call("train", project, *SOLVED, "--columns", "label"))
    assert "it is the class itself" in line
    line = one_line(call("train", project, "--resume", "1", "--columns", "age"))
    assert "a resumed run keeps its own recipe, so --columns cannot be given" in line


def test_a_telling_column_is_warned_of(project: Path, call: Call) -> None:
    ended = call("estimate", project, *QUICK, "--set", "columns=age", "--set", "batch_size=4")
    assert ended.code == 0
    assert "Columns used besides the images: age" in ended.err
    assert "The column 'age' alone tells the class of 100.0 % of these images." in ended.err
    quiet = call("estimate", project, *QUICK, "--columns", "weather", "--set", "batch_size=4")
    assert "alone tells" not in quiet.err


def test_every_fold_learns_its_own_columns(project: Path, folder: Path, call: Call) -> None:
    found = call(
        "train", project, *SOLVED, "--columns", "age", "--set", "phases.0.epochs=4", "--folds", "3", "--json"
    )
    assert found.code == 0
    means = set()
    for number in (2, 3, 4):
        (column,) = json.loads(
            (project / "runs" / f"000{number}" / "columns.json").read_text(encoding="utf-8")
        )["columns"]
        means.add(column["mean"])
    assert len(means) == 3
