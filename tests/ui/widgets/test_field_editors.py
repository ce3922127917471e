"""Number fields, their steps and texts; colours worked out from others."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from tldesk.recipe import field_help
from tldesk.ui.evaluate.per_class_table import Span
from tldesk.ui.theme import contrast
from tldesk.ui.widgets.backbone_model import millions
from tldesk.ui.widgets.field_editors import NumberEditor, number_text, parsed_number, stepped
from tldesk.ui.widgets.inks import mixed, readable_on
from tldesk.ui.widgets.probability_bars import percent_words


@pytest.mark.parametrize(
    ("value", "text"), [(0.00001, "0.00001"), (8.0, "8"), (0.002, "0.002"), (16, "16"), (1.5, "1.5")]
)
def test_numbers_are_written_as_people_write_them(value, text):
    assert number_text(value) == text


def test_what_is_no_number_stays_as_it_was_typed():
    assert parsed_number("0,5", whole=False, optional=False) == 0.5
    assert parsed_number(" 12 ", whole=True, optional=False) == 12
    assert parsed_number("1.5", whole=True, optional=False) == "1.5"
    assert parsed_number("abc", whole=False, optional=True) == "abc"
    assert parsed_number("", whole=True, optional=True) is None
    assert parsed_number("", whole=True, optional=False) == ""


@pytest.mark.parametrize(
    ("path", "value", "up", "wanted"),
    [
        ("phases.0.learning_rate", 0.001, True, 0.002),
        ("phases.0.learning_rate", 0.8, True, 1.0),
        ("phases.0.epochs", 1, False, 1),
        ("input_size", 224, True, 232),
        ("head.dropout", 0.95, True, 0.95),
        ("augmentation.rotation", 178.0, True, 180.0),
        ("batch_size", 8, True, 9),
    ],
)
def test_steps_stay_within_the_fields_bounds(path, value, up, wanted):
    assert stepped(value, field_help(path), up=up) == pytest.approx(wanted)


def test_a_number_being_typed_is_not_rewritten(qtbot):
    editor = NumberEditor(field_help("phases.0.learning_rate"), lambda: None)
    qtbot.addWidget(editor.widget())
    editor.widget().setText("0.0020")
    editor.put(0.002)
    assert editor.widget().text() == "0.0020"
    editor.put(0.003)
    assert editor.widget().text() == "0.003"


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "100 %"), (0.9999, "> 99 %"), (0.97, "97 %"), (0.004, "< 1 %"), (0.0, "0 %"), (0.615, "62 %")],
)
def test_probabilities_claim_no_certainty_they_do_not_have(share, words):
    assert percent_words(share) == words


@pytest.mark.parametrize(
    ("count", "words"), [(138_357_544, "138 M"), (3_504_872, "3.5 M"), (6_405, "6.4 k"), (132_863, "0.1 M")]
)
def test_parameters_are_spoken_of_in_millions(count, words):
    assert millions(count) == words


def test_a_span_without_images_is_a_dash():
    assert Span(None, None, None).text() == "–"
    assert Span(0.9123, 0.84, 0.956).text() == "91 % (84–96)"


def test_mixed_colours_by_hand():
    assert mixed("#000000", "#ffffff", 0.5).name() == "#808080"
    assert mixed("#102030", "#506070", 0.25).name() == "#203040"


@pytest.mark.parametrize("fill", ["#0b6e99", "#ffffff", "#f0e442", "#5cb8de", "#14181d"])
def test_text_on_any_fill_is_readable(fill):
    assert contrast(readable_on(QColor(fill)).name(), fill) >= 4.5
