"""Recommends a recipe for a project and a computer, and gives the reasons in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tldesk.base import plural, rough_duration
from tldesk.dataset.checks.imbalance import class_imbalance
from tldesk.dataset.records import Facts, Split
from tldesk.recipe.presets import begun_from_weights, preset
from tldesk.recipe.recipe import Recipe

# Rough speeds in 10^9 multiply-additions per second, and seconds to decode one picture. They only need to
# distinguish seconds, minutes and hours; the window measures the real time and shows that.
_SPEED = {"cuda": 2500.0, "mps": 500.0, "cpu": 20.0}
_DECODING = 0.02
# A training step costs a forward pass plus a backward pass of about twice that.
_TRAINING_COST = 3.0
# Share of the network's work done by the late stages that fine-tuning trains; earlier stages are computed
# once.
_TAIL_SHARE = 1 / 3

_FEW_A_CLASS = 20  # below this, fine-tuning was on average no better than the head alone, which takes seconds
# The same limit for a backbone with a caution (the starter), where either all stages are trained or only the
# head: with 18 to 26 images per class the result was mixed, with more it was as good or better
# (pretraining/README.md).
_FEW_A_CLASS_WITH_CAUTION = 25
_LOOK_BUDGET = 120.0  # seconds that computing all features once may take
# Fine-tuning is no longer recommended if it takes this many seconds longer. On three real data sets it was
# never worse than a head on fixed features, and 1.7 points better on 500 images with fine differences.
_TUNING_BUDGET = 1200.0
_FEW_VALIDATION = 100
_LONG_SIDE = 1.6  # beyond this aspect ratio, cropping to a square loses more than a third of the picture
_SMALL_INPUT = 128


class DeviceKind(Protocol):
    """The part of a device that a recommendation depends on."""

    @property
    def kind(self) -> str:
        """The kind of device: "cpu", "cuda" or "mps"."""
        ...


@dataclass(frozen=True, slots=True)
class AvailableBackbone:
    """A backbone whose weights are available on this computer.

    Attributes:
        name, title: as on the backbone's card; the title is used in sentences.
        stages: stage names, input side first.
        gmacs: 10^9 multiply-additions for one image of ``input_size``.
        accuracy: top-1 accuracy on ImageNet, in the same unit for all backbones; None if unknown.
        caution: what the user should know before using it, as full sentences; "" if nothing. A backbone with
            a caution is recommended only if no other is available.
        input_size: side in pixels of the images it was pretrained on.
    """

    name: str
    title: str
    stages: tuple[str, ...]
    gmacs: float
    accuracy: float | None
    caution: str = ""
    input_size: int = 224


class Recommendation(NamedTuple):
    """A recipe and the reasons for it.

    The reasons are the available data, the method and the time; then any remarks on the backbone and on
    settings that were adapted to the images.

    The first three reasons are always present. Each is a full sentence for the user.
    """

    recipe: Recipe
    reasons: tuple[str, ...]


# Small, and with batch normalisation, without which training from scratch is fragile.
_LAST_RESORT = AvailableBackbone(
    "resnet18", "ResNet-18", ("stem", "layer1", "layer2", "layer3", "layer4"), 1.8, None
)


def recommend(
    facts: Facts,
    device: DeviceKind,
    available: Sequence[AvailableBackbone] | None,
    *,
    fallback: AvailableBackbone | None = None,
    measured: Callable[[Recipe], float | None] | None = None,
) -> Recommendation:
    """Recommend a recipe to start with.

    Args:
        facts: counts and sizes of the project; if not split yet, 70 % of the labelled images count as
            training images.
        device: where the recipe will be trained.
        available: backbones whose weights are available. None or empty: a small network is trained from
            scratch.
        fallback: that small network; resnet18 if None.
        measured: returns the seconds that a recipe takes on this computer, None if that was not measured;
            used only for the sentence about time.
    """
    if available:
        chosen = _most_accurate(available, _images(facts), device.kind)
        ready, why = _method(facts, device.kind, chosen)
    else:
        chosen = fallback or _LAST_RESORT
        ready, why = preset("from_scratch", chosen.name, stages=chosen.stages), _without_weights(chosen)
    recipe, adaptations = _adapted(ready, facts, device.kind)
    known = measured(recipe) if measured is not None else None
    seconds = _seconds(recipe, chosen, facts, device.kind) if known is None else known
    takes = f"It should take about {rough_duration(seconds)} on this machine."
    told = (chosen.caution,) if chosen.caution and available else ()
    return Recommendation(recipe, (_what_there_is(facts, device.kind), why, takes, *told, *adaptations))


def _most_accurate(available: Sequence[AvailableBackbone], images: int, kind: str) -> AvailableBackbone:
    """Return the most accurate backbone that is fast enough; any without a caution is preferred."""
    sound = [one for one in available if not one.caution] or available
    quick = [one for one in sound if images * _per_image(one, kind) <= _LOOK_BUDGET]
    if not quick:
        return min(sound, key=lambda one: one.gmacs)
    return max(quick, key=lambda one: (one.accuracy or 0.0, -one.gmacs))


def _method(facts: Facts, kind: str, chosen: AvailableBackbone) -> tuple[Recipe, str]:
    head = preset("feature_extraction", chosen.name, stages=chosen.stages)
    few = _FEW_A_CLASS_WITH_CAUTION if chosen.caution else _FEW_A_CLASS
    if _training_images(facts) < few * max(1, _classes(facts)):
        return head, (
            f"With so few images a class, only the head is trained on what {chosen.title} already sees; "
            "retraining more of it gains little before there are more images."
        )
    more, why = _more_than_the_head(chosen)
    seconds, fixed = (_seconds(recipe, chosen, facts, kind) for recipe in (more, head))
    if seconds - fixed > _TUNING_BUDGET:
        return head, (
            f"Retraining more of {chosen.title} as well would take about {rough_duration(seconds)} on this "
            "machine, so only the head is trained; that is a good start, and fine-tuning can follow."
        )
    return more, why


def _more_than_the_head(chosen: AvailableBackbone) -> tuple[Recipe, str]:
    if chosen.caution:
        return begun_from_weights(chosen.name, chosen.stages), (
            f"There are enough images to retrain all of {chosen.title}: it learnt from other pictures than "
            "these, and its weights are a beginning only."
        )
    return preset("two_phase", chosen.name, stages=chosen.stages), (
        f"There are enough images to adapt {chosen.title}: first its new head is trained, then its last "
        "stages at a tenth of the rate."
    )


def _without_weights(chosen: AvailableBackbone) -> str:
    return (
        f"The pretrained weights of {chosen.title} are not on this computer, so it is trained from scratch, "
        "which needs far more images and time. Import weights to start from pretrained ones."
    )


def _adapted(recipe: Recipe, facts: Facts, kind: str) -> tuple[Recipe, list[str]]:
    """Adapt the preset to the images; return it with a reason for each change the user might question."""
    changes: dict[str, object] = {}
    reasons: list[str] = []
    imbalance = class_imbalance(facts.class_counts)
    if imbalance is not None and imbalance.is_uneven:
        changes["class_balance"] = "weighted"
        reasons.append(
            f"The largest class has {imbalance.ratio:.1f} times the images of the smallest, so mistakes on "
            "rare classes count more."
        )
    if _elongated(facts):
        changes["fit"] = "letterbox"
        reasons.append("The pictures are long and narrow, so they are padded to a square instead of cut.")
    if recipe.weights == "random" and kind == "cpu":
        changes["input_size"] = _SMALL_INPUT
        reasons.append(f"The network sees {_SMALL_INPUT} x {_SMALL_INPUT} pixels, to be quicker.")
    if _training_images(facts) and not facts.split_counts.get(Split.VALIDATION, 0):
        reasons.append(
            "There are no validation images, so nothing can say which epoch is best or how sure an answer "
            "may be; split the images first."
        )
    if facts.grey and recipe.augmentation.saturation:
        changes["augmentation"] = recipe.augmentation.model_copy(update={"saturation": 0.0})
    if facts.split_counts.get(Split.VALIDATION, 0) < _FEW_VALIDATION:
        changes["monitor"] = "loss"  # accuracy moves in coarse steps on a few images
    if recipe.batch_size != "auto" and _training_images(facts) < 10 * recipe.batch_size:
        changes["batch_size"] = min(recipe.batch_size, 16)
    return recipe.model_copy(update=changes), reasons


def _what_there_is(facts: Facts, kind: str) -> str:
    where = "the processor" if kind == "cpu" else "a graphics card"
    images, classes = plural(facts.labelled, "labelled image"), plural(_classes(facts), "class", "classes")
    return f"There are {images} in {classes}, and {where} to train on."


def _seconds(recipe: Recipe, chosen: AvailableBackbone, facts: Facts, kind: str) -> float:
    """Estimate the time of a training in seconds.

    Every image is passed through the network once, augmented views of training images too if stages are
    trained; a phase that trains stages processes the training images in each epoch.
    """
    shrink = 1.0 if recipe.input_size is None else (recipe.input_size / chosen.input_size) ** 2
    epochs = sum(phase.epochs for phase in recipe.phases if phase.freeze != "all")
    whole = recipe.phases[-1].freeze == "none"
    versions = recipe.augmentation.views - 1 if epochs and not whole else 0
    passes = epochs * (1.0 if whole else _TAIL_SHARE) * _TRAINING_COST
    forward = chosen.gmacs * shrink / _SPEED.get(kind, _SPEED["cpu"])
    once = _images(facts) * _per_image(chosen, kind, shrink)
    return once + (versions + passes) * _training_images(facts) * forward


def _per_image(one: AvailableBackbone, kind: str, shrink: float = 1.0) -> float:
    return one.gmacs * shrink / _SPEED.get(kind, _SPEED["cpu"]) + _DECODING


def _images(facts: Facts) -> int:
    return max(1, facts.labelled)


def _training_images(facts: Facts) -> int:
    return facts.split_counts.get(Split.TRAIN, 0) or round(0.7 * facts.labelled)


def _classes(facts: Facts) -> int:
    return sum(1 for _, count in facts.class_counts if count)


def _elongated(facts: Facts) -> bool:
    sides = sorted((facts.median_width, facts.median_height))
    return sides[0] > 0 and sides[1] / sides[0] > _LONG_SIDE
