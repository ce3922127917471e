"""A run's classes and what they are called today: classes are known by their ids and may be renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tldesk.dataset.current_state import CurrentState


@dataclass(frozen=True, slots=True)
class ClassNames:
    """The names of a run's classes, in the run's order.

    Attributes:
        then: the names when the run began, which its model file carries.
        today: the present names, all different. A class that was deleted or merged since keeps its name; if
            another one has that name by now, it is "NAME (former)".
    """

    then: tuple[str, ...]
    today: tuple[str, ...]

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The classes that are called otherwise today, as (then, today)."""
        return tuple(pair for pair in zip(self.then, self.today, strict=True) if pair[0] != pair[1])

    @property
    def words(self) -> str:
        """A phrase such as '"ant" is called "bee" today, "bee" is called "ant"'; "" without a new name."""
        pairs = [f'"{then}" is called "{today}"' for then, today in self.renamed]
        return ", ".join([f"{pairs[0]} today", *pairs[1:]]) if pairs else ""


def class_names(then: Sequence[str], class_ids: Sequence[int], now: CurrentState) -> ClassNames:
    """Return the names of a run's classes then and today.

    Args:
        then: the names in the run's snapshot.
        class_ids: the ids in the snapshot; snapshots of earlier versions have none and keep their names.
        now: the current classes; its images are not used.
    """
    ids = class_ids or [0] * len(then)
    today = [now.names.get(number) for number in ids]
    taken = {name for name in today if name is not None}
    for place, name in enumerate(then):
        if today[place] is None:
            today[place] = _unused(name, taken)
            taken.add(str(today[place]))
    return ClassNames(tuple(then), tuple(map(str, today)))


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"{name} (former)"
    return name
