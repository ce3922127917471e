"""Recipe files with wrong values: the values apart, the rest as it stands in the file."""

from __future__ import annotations

import pytest

from tldesk.base import ProblemError
from tldesk.recipe import load_apart, preset

STAGES = ("stem", "stage1", "stage2")


def other():
    return preset("feature_extraction", "squeezenet1_1", stages=STAGES)


def written(tmp_path, *changes, recipe=None):
    text = (recipe or preset("two_phase", "mobilenet_v2", stages=STAGES)).to_toml()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_right_file_is_read_as_it_is(tmp_path):
    recipe = preset("two_phase", "mobilenet_v2", stages=STAGES)
    assert load_apart(written(tmp_path, recipe=recipe), other()) == (recipe, {}, None)


def test_wrong_values_are_apart_and_the_other_recipes_stand_in(tmp_path):
    # The second phase is one more than the other recipe has: its last phase stands in.
    changes = (("learning_rate = 0.0001", "learning_rate = 10"), ("dropout = 0.2", 'dropout = "much"'))
    found = load_apart(written(tmp_path, *changes), other())
    assert found.wrong == {"phases.1.learning_rate": 10, "head.dropout": "much"}
    assert found.recipe.backbone == "mobilenet_v2"
    assert found.recipe.phases[1].learning_rate == other().phases[0].learning_rate
    assert found.recipe.phases[1].freeze == preset("two_phase", "x", stages=STAGES).phases[1].freeze
    assert [str(problem.where).split(": ")[-1] for problem in found.error.problems] == [
        "head.dropout",
        "phases.1.learning_rate",
    ]


@pytest.mark.parametrize(
    "change",
    [
        ('backbone = "mobilenet_v2"', ""),
        ('backbone = "mobilenet_v2"', 'backbone = "mobilenet_v2"\ncolour = 3'),
        ("dropout = 0.2", "dropout = [0.2]"),
    ],
)
def test_what_is_missing_unknown_or_no_plain_value_is_refused(tmp_path, change):
    with pytest.raises(ProblemError, match=r"recipe\.toml"):
        load_apart(written(tmp_path, change), other())
