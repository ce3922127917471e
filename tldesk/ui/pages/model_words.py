"""The Model page's sentences about backbones and recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from tldesk.base import plural
from tldesk.dataset import Facts, Split
from tldesk.model.cards import CARDS
from tldesk.model.cardtypes import Card
from tldesk.recipe import Recipe
from tldesk.ui.widgets.backbone_list import millions
from tldesk.ui.widgets.freeze_strip import StageBlock


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("ModelPage", text)


@dataclass(frozen=True, slots=True)
class LineWords:
    """What the freeze line means, in words; the last three are (number, line below, tip) of a card."""

    frozen: str
    trained: str
    numbers: tuple[str, str, str]
    work: tuple[str, str, str]
    length: tuple[str, str, str]


def tell(card: Card, recipe: Recipe, line: str, classes: int) -> LineWords:
    """Put the freeze line of the last phase into words."""
    learns = card.trained_parameters(line) + head_parameters(card, recipe, classes)
    whole = sum(stage.parameters for stage in card.stages) + head_parameters(card, recipe, classes)
    frozen_work = sum(stage.gmacs for stage in card.stages[: card.position(line)])
    share = frozen_work / (sum(stage.gmacs for stage in card.stages) or 1.0)
    once = line != "none" and not recipe.augmentation.active
    return LineWords(
        frozen=_frozen_words(card, line),
        trained=_trained_words(card, line),
        numbers=(
            millions(learns),
            tr("of {0}").format(millions(whole)),
            tr("Numbers that are changed by training, the head's included"),
        ),
        work=(
            f"{share * 100:.0f} %",
            tr("once for each picture") if once else tr("for each view of a picture"),
            tr("Share of the network's multiplications that stands before the freeze line"),
        ),
        length=(
            plural(recipe.epochs, tr("epoch"), tr("epochs")),
            tr("in {0}, or fewer").format(_phases(recipe))
            if recipe.early_stopping
            else tr("in {0}").format(_phases(recipe)),
            tr("An epoch shows every training image once"),
        ),
    )


def head_parameters(card: Card, recipe: Recipe, classes: int) -> int:
    """Numbers in the head: one layer, or two with a hidden one between."""
    if recipe.head.kind == "linear":
        return (card.features + 1) * classes
    return (card.features + 1) * recipe.head.hidden + (recipe.head.hidden + 1) * classes


def blocks(card: Card) -> tuple[StageBlock, ...]:
    """The stages for the strip: as wide as their part in the network's numbers and work."""
    parameters = sum(stage.parameters for stage in card.stages) or 1
    work = sum(stage.gmacs for stage in card.stages) or 1.0
    return tuple(
        StageBlock(
            stage.name,
            (stage.parameters / parameters + stage.gmacs / work) / 2,
            tr("{0}: {1} numbers, {2} % of the work").format(
                stage.name, millions(stage.parameters), f"{stage.gmacs / work * 100:.0f}"
            ),
        )
        for stage in card.stages
    )


def lines(backbone: str) -> list[tuple[str, str]]:
    """The places of the freeze line, from the head to the picture, with words for the form."""
    names: Sequence[str] = CARDS[backbone].stage_names if backbone in CARDS else ()
    later = [(name, tr("from {0}").format(name)) for name in reversed(names[1:])]
    return [("all", tr("head only")), *later, ("none", tr("everything"))]


def short_line(line: str) -> str:
    """``head only``, ``everything``, ``from layer4``."""
    if line == "all":
        return tr("head only")
    return tr("everything") if line == "none" else tr("from {0}").format(line)


def preset_title(name: str) -> str:
    """A ready-made recipe in words."""
    titles = {
        "feature_extraction": tr("Head only (feature extraction)"),
        "two_phase": tr("Head, then last stages (two phases)"),
        "progressive": tr("Stage by stage (progressive)"),
        "from_scratch": tr("Everything from nothing"),
    }
    return titles.get(name, name.replace("_", " "))


def what_happens(recipe: Recipe, facts: Facts) -> str:
    """One sentence about what Train will do."""
    parts = [
        tr("{0} ({1})").format(short_line(phase.freeze), plural(phase.epochs, tr("epoch"), tr("epochs")))
        for phase in recipe.phases
    ]
    way = tr(", then ").join(parts) if len(parts) < 4 else _phases(recipe)
    images = plural(facts.split_counts.get(Split.TRAIN, 0), tr("training image"), tr("training images"))
    return tr("{0}: {1}").format(images, way)


def _phases(recipe: Recipe) -> str:
    return plural(len(recipe.phases), tr("phase"), tr("phases"))


def _frozen_words(card: Card, line: str) -> str:
    frozen = card.stages_before(line)
    if not frozen:
        return tr("Frozen: nothing")
    return tr("Frozen: {0}").format(_span(frozen))


def _trained_words(card: Card, line: str) -> str:
    trained = card.stages_after(line)
    if not trained:
        return tr("Trained: the head")
    return tr("Trained: {0} and the head").format(_span(trained))


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"
