"""Rows of delimited text: delimiters, quoted cells, quotation marks that are never closed."""

from __future__ import annotations

import csv
import io

import pytest

from tldesk.dataset.tables.delimited_text import split_text

ROWS = [[f"{number}.png", "rust", "3 cm"] for number in range(1, 6)]
HEAD = "file,label,size\n"
TAIL = "".join(",".join(row) + "\n" for row in ROWS)


def test_what_is_well_quoted_is_read_as_the_standard_library_reads_it() -> None:
    text = 'id,note,x\n1,"a, ""b""\nc",y\n2,"one\n\ntwo, three",z\n"3","","q"\n4,plain "quoted" text,"w"\n'
    found = split_text(text)
    assert found.rows == list(csv.reader(io.StringIO(text)))
    assert found.lines == [1, 2, 4, 7, 8]
    assert found.stray == []


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ('0.png,ok,"5 cm long', ["0.png", "ok", "5 cm long"]),
        ('0.png,"ok,5 cm', ["0.png", "ok", "5 cm"]),
        ('"0.png,ok,5 cm', ["0.png", "ok", "5 cm"]),
        ('"0.png","ok","5 cm', ["0.png", "ok", "5 cm"]),
    ],
)
def test_a_mark_that_is_not_closed_costs_its_line_at_most(line: str, row: list[str]) -> None:
    found = split_text(f"{HEAD}{line}\n{TAIL}")
    assert found.rows[1:] == [row, *ROWS]
    assert found.stray == [2]


def test_a_later_mark_does_not_close_an_earlier_one() -> None:
    closed_by_chance = split_text(f'{HEAD}0.png,ok,"5\n{TAIL}6.png,ok,3"\n7.png,ok,"3"\n')
    assert [row[0] for row in closed_by_chance.rows[1:]] == [f"{number}.png" for number in range(8)]
    assert closed_by_chance.stray == [2]
    quoted = split_text('"file","label"\n"0.png","ok\n"1.png","rust"\n"2.png","ok"\n')
    assert [row[0] for row in quoted.rows[1:]] == ["0.png", "1.png", "2.png"]
    assert quoted.stray == [2]


def test_line_breaks_in_cells_stay_in_them() -> None:
    text = f'{HEAD}0.png,ok,"a, b\nspots, brown, small\nend"\n{TAIL}'
    assert split_text(text).rows[1] == ["0.png", "ok", "a, b\nspots, brown, small\nend"]


@pytest.mark.parametrize("hint", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_the_delimiter_that_excel_writes_on_top(hint: str) -> None:
    found = split_text(f"{hint}file;size\na;1,5\nb;2,5\n")
    assert found.rows == [["file", "size"], ["a", "1,5"], ["b", "2,5"]]
    assert found.lines == [2, 3, 4]
    assert split_text("sep=^\na^b\n").rows == [["a", "b"]]


def test_the_delimiter_below_a_title_and_between_decimal_commas() -> None:
    rows = "".join(f"{number}.png;a;1,5;2,5;3,5\n" for number in range(9))
    found = split_text(f"Survey, of 2024\n\nfile;class;x;y;z\n{rows}")
    assert found.rows[0] == ["Survey, of 2024"]
    assert found.rows[1:3] == [["file", "class", "x", "y", "z"], ["0.png", "a", "1,5", "2,5", "3,5"]]


def test_blanks_between_columns() -> None:
    assert split_text("a.png  0\nb.png\t1\n").rows == [["a.png", "0"], ["b.png", "1"]]
    assert split_text("one cell\nand another line\n").rows == [["one cell"], ["and another line"]]
