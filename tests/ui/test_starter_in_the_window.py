"""A fresh machine in the window: the starter is there, is recommended, and says what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tldesk.dataset import findings_of_inspection
from tldesk.dataset.checks.network_inspection import AlikePair, DoubtfulLabel, Inspection
from tldesk.model import CARDS
from tldesk.model.cards import STARTER
from tldesk.ui.images.checks.finding_list import listed
from tldesk.ui.weights.library_dialog import WeightsLibraryDialog
from tldesk.ui.widgets.backbone_model import BackboneModel, BackboneRow

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    made = opened.pages.model
    qtbot.waitUntil(lambda: made.recipe is not None, timeout=60_000)
    return made


def test_the_model_page_recommends_it_and_says_why(page):
    assert (page.recipe.backbone, page.recipe.weights) == (STARTER.name, "pretrained")
    assert page.backbones.model().lines[0] == "Recommended"
    assert page.backbones.model().lines[1].card == STARTER
    assert STARTER.caution in page.freeze.reasons.text()
    assert page.train_button.isEnabled()
    assert page.problems == ()


def test_the_tip_of_its_row_tells_what_it_learnt_from():
    def tip(present: bool) -> str:
        model = BackboneModel()
        model.set_lines((BackboneRow(STARTER, present),))
        found: str = model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
        return found

    for words in (
        "Starter (ResNet-18)",
        "BSD-3-Clause",
        STARTER.trained_on,
        STARTER.transfer,
        STARTER.caution,
    ):
        assert words in tip(present=True)
    assert "reinstall tldesk" in tip(present=False)
    assert "reinstall tldesk" not in tip(present=True)


def test_what_it_finds_among_the_labels_says_so_too(project):
    first, *rest = project.images(project.ids())
    other = next(one for one in rest if one.split != first.split)
    seen = Inspection(
        (DoubtfulLabel(first.id, "healthy", "rust", 0.1),),
        (AlikePair(first.id, other.id, 0.99),),
        STARTER.caution,
    )
    found = listed(findings_of_inspection(project, seen))
    assert [one.kind for one in found] == ["doubt", "alike"]
    assert all(one.words.endswith(f" {STARTER.caution}") for one in found)
    plain = listed(findings_of_inspection(project, replace(seen, caution="")))
    assert [f"{one.words} {STARTER.caution}" for one in plain] == [one.words for one in found]


def test_the_weights_library_shows_what_is_known_of_it(window, qtbot):
    window.show_weights()
    dialog = window.findChildren(WeightsLibraryDialog)[-1]
    qtbot.waitUntil(lambda: len(dialog.list.names) == len(CARDS))
    assert dialog.list.count.text() == f"1 of {len(CARDS)} available"
    assert dialog.details.title.text() == "Only the starter is available"
    assert STARTER.caution in dialog.details.state.text()
    assert dialog.verify_button.isEnabled()
    assert not dialog.pack_button.isEnabled()  # every tldesk has it
    dialog.choose(STARTER.name)
    facts = dialog.details.facts
    assert facts["Location"] == "part of tldesk"
    assert (facts["Trained on"], facts["Caution"]) == (STARTER.trained_on, STARTER.caution)
    assert "Imported" not in facts
    assert facts["Licence"].startswith("BSD-3-Clause")
    assert not dialog.fetch_button.isEnabled()
    assert dialog.pack_button.isEnabled()
    dialog.choose("resnet18")
    assert dialog.fetch_button.isEnabled()
    dialog.verify()
    qtbot.waitUntil(
        lambda: dialog.said.text() == "✓ 1 file verified, none changed or damaged.", timeout=60_000
    )
    dialog.close()
