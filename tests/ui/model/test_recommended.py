"""The Model page follows what is recommended until a person changes it, and says which of both is shown."""

from __future__ import annotations

import pytest
from test_model_page import type_into

from tldesk.model.cards import STARTER


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=20_000)
    return page


def bring_both(opened, page, weights_source, qtbot):
    names = ("mobilenet_v2", "squeezenet1_1")
    opened.importing.import_paths([weights_source / f"{name}-imagenet.pth" for name in names])
    qtbot.waitUntil(
        lambda: {*names} <= {row.card.name for row in page.backbones.rows if row.present}, timeout=60_000
    )


@pytest.mark.usefixtures("starter")
def test_weights_that_come_in_replace_the_starter(page, opened, weights_source, qtbot):
    assert (page.recipe.backbone, page.recipe.weights) == (STARTER.name, "pretrained")
    assert STARTER.caution in page.freeze.reasons.text()
    bring_both(opened, page, weights_source, qtbot)
    assert page.recipe.backbone == "mobilenet_v2"
    assert STARTER.caution not in page.freeze.reasons.text()
    page._choose_backbone(STARTER.name)
    assert page.problems == ()
    assert page.freeze.reasons.text().startswith("You changed this recipe.")


@pytest.mark.usefixtures("no_starter")
def test_weights_that_come_in_replace_a_recommended_training_from_nothing(
    page, opened, weights_source, qtbot
):
    assert page.recipe.weights == "random"
    assert page.freeze.reasons.text().startswith("This is the recommended recipe.")
    page._choose_backbone("mobilenet_v2")  # as a click on "bring…" in its row does
    assert page.freeze.reasons.text().startswith("You changed this recipe.")
    bring_both(opened, page, weights_source, qtbot)
    assert (page.recipe.backbone, page.recipe.weights) == ("mobilenet_v2", "pretrained")
    assert page.recipe.phases[0].freeze == "all", "not the 60 epochs of everything from nothing"
    assert page.freeze.reasons.text().startswith("This is the recommended recipe.")
    assert opened.session.recipe == page.recipe


def test_a_recipe_that_was_changed_is_kept_and_called_ones_own(page, opened, weights_source, qtbot):
    type_into(qtbot, page.form.fields.editor("batch_size"), "7")
    mine = page.recipe
    bring_both(opened, page, weights_source, qtbot)
    assert page.recipe == mine
    told = page.freeze.reasons.text()
    assert told.startswith("You changed this recipe. Recommended:")
    assert "It should take" in told
    page.freeze.recommended_button.click()
    assert page.recipe.weights == "pretrained"
    # The cards say how long it takes.
    assert "It should take" not in page.freeze.reasons.text()


def test_a_backbone_that_was_chosen_and_came_in_is_kept(page, opened, weights_source, qtbot):
    page._choose_backbone("squeezenet1_1")
    bring_both(opened, page, weights_source, qtbot)
    assert (page.recipe.backbone, page.recipe.weights) == ("squeezenet1_1", "pretrained")
