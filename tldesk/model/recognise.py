"""Which backbone a set of tensors belongs to: by names and shapes, never by the file's name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from torch import Tensor

from tldesk.base import Problem, ProblemError, plural
from tldesk.model.card_types import Card
from tldesk.model.cards import CARDS, TIMM_CARDS, TORCHVISION_CARDS
from tldesk.model.tensor_names import COUNTER, backbone_shapes, differences, is_ignored, shapes_of
from tldesk.model.timm_names import family_of_timm

Shapes = Mapping[str, tuple[int, ...]]

_NEAR = 0.5
"""A backbone is named as the nearest if at least this share of its tensors is there in the right shape."""
_COMPARED = 3
"""How many backbones a file is compared with tensor by tensor: outlining one takes up to a second."""
_NOT_TRAINED = ("running_mean", "running_var", COUNTER)


def recognise(tensors: Mapping[str, Tensor], path: Path, named: str = "") -> Card:
    """The backbone of which every tensor is present with its shape, and no foreign tensor.

    Args:
        tensors: the file's, under the names of the card's network.
        path: the file, to be named in what is wrong with it.
        named: the backbone that the file itself says it holds; believed where the tensors fit. Without it
            the starter's tensors are ResNet-18's.

    Raises:
        ProblemError: it is none of the known ones; names the nearest and what differs.
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
    """The timm network whose stages are all present, with the same number of parameters; None if none fits.

    Nothing is built for that, so that it can be said where timm is not installed.
    """
    sizes = _trained_sizes(shapes)
    whole = (one for one in TIMM_CARDS.values() if _misfit(one, sizes)[0] == 0)
    return next((one for one in whole if _distance(one, sizes) == 0), None)


def classifier_note(card: Card, tensors: Mapping[str, Tensor]) -> str | None:
    """What is unusual about the classifier in the file, in words; it is not used anyway."""
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
    """The backbones that a file may be of, by what their cards say; none has to be built for that.

    Those that misfit least, and of these the ones whose numbers of parameters are nearest: no two have the
    same modules and the same number. One of timm's is among them, but does not crowd out torchvision's.
    """
    sizes = _trained_sizes(shapes)

    def misfit(entry: Card) -> tuple[tuple[int, int], float]:
        return _misfit(entry, sizes), _distance(entry, sizes)

    timms = [one for one in CARDS.values() if one.library == "timm"]
    chosen = [*_least(TORCHVISION_CARDS.values(), sizes)[:_COMPARED], *_least(timms, sizes)[:1]]
    return sorted(chosen, key=misfit)


def _least(cards: Iterable[Card], sizes: Mapping[str, int]) -> list[Card]:
    misfits = [(_misfit(entry, sizes), entry) for entry in cards]
    least = min((misfit for misfit, _ in misfits), default=(0, 0))
    fitting = [entry for misfit, entry in misfits if misfit == least]
    return sorted(fitting, key=lambda entry: _distance(entry, sizes))


def _trained_sizes(shapes: Shapes) -> dict[str, int]:
    return {name: math.prod(shape) for name, shape in shapes.items() if not name.endswith(_NOT_TRAINED)}


def _misfit(card: Card, names: Iterable[str]) -> tuple[int, int]:
    """How many of the stages have no tensor in the file, and how many tensors belong to no module."""
    begins = [tuple(f"{module}." for module in stage.modules) for stage in card.stages]
    absent = sum(not any(name.startswith(begin) for name in names) for begin in begins)
    known = tuple(f"{module}." for module in (*card.classifier, *card.unused)) + sum(begins, ())
    return absent, sum(not name.startswith(known) for name in names)


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
