"""Eighty backbones: what can be used at once first, families below, and a search."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tldesk.model import CARDS
from tldesk.model.cards import TIMM_CARDS, TORCHVISION_CARDS
from tldesk.ui.model.backbone_list import BackboneList, BackboneSearch
from tldesk.ui.widgets.backbone_model import BackboneRow, grouped

HERE = {"vgg16", "mobilenet_v2", "resnet18"}


@pytest.fixture
def rows() -> tuple[BackboneRow, ...]:
    return tuple(BackboneRow(card, card.name in HERE) for card in CARDS.values())


@pytest.fixture
def backbones(qtbot, rows):
    made = BackboneList()
    qtbot.addWidget(made)
    made.resize(460, 400)
    made.show_rows(rows, "resnet18", "mobilenet_v2")
    made.show()
    return made


def _shown(lines) -> list[str]:
    return [line if isinstance(line, str) else line.card.name for line in lines]


def test_the_recommended_one_and_those_that_are_here_come_first(rows):
    shown = _shown(grouped(rows, "mobilenet_v2"))
    assert shown[:5] == ["Recommended", "mobilenet_v2", "On this computer", "resnet18", "vgg16"]
    assert shown[5:8] == ["ResNet", "resnet34", "resnet50"]
    assert set(CARDS) <= set(shown)
    assert len(shown) == len(set(shown))  # each backbone and each family once


def test_a_recommended_one_that_is_not_here_says_so(rows):
    absent = [replace(row, present=False) for row in rows]
    shown = _shown(grouped(absent, "resnet18"))
    assert shown[:4] == ["Recommended", "resnet18", "ResNet", "resnet34"]
    assert _shown(grouped(absent, ""))[:2] == ["ResNet", "resnet18"]


def test_words_are_searched_in_names_titles_and_families(rows):
    assert _shown(grouped(rows, "", "swin v2")) == ["Swin", "swin_v2_t", "swin_v2_s", "swin_v2_b"]
    assert "vgg16_bn" in _shown(grouped(rows, "", "VGG bn"))
    assert _shown(grouped(rows, "", "yolo")) == ["No backbone is called so"]


def test_timms_networks_stand_together_behind_all_others_where_timm_is_installed(rows):
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    shown = _shown(grouped(rows, ""))
    assert shown[shown.index("timm") :] == ["timm", *TIMM_CARDS]
    assert _shown(grouped(rows, "", "timm deit")) == [
        "timm",
        "deit_tiny_patch16_224",
        "deit_small_patch16_224",
        "deit3_small_patch16_224",
        "deit3_medium_patch16_224",
    ]
    here = [replace(row, present=row.card.name == "resnet18d") for row in rows]
    assert _shown(grouped(here, "lcnet_050"))[:4] == [
        "Recommended",
        "lcnet_050",
        "On this computer",
        "resnet18d",
    ]


def test_without_timm_none_of_its_networks_is_listed(qtbot):
    rows = tuple(BackboneRow(card, False) for card in TORCHVISION_CARDS.values())
    assert "timm" not in _shown(grouped(rows, ""))
    assert _shown(grouped(rows, "", "timm")) == ["No backbone is called so"]


def test_headings_are_stepped_over_and_never_chosen(backbones, qtbot):
    model = backbones.model()
    assert backbones.currentIndex().row() == model.row_of("resnet18") == 3
    qtbot.keyClick(backbones, Qt.Key.Key_Down)
    with qtbot.waitSignal(backbones.backboneChosen) as chosen:
        qtbot.keyClick(backbones, Qt.Key.Key_Down)
    assert chosen.args == ["resnet34"]
    with qtbot.assertNotEmitted(backbones.backboneChosen):
        backbones.clicked.emit(model.index(0, 4))
        backbones.activated.emit(model.index(0, 0))


def test_the_search_narrows_the_list_and_return_chooses_the_first(backbones, qtbot):
    search = BackboneSearch(backbones)
    qtbot.addWidget(search)
    with qtbot.assertNotEmitted(backbones.backboneChosen):
        qtbot.keyClicks(search, "vit 16")
    # Where timm is installed, its own stand below.
    assert _shown(backbones.model().lines)[:3] == ["ViT", "vit_b_16", "vit_l_16"]
    assert len(backbones.rows) == len(CARDS)
    with qtbot.waitSignal(backbones.backboneChosen) as chosen:
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert chosen.args == ["vit_b_16"]
    search.clear()
    assert backbones.currentIndex().row() == backbones.model().row_of("vit_b_16")
    qtbot.keyClicks(search, "nothing like it")
    with qtbot.assertNotEmitted(backbones.backboneChosen):
        qtbot.keyClick(search, Qt.Key.Key_Return)


def test_what_is_chosen_while_the_list_is_hidden_is_in_sight_once_it_is_shown(backbones, monkeypatch):
    def in_sight(name):
        place = backbones.visualRect(backbones.model().index(backbones.model().row_of(name), 0))
        return backbones.viewport().rect().contains(place.center())

    far = backbones.model().lines[-1].card.name
    assert not in_sight(far)
    backbones.hide()
    asked = []
    data = type(backbones.model()).data
    monkeypatch.setattr(type(backbones.model()), "data", lambda *args: asked.append(args) or data(*args))
    backbones.choose(far)
    assert not asked, "no row is measured before somebody sees it"
    backbones.show()
    assert in_sight(far)
    backbones.verticalScrollBar().setValue(0)
    backbones.hide()
    backbones.show()
    assert not in_sight(far), "where somebody scrolled to stays"
