"""Recognises the backbone that a set of tensors belongs to, by tensor names and shapes, not by file name."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from torch import Tensor

from tldesk.base import Problem, ProblemError, plural
from tldesk.model.card_types import Card
from tldesk.model.cards import CARDS, TIMM_CARDS, TORCHVISION_CARDS
from tldesk.model.tensor_names import COUNTER, backbone_shapes, differences, is_ignored, shapes_of
from tldesk.model.timm_names import family_of_timm

Shapes = Mapping[str, tuple[int, ...]]

_NEAR = 0.5
"""A backbone is reported as the closest match if at least this fraction of its tensors match in shape."""
_COMPARED = 3
"""Number of backbones compared tensor by tensor; each comparison takes up to a second."""
_NOT_TRAINED = ("running_mean", "running_var", COUNTER)


def recognise(tensors: Mapping[str, Tensor], path: Path, named: str = "") -> Card:
    """Return the backbone whose tensors are all present with their shapes, without additional ones.

    Args:
        tensors: the file's tensors, under the names of the card's network.
        path: the file, for error messages.
        named: the backbone given in the file's metadata; accepted if the tensors match. Without it, the
            starter's tensors would be recognised as ResNet-18's, which have the same names and shapes.

    Raises:
        ProblemError: no backbone matches; the message gives the closest one and the differences.
    """
    shapes = shapes_of(tensors)
    if named in CARDS and not differences(CARDS[named], shapes):
        return CARDS[named]
    likeliest = _likeliest(shapes)
    for entry in likeliest:
        if not differences(entry, shapes):
            return entry
    raise ProblemError(_unknown(shapes, likeliest, path))


def timms_card(shapes: Shapes) -> Card | None:
    """Return the timm network with all its stages present and the same number of parameters, or None.

    Only the cards are used, so it works even if timm is not installed.
    """
    sizes = _trained_sizes(shapes)
    there = _modules_of(sizes)
    whole = (one for one in TIMM_CARDS.values() if not _absent_stages(one, there))
    return next((one for one in whole if _distance(one, sizes) == 0), None)


def classifier_note(card: Card, tensors: Mapping[str, Tensor]) -> str | None:
    """Return a note if the file's classifier is missing or not ImageNet's, else None; it is never used."""
    weights = [tensors[name] for name in _classifier_names(card, tensors) if name.endswith("weight")]
    if not weights:
        return "The file has no classifier; none is needed"
    classes = len(weights[-1])
    return (
        None if classes == 1000 else f"Its classifier for {plural(classes, 'class', 'classes')} is not used"
    )


def _classifier_names(card: Card, tensors: Mapping[str, Tensor]) -> list[str]:
    unused = tuple(f"{module}." for module in card.unused)
    return [name for name in tensors if is_ignored(card, name) and not name.startswith(unused)]


def _likeliest(shapes: Shapes) -> list[Card]:
    """Return the best candidates for a file according to the cards alone, without building a network.

    They have the smallest misfit and, among equals, the closest number of parameters: no two backbones have
    the same modules and the same number. At most one of them is from timm, so that timm's many networks do
    not displace torchvision's.
    """
    sizes = _trained_sizes(shapes)
    names, there = list(sizes), _modules_of(sizes)

    def misfit(entry: Card) -> tuple[int, int]:
        return _misfit(entry, names, there)

    timms = [one for one in CARDS.values() if one.library == "timm"]
    chosen = [
        *_least(TORCHVISION_CARDS.values(), sizes, misfit)[:_COMPARED],
        *_least(timms, sizes, misfit)[:1],
    ]
    return sorted(chosen, key=lambda entry: (misfit(entry), _distance(entry, sizes)))


def _least(
    cards: Iterable[Card], sizes: Mapping[str, int], misfit: Callable[[Card], tuple[int, int]]
) -> list[Card]:
    misfits = [(misfit(entry), entry) for entry in cards]
    least = min((misfit for misfit, _ in misfits), default=(0, 0))
    fitting = [entry for misfit, entry in misfits if misfit == least]
    return sorted(fitting, key=lambda entry: _distance(entry, sizes))


def _trained_sizes(shapes: Shapes) -> dict[str, int]:
    return {name: math.prod(shape) for name, shape in shapes.items() if not name.endswith(_NOT_TRAINED)}


def _misfit(card: Card, names: Sequence[str], there: Collection[str]) -> tuple[int, int]:
    """Return the number of stages without any tensor in the file, and of tensors that belong to no module."""
    modules = {*card.classifier, *card.unused, *(name for stage in card.stages for name in stage.modules)}
    known = tuple(f"{module}." for module in modules)
    return _absent_stages(card, there), sum(not name.startswith(known) for name in names)


def _absent_stages(card: Card, there: Collection[str]) -> int:
    """Return the number of stages of which none of the modules is ``there``."""
    return sum(all(module not in there for module in stage.modules) for stage in card.stages)


def _modules_of(names: Iterable[str]) -> set[str]:
    """Return the names of all modules that hold these tensors, the outer ones included."""
    return {name[:end] for name in names for end, sign in enumerate(name) if sign == "."}


def _distance(card: Card, sizes: Mapping[str, int]) -> float:
    found = sum(size for name, size in sizes.items() if not is_ignored(card, name))
    return abs(math.log((found + 1) / (sum(stage.parameters for stage in card.stages) + 1)))


def _unknown(shapes: Shapes, likeliest: list[Card], path: Path) -> Problem:
    fix = "Import the file of a network that the weights library lists"
    nearest = max(likeliest, key=lambda entry: _share(entry, shapes))
    is_near = _share(nearest, shapes) >= _NEAR
    family = family_of_timm(shapes)
    if family is not None and not (is_near and nearest.library == "timm"):
        what = (
            f"these are weights of {family} under timm's names, which does not compute as the "
            "networks do here, so they cannot be taken"
        )
        return Problem(str(path), what, fix)
    if not is_near:
        first = ", ".join(list(shapes)[:3])
        return Problem(str(path), f"these are weights of no backbone known here (the first are {first})", fix)
    wrong = differences(nearest, shapes)
    more = f"; and {plural(len(wrong) - 3, 'more difference')}" if len(wrong) > 3 else ""
    what = f"these weights are nearest to {nearest.title} but do not fit it: {'; '.join(wrong[:3])}{more}"
    return Problem(str(path), what, fix)


def _share(card: Card, shapes: Shapes) -> float:
    wanted = backbone_shapes(card)
    fitting = sum(shapes.get(name) == shape for name, shape in wanted.items())
    return fitting / max(len(wanted), len(shapes))
