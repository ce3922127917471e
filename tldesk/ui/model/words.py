"""The texts of the Model page about backbones and recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from tldesk.base import percent, plural
from tldesk.dataset import Facts, Split
from tldesk.model.card_types import Card
from tldesk.model.cards import CARDS
from tldesk.recipe import Recipe
from tldesk.trainer.costs.recipe_estimate import Estimate, head_parameters
from tldesk.ui.model.freeze_strip import StageBlock
from tldesk.ui.model.phase_stairs import StairStep
from tldesk.ui.widgets.backbone_model import millions
from tldesk.ui.widgets.freeze_line_words import short_line


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("ModelPage", text)


@dataclass(frozen=True, slots=True)
class LineWords:
    """The meaning of the freeze line in words; ``numbers`` are the (number, line below, tip) of the cards."""

    frozen: str
    trained: str
    numbers: tuple[str, str, str]


def tell(card: Card, recipe: Recipe, line: str, classes: int) -> LineWords:
    """Return the texts for the freeze line of the last phase."""
    learns = card.trained_parameters(line) + head_parameters(card, recipe, classes)
    whole = sum(stage.parameters for stage in card.stages) + head_parameters(card, recipe, classes)
    return LineWords(
        frozen=_frozen_words(card, line),
        trained=_trained_words(card, recipe, line),
        numbers=(
            millions(learns),
            tr("of {0} trained").format(millions(whole)),
            tr("Trainable parameters, including those of the head"),
        ),
    )


def costs(recipe: Recipe, found: Estimate | None, wait: str) -> tuple[tuple[str, str, str], ...]:
    """Return time per epoch, total time and memory, each as (number, line below, tip) of a card."""
    if found is None:
        return (("–", wait, ""),) * 3
    learning = sum(one.epoch * one.epochs for one in found.phases)
    whole = tr("recipe; first run {0}") if found.seconds > 1.2 * learning else tr("recipe")
    kept = round(found.kept / 1e6)
    many = plural(recipe.epochs, tr("epoch"), tr("epochs"))
    return (
        (
            _about(found.phases[-1].epoch),
            tr("per epoch") if len(recipe.phases) == 1 else tr("epoch, last phase"),
            tr("One pass through all training images, on this computer"),
        ),
        (
            _about(learning),
            whole.format(_about(found.seconds)),
            tr("{0} in {1}; the first run also reads the images and computes the frozen stages").format(
                many, _phases(recipe)
            ),
        ),
        (
            tr("{0} GB").format(f"{found.memory / 1e9:.1f}"),
            tr("memory, {0} MB disk").format(f"{kept:,}") if kept else tr("memory"),
            tr("Peak memory during training; outputs of the frozen stages are cached on disk and reused"),
        ),
    )


def steps(card: Card, recipe: Recipe) -> tuple[StairStep, ...]:
    """Return the phases for the stairs."""
    known = {"all", "none", *card.stage_names}
    epochs = [plural(recipe.epochs_of(phase), tr("epoch"), tr("epochs")) for phase in recipe.phases]
    return tuple(
        StairStep(
            tr("{0} · {1}").format(short_line(phase.freeze), many),
            recipe.epochs_of(phase),
            card.position(phase.freeze) / len(card.stages) if phase.freeze in known else 1.0,
            tr("Phase {0}, {1}: {2}. {3}.").format(
                number,
                many,
                _frozen_words(card, phase.freeze),
                _trained_words(card, recipe, phase.freeze),
            )
            if phase.freeze in known
            else "",
            short_line(phase.freeze),
        )
        for number, (phase, many) in enumerate(zip(recipe.phases, epochs, strict=True), start=1)
    )


def _about(seconds: float) -> str:
    """Round to the precision of an estimate: ``2 s``, ``40 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 1:
        return tr("< 1 s")
    if seconds < 10:
        return f"{seconds:.0f} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    if minutes >= 20:
        minutes = round(minutes / 5) * 5
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def blocks(card: Card) -> tuple[StageBlock, ...]:
    """Return the stages for the strip, as wide as their share of the network's parameters and operations."""
    parameters = sum(stage.parameters for stage in card.stages) or 1
    work = sum(stage.gmacs for stage in card.stages) or 1.0
    return tuple(
        StageBlock(
            stage.name,
            (stage.parameters / parameters + stage.gmacs / work) / 2,
            tr("{0}: {1} parameters, {2} % of the computation").format(
                stage.name, millions(stage.parameters), f"{stage.gmacs / work * 100:.0f}"
            ),
        )
        for stage in card.stages
    )


def lines(backbone: str) -> list[tuple[str, str]]:
    """Return the positions of the freeze line from head to input, with their texts for the form."""
    names: Sequence[str] = CARDS[backbone].stage_names if backbone in CARDS else ()
    return [(line, short_line(line)) for line in ("all", *reversed(names[1:]), "none")]


def preset_title(name: str) -> str:
    """Return the title of a preset recipe."""
    titles = {
        "feature_extraction": tr("Head only (feature extraction)"),
        "two_phase": tr("Head, then last stages (two phases)"),
        "progressive": tr("Stage by stage (progressive)"),
        "from_scratch": tr("Everything (from scratch)"),
        "dense_head": tr("Head with a hidden layer (dense 256)"),
        "nearest_neighbours": tr("Nearest neighbours (no training)"),
    }
    return titles.get(name, name.replace("_", " "))


def run_title(name: str, recipe: Recipe, accuracy: float | None) -> str:
    """Return a run's recipe for a list: ``run 3: two-phase fine-tuning, 94.1 %``."""
    known = "" if accuracy is None else f", {percent(accuracy)}"
    return f"{name}: {recipe.name}{known}"


def what_happens(recipe: Recipe, facts: Facts) -> str:
    """Return one sentence about what Train will do."""
    parts = [
        tr("{0} ({1})").format(
            short_line(phase.freeze), plural(recipe.epochs_of(phase), tr("epoch"), tr("epochs"))
        )
        for phase in recipe.phases
    ]
    if recipe.head.kind == "knn":
        parts = [tr("kept in the model; the {0} nearest vote").format(recipe.head.neighbours)]
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


def _trained_words(card: Card, recipe: Recipe, line: str) -> str:
    trained = card.stages_after(line)
    if recipe.head.kind == "knn":
        return tr("Trained: nothing; the nearest training images vote")
    if not trained:
        return tr("Trained: the head")
    return tr("Trained: {0} and the head").format(_span(trained))


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"
