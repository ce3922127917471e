"""Columns as numbers: by hand, and as scikit-learn has them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tldesk.dataset.tables.cell_values import are_numbers, known, number
from tldesk.model.table_code import NO_TABLE, NumberColumn, TableCode, WordColumn


def test_what_a_cell_means() -> None:
    assert [known(text) for text in (" 12 ", "NA", "n/a", "?", "-", "Nord", "nan", "")] == [
        *("12", "", "", "", "", "Nord", "", "")
    ]
    read = {"1,5": 1.5, "1.5": 1.5, "-3": -3.0, " 7 ": 7.0, ".5": 0.5, "1e3": 1000.0, "+2.": 2.0}
    assert {text: number(text) for text in read} == read
    assert [number(text) for text in ("1.000,5", "1_000", "inf", "nan", "1e999", "٣", "12 kg", "")] == [
        None
    ] * 8
    assert are_numbers(["1", "", "2,5", "NA"])
    assert not are_numbers(["1", "zwei"])
    assert not are_numbers(["", "NA"])


def test_numbers_by_hand() -> None:
    # mean of 20, 40, 60 is 40; the mean squared distance is 800 / 3
    code = TableCode.learn(["age"], [["20"], ["40"], [""], ["60"]])
    assert code.columns == (
        NumberColumn("age", 40.0, pytest.approx((800 / 3) ** 0.5), 20.0, 60.0, gaps=True),
    )
    step = 20 / (800 / 3) ** 0.5
    found = code.encode([["60"], [""], ["40,0"], ["640"], ["-1"], ["alt"]])
    expected = [[step, 0], [0, 1], [0, 0], [step, 0], [-step, 0], [0, 1]]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32
    assert [code.unknown([text]) for text in ("60", "", "640", "alt")] == [(), ("age",), (), ("age",)]


def test_without_gaps_there_is_no_place_for_them() -> None:
    code = TableCode.learn(["age", "site"], [["20", "a"], ["40", "b"]])
    assert code.width == 1 + 2
    np.testing.assert_allclose(code.encode([["", ""]]), [[0, 0, 0]])


def test_a_number_that_never_varies_is_only_centred() -> None:
    code = TableCode.learn(["age"], [["5"], ["5"]])
    assert code.columns[0].spread == 1.0  # type: ignore[union-attr]
    np.testing.assert_allclose(code.encode([["5"], ["9"]]), [[0], [0]])


def test_words_by_hand() -> None:
    code = TableCode.learn(["site"], [["Süd"], ["Nord"], ["Süd"], ["NA"]])
    assert code.columns == (WordColumn("site", ("Nord", "Süd"), others=False, gaps=True),)
    found = code.encode([["Nord"], ["Süd"], ["West"], ["?"]])
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    assert [code.unknown([text]) for text in ("Nord", "West", "")] == [(), ("site",), ("site",)]


def test_the_rarest_words_share_a_place() -> None:
    texts = ["a", "a", "a", "b", "b", "c", "d"]
    column = WordColumn.of("site", texts, most=2)
    assert column == WordColumn("site", ("a", "b"), others=True, gaps=False)
    np.testing.assert_array_equal(
        column.encode(["a", "d", "never", ""]), [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0]]
    )
    assert column.known("never")
    assert not column.known("")
    many = [str(place) + "x" for place in range(50)]
    assert WordColumn.of("site", many).width == 21


def test_as_scikit_learn_has_it() -> None:
    random = np.random.default_rng(0)
    ages = random.normal(50, 20, 200)
    sites = random.choice(["Nord", "Süd", "Ost", "West"], 200)
    rows = [[f"{age:.6f}", str(site)] for age, site in zip(ages, sites, strict=True)]
    found = TableCode.learn(["age", "site"], rows).encode(rows)
    scaled = StandardScaler().fit_transform(np.array([[float(row[0])] for row in rows]))
    placed = OneHotEncoder(sparse_output=False).fit_transform(sites[:, None])
    np.testing.assert_allclose(found, np.concatenate([scaled, placed], axis=1), atol=1e-5)


def test_no_columns_are_nothing() -> None:
    assert TableCode.learn([], [[], []]) == NO_TABLE
    assert NO_TABLE.encode([(), (), ()]).shape == (3, 0)
    assert (NO_TABLE.width, NO_TABLE.names) == (0, ())


def test_as_json() -> None:
    code = TableCode.learn(["age", "site"], [["20", "a"], ["", "b"]])
    document = json.loads(code.to_json())
    assert document["columns"][0] == {
        "name": "age",
        "mean": 20.0,
        "spread": 1.0,
        "low": 20.0,
        "high": 20.0,
        "gaps": True,
        "kind": "number",
    }
    assert document["columns"][1]["words"] == ["a", "b"]
