"""Ready-made recipes. Their learning rates and epochs suit AdamW and 50 to 5,000 training images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tldesk.base import Problem, ProblemError
from tldesk.recipe.augmentation import Augmentation, augmentation_for
from tldesk.recipe.recipe import HeadSpec, Phase, Recipe
from tldesk.recipe.validation_errors import nearest

HEAD_RATE = 1e-3
# When only the head is trained.
PATIENT_RATE = 3e-4
# Pretrained stages get a tenth of the head's rate, so that they are adapted rather than overwritten.
TAIL_RATE = HEAD_RATE / 10
# Earlier stages are more general and need less change: each stage gets a smaller rate, after nine stages an
# eighth.
RATE_PER_STAGE = 0.8

MODERATE = augmentation_for("photo")
STRONG = Augmentation(
    flip_horizontal=True, rotation=20.0, shift=0.1, zoom=0.25, brightness=0.25, contrast=0.25, saturation=0.25
)

DENSE = HeadSpec(kind="dense", hidden=256, dropout=0.5)
"""Pooling, 256 hidden units with ReLU, and a dropout of one half."""

_PROGRESSIVE_STEPS = 3
_EPOCHS_FROM_WEIGHTS = 12  # as measured with the starter network: pretraining/README.md


def preset(name: str, backbone: str, *, stages: Sequence[str]) -> Recipe:
    """Return the preset ``name`` (one of ``PRESETS``) for a backbone with these stages, input side first.

    Raises:
        ProblemError: there is no such preset.
        ValueError: ``stages`` is empty but the preset needs a freeze line.
    """
    make = _MAKERS.get(name)
    if make is None:
        hint = nearest(name, PRESETS) or f"Choose one of {', '.join(PRESETS)}"
        raise ProblemError(Problem("preset", f"there is no ready-made recipe '{name}'", hint))
    return make(backbone, tuple(stages))


def preset_for_line(backbone: str, line: str, stages: Sequence[str]) -> Recipe:
    """Return the recipe for a chosen freeze line: "all" is feature extraction, everything else fine-tuning.

    ``line`` is "all", "none" or the name of a stage. It is not checked here; ``problems`` reports unknown
    stages.
    """
    if line == "all":
        return preset("feature_extraction", backbone, stages=stages)
    recipe = _two_phase(backbone, tuple(stages))
    head, tail = recipe.phases
    return recipe.model_copy(update={"phases": (head, tail.model_copy(update={"freeze": line}))})


def begun_from_weights(backbone: str, stages: Sequence[str]) -> Recipe:
    """Return the from-scratch recipe starting from pretrained weights, with fewer epochs.

    Meant for weights that were pretrained on something very different from the images, such as the starter's:
    at a tenth of the learning rate they would hardly adapt. Weights pretrained on photos would be
    overwritten.
    """
    recipe = preset("from_scratch", backbone, stages=stages)
    phase = recipe.phases[0].model_copy(update={"epochs": _EPOCHS_FROM_WEIGHTS})
    changes = {"name": "whole network retrained", "weights": "pretrained", "phases": (phase,)}
    return recipe.model_copy(update=changes)


def fine_tuned_from(stages: Sequence[str]) -> str:
    """Return the freeze line of ``two_phase``: the last third of the stages is trained, at least one.

    Late stages are specific to the images a backbone was trained on; the edges and textures of the early ones
    are useful for every kind of image (Yosinski et al. 2014).
    """
    if not stages:
        raise ValueError("a backbone has at least one stage")
    return stages[-max(1, round(len(stages) / 3))]


def _feature_extraction(backbone: str, _stages: Sequence[str]) -> Recipe:
    # Training a linear head on fixed features is a convex problem, so it is solved directly: 40
    # regularisation strengths take about a second, and with 60 or 20 of them the test accuracy on six data
    # sets was the same. Learning rate, dropout and patience apply only if the user switches to the dense
    # head: with a low rate and much dropout, the loss reaches its minimum after tens of epochs, not after
    # three. Measured on three real data sets with mobilenet_v2, that gains one point of test accuracy.
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
    # An untrained head would send large, meaningless gradients into the stages being trained.
    return Phase(freeze="all", epochs=30, learning_rate=HEAD_RATE, warmup_epochs=1.0, solver="auto")


def _fine_tuning(name: str, backbone: str, phases: tuple[Phase, ...]) -> Recipe:
    # Batches of 16 give poor estimates of the activation statistics. With the statistics from pretraining,
    # fine-tuning starts from exactly the features the head was solved on. On three real data sets this was
    # never worse, up to 3 points better with 10 images per class, and a step takes a sixth less time.
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
    """Return the last third of the epochs: the rate is low there, so the weights vary around one point."""
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
