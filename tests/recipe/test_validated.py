"""Recipes whose fields were never checked: copies made with pydantic's ``model_copy``."""

from __future__ import annotations

import pytest

from tldesk.base import ProblemError
from tldesk.recipe import preset

WRONG = [
    ("seed", "abc", "is not a whole number"),
    ("seed", 1.5, "is not a whole number"),
    ("seed", -1, "Choose at least 0"),
    ("seed", True, "is not a whole number"),
    ("weight_decay", float("nan"), "is not an ordinary number"),
    ("colour", "red", "knows nothing called 'colour'"),
    ("phases", (), "there is no phase"),
    ("head", None, "is not a table"),
    ("phases", ({"freeze": "all"},), "it is missing"),
]


@pytest.mark.parametrize(("field", "value", "said"), WRONG)
def test_an_unchecked_copy_is_never_written(field: str, value: object, said: str) -> None:
    recipe = preset("feature_extraction", "resnet18", stages=("stem", "layer1"))
    assert recipe.validated() == recipe
    damaged = recipe.model_copy(update={field: value})
    for use in (damaged.validated, damaged.to_toml):
        with pytest.raises(ProblemError, match=said) as caught:
            use()
        assert caught.value.problems[0].where.startswith(f"recipe: {field}")
    inner = recipe.phases[0].model_copy(update={"learning_rate": float("inf")})
    with pytest.raises(ProblemError, match=r"phases\.0\.learning_rate"):
        recipe.model_copy(update={"phases": (inner,)}).to_toml()
