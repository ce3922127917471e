"""Which backbone a set of tensors belongs to: by names and shapes, never by what the file is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from tldesk.base import Problem, ProblemError, plural
from tldesk.model.cards import CARDS
from tldesk.model.cardtypes import Card
from tldesk.model.names import backbone_shapes, differences, is_ignored, shapes_of

_NEAR = 0.5
"""A backbone is named as the nearest if at least this share of its tensors is there in the right shape."""


def recognise(tensors: Mapping[str, Tensor], path: Path) -> Card:
    """The backbone whose every tensor is there in its shape, with nothing foreign beside it.

    Raises:
        ProblemError: it is none of the known ones; names the nearest and what differs.
    """
    shapes = shapes_of(tensors)
    for entry in _likeliest_first(path):
        if not differences(entry, shapes):
            return entry
    raise ProblemError(_unknown(shapes, path))


def classifier_note(card: Card, tensors: Mapping[str, Tensor]) -> str | None:
    """In words, what is unusual about the classifier in the file, which is not used anyway."""
    biases = [tensors[name] for name in _classifier_names(card, tensors) if name.endswith("bias")]
    if not biases:
        return "The file has no classifier; none is needed"
    classes = len(biases[-1])
    return (
        None if classes == 1000 else f"Its classifier for {plural(classes, 'class', 'classes')} is not used"
    )


def _classifier_names(card: Card, tensors: Mapping[str, Tensor]) -> list[str]:
    unused = tuple(f"{module}." for module in card.unused)
    return [name for name in tensors if is_ignored(card, name) and not name.startswith(unused)]


def _likeliest_first(path: Path) -> Sequence[Card]:
    """Each check builds a network's outline (a tenth of a second): begin where the file name hints."""
    return sorted(CARDS.values(), key=lambda entry: entry.name not in path.name)


def _unknown(shapes: Mapping[str, tuple[int, ...]], path: Path) -> Problem:
    nearest = max(CARDS.values(), key=lambda entry: _share(entry, shapes))
    fix = f"Import weights of one of {', '.join(CARDS)}"
    if _share(nearest, shapes) < _NEAR:
        first = ", ".join(list(shapes)[:3])
        return Problem(str(path), f"these are weights of no backbone known here (the first are {first})", fix)
    wrong = differences(nearest, shapes)
    more = f"; and {plural(len(wrong) - 3, 'more difference')}" if len(wrong) > 3 else ""
    what = f"these weights are nearest to {nearest.title} but do not fit it: {'; '.join(wrong[:3])}{more}"
    return Problem(str(path), what, fix)


def _share(card: Card, shapes: Mapping[str, tuple[int, ...]]) -> float:
    wanted = backbone_shapes(card)
    fitting = sum(shapes.get(name) == shape for name, shape in wanted.items())
    return fitting / max(len(wanted), len(shapes))
