"""A German LibreOffice reads what is saved: columns, umlauts, decimals, and nothing that it computes.

Runs where ``soffice`` is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tldesk.base.spreadsheet import CsvStyle, write_sheet

SOFFICE = shutil.which("soffice")
ROWS = [
    ["path", "Grünfäule", "=1+1"],
    ["a;=1+1/ß.jpg", 0.125, "x,=2+2"],
    ['=HYPERLINK("x")', -0.5, "zwei\n=3+3"],
]
GERMAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>de-DE</value></prop></item></oor:items>"""
# separators (all that its dialog proposes), quotation mark, UTF-8, first line, columns, German
CSV_AS_PROPOSED = "--infilter=Text - txt - csv (StarCalc):44/59/9,34,76,1,,1031,false,false"
TABLE, OFFICE = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office"))

pytestmark = [pytest.mark.slow, pytest.mark.skipif(SOFFICE is None, reason="soffice is not installed")]


def opened(file: Path, folder: Path, *options: str) -> list[list[tuple[str, str, str]]]:
    """The cells that a German LibreOffice sees: type, number, text."""
    (folder / "profile/user").mkdir(parents=True)
    (folder / "profile/user/registrymodifications.xcu").write_text(GERMAN, encoding="utf-8")
    command = [str(SOFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *options]
    command += ["--convert-to", "fods:OpenDocument Spreadsheet Flat XML", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    tree = ET.parse((folder / file.name).with_suffix(".fods"))
    assert not tree.findall(f".//*[@{TABLE}formula]"), "nothing is computed"
    return [
        [
            (cell.get(f"{OFFICE}value-type", ""), cell.get(f"{OFFICE}value", ""), _text(cell))
            for cell in row.findall(f"{TABLE}table-cell")[:3]
        ]
        for row in tree.findall(f".//{TABLE}table-row")[:3]
    ]


def _text(cell: ET.Element) -> str:
    return "\n".join("".join(line.itertext()) for line in cell)


def test_a_workbook(tmp_path: Path) -> None:
    write_sheet(ROWS, tmp_path / "t.xlsx")
    head, first, second = opened(tmp_path / "t.xlsx", tmp_path / "out")
    assert [text for _, _, text in head] == ROWS[0]
    assert first == [("string", "", "a;=1+1/ß.jpg"), ("float", "0.125", "0,1250"), ("string", "", "x,=2+2")]
    assert second[0] == ("string", "", '=HYPERLINK("x")')


def test_a_csv_file(tmp_path: Path) -> None:
    write_sheet(ROWS, tmp_path / "t.csv", CsvStyle.for_reader(","))
    head, first, second = opened(tmp_path / "t.csv", tmp_path / "out", CSV_AS_PROPOSED)
    assert [text for _, _, text in head] == ["path", "Grünfäule", "'=1+1"]
    assert first == [("string", "", "a;'=1+1/ß.jpg"), ("float", "0.125", "0,125"), ("string", "", "x,'=2+2")]
    assert second[1] == ("float", "-0.5", "-0,5")
    assert second[2][2] == "zwei\n'=3+3"
