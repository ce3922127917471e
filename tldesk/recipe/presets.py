"""Ready-made recipes. Rates and epochs suit AdamW and 50 to 5,000 training images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tldesk.base import Problem, ProblemError
from tldesk.recipe.augmentation import Augmentation, augmentation_for
from tldesk.recipe.recipe import HeadSpec, Phase, Recipe
from tldesk.recipe.validation_errors import nearest

HEAD_RATE = 1e-3
# For a head that is all that is trained.
PATIENT_RATE = 3e-4
# What is pretrained is moved at a tenth of the head's rate, so that it is adapted and not overwritten.
TAIL_RATE = HEAD_RATE / 10
# Earlier stages serve every kind of picture and need less change; nine stages down it is an eighth.
RATE_PER_STAGE = 0.8

MODERATE = augmentation_for("photo")
STRONG = Augmentation(
    flip_horizontal=True, rotation=20.0, shift=0.1, zoom=0.25, brightness=0.25, contrast=0.25, saturation=0.25
)

DENSE = HeadSpec(kind="dense", hidden=256, dropout=0.5)
"""Pooling, 256 hidden units, ReLU, and half of them hidden at random in each step."""

_PROGRESSIVE_STEPS = 3
_EPOCHS_FROM_WEIGHTS = 12  # as measured with the starter: pretraining/README.md


def preset(name: str, backbone: str, *, stages: Sequence[str]) -> Recipe:
    """The ready-made recipe ``name`` (one of ``PRESETS``) for a backbone with these stages, input side first.

    Raises:
        ProblemError: there is no such preset.
        ValueError: ``stages`` is empty and the preset has to put a freeze line somewhere.
    """
    make = _MAKERS.get(name)
    if make is None:
        hint = nearest(name, PRESETS) or f"Choose one of {', '.join(PRESETS)}"
        raise ProblemError(Problem("preset", f"there is no ready-made recipe '{name}'", hint))
    return make(backbone, tuple(stages))


def preset_for_line(backbone: str, line: str, stages: Sequence[str]) -> Recipe:
    """The recipe for a chosen freeze line: "all" is feature extraction, everything else fine-tuning.

    ``line`` is "all", "none" or a stage's name; whether there is such a stage is for ``problems`` to say.
    """
    if line == "all":
        return preset("feature_extraction", backbone, stages=stages)
    recipe = _two_phase(backbone, tuple(stages))
    head, tail = recipe.phases
    return recipe.model_copy(update={"phases": (head, tail.model_copy(update={"freeze": line}))})


def begun_from_weights(backbone: str, stages: Sequence[str]) -> Recipe:
    """The from-scratch recipe, but starting from pretrained weights, which takes fewer epochs.

    For weights that are far from the pictures, the starter's: at a tenth of the rate they would stay where
    they are. Those of photos it would overwrite.
    """
    recipe = preset("from_scratch", backbone, stages=stages)
    phase = recipe.phases[0].model_copy(update={"epochs": _EPOCHS_FROM_WEIGHTS})
    changes = {"name": "whole network retrained", "weights": "pretrained", "phases": (phase,)}
    return recipe.model_copy(update=changes)


def fine_tuned_from(stages: Sequence[str]) -> str:
    """The freeze line of ``two_phase``: the last third of the stages is trained, at least one.

    The late stages hold what is particular to the pictures a backbone was trained on; edges and textures
    in the early ones serve every kind of picture (Yosinski et al. 2014).
    """
    if not stages:
        raise ValueError("a backbone has at least one stage")
    return stages[-max(1, round(len(stages) / 3))]


def _feature_extraction(backbone: str, _stages: Sequence[str]) -> Recipe:
    # A linear head on fixed features is a convex problem: it is solved, 40 strengths of regularisation in a
    # second; with 60 or 20 of them the test accuracy on six sets was the same. Rate, dropout and the patience
    # in epochs are for who chooses the dense head instead: with a low rate and much dropout the loss is least
    # after tens of epochs, not after three; measured on three real sets with mobilenet_v2, that is worth a
    # point of test accuracy.
    phase = Phase(freeze="all", epochs=40, learning_rate=PATIENT_RATE, warmup_epochs=1.0, solver="auto")
    return _head_only("feature extraction", backbone, phase, HeadSpec(dropout=0.5))


def _dense_head(backbone: str, _stages: Sequence[str]) -> Recipe:
    phase = Phase(freeze="all", epochs=40, learning_rate=PATIENT_RATE, warmup_epochs=1.0)
    return _head_only("dense head", backbone, phase, DENSE)


def _nearest_neighbours(backbone: str, _stages: Sequence[str]) -> Recipe:
    phase = Phase(freeze="all", epochs=1, learning_rate=HEAD_RATE)
    return _head_only("nearest neighbours", backbone, phase, HeadSpec(kind="knn"))


def _head_only(name: str, backbone: str, phase: Phase, head: HeadSpec) -> Recipe:
    return Recipe(name=name, backbone=backbone, phases=(phase,), head=head, early_stopping=10, monitor="loss")


def _two_phase(backbone: str, stages: Sequence[str]) -> Recipe:
    tail = Phase(freeze=fine_tuned_from(stages), epochs=10, learning_rate=TAIL_RATE, warmup_epochs=1.0)
    return _fine_tuning("two-phase fine-tuning", backbone, (_head_first(), tail))


def _progressive(backbone: str, stages: Sequence[str]) -> Recipe:
    if not stages:
        raise ValueError("a backbone has at least one stage")
    latest_first = list(reversed(stages))[:_PROGRESSIVE_STEPS]
    tail = tuple(
        Phase(freeze=stage, epochs=5, learning_rate=TAIL_RATE / 2**step, warmup_epochs=0.5)
        for step, stage in enumerate(latest_first)
    )
    return _fine_tuning("progressive unfreezing", backbone, (_head_first(), *tail))


def _from_scratch(backbone: str, _stages: Sequence[str]) -> Recipe:
    return Recipe(
        name="from scratch",
        backbone=backbone,
        weights="random",
        phases=(Phase(freeze="none", epochs=60, learning_rate=HEAD_RATE, warmup_epochs=3.0),),
        batch_size=16,
        weight_decay=0.05,
        label_smoothing=0.05,
        early_stopping=20,
        augmentation=STRONG,
    )


def _head_first() -> Phase:
    # A head that knows nothing would send large, meaningless errors into the tail.
    return Phase(freeze="all", epochs=30, learning_rate=HEAD_RATE, warmup_epochs=1.0, solver="auto")


def _fine_tuning(name: str, backbone: str, phases: tuple[Phase, ...]) -> Recipe:
    # Batches of 16 tell little of what the layers' answers are like on average: with the statistics of the
    # pretraining the tail starts from exactly what the head was solved on. On three real sets that was never
    # worse, with 10 images a class up to 3 points better, and a step takes a sixth less time.
    return Recipe(
        name=name,
        backbone=backbone,
        phases=phases,
        batch_size=16,
        rate_per_stage=RATE_PER_STAGE,
        average_last=_averaged(phases[-1]),
        batch_norm="keep",
        early_stopping=8,
        augmentation=MODERATE,
    )


def _averaged(last: Phase) -> int:
    """The last third of the epochs: the rate is low there, and their weights lie around one place."""
    return max(1, last.epochs // 3)


_MAKERS: Mapping[str, Callable[[str, Sequence[str]], Recipe]] = {
    "feature_extraction": _feature_extraction,
    "two_phase": _two_phase,
    "progressive": _progressive,
    "from_scratch": _from_scratch,
    "dense_head": _dense_head,
    "nearest_neighbours": _nearest_neighbours,
}
PRESETS: tuple[str, ...] = tuple(_MAKERS)
