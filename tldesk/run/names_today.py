"""A run's classes and what they are called today: classes are known by their ids and may be renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tldesk.dataset.current_state import NO_CLASS, CurrentState


@dataclass(frozen=True, slots=True)
class ClassNames:
    """The names of a run's classes, in the run's order.

    Attributes:
        then: the names when the run began, which its model file carries.
        today: the present names, all different. A class that was deleted or merged since keeps its name; if
            another one has that name by now, it is "NAME (former)".
        gone: the classes that the project no longer has, as (then, today's name of the class that each was
            merged into); (then, "") for a deleted one.
    """

    then: tuple[str, ...]
    today: tuple[str, ...]
    gone: tuple[tuple[str, str], ...] = ()

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The classes that are called otherwise today, as (then, today)."""
        return tuple(pair for pair in zip(self.then, self.today, strict=True) if pair[0] != pair[1])

    @property
    def words(self) -> str:
        """A phrase such as '"ant" is called "bee" today, "bee" is called "ant"'; "" without a new name."""
        pairs = [f'"{then}" is called "{today}"' for then, today in self.renamed]
        return ", ".join([f"{pairs[0]} today", *pairs[1:]]) if pairs else ""

    @property
    def gone_words(self) -> str:
        """A phrase such as '"ant" was merged into "bee", "fly" was deleted'; "" if all are there."""
        return ", ".join(
            f'"{name}" was merged into "{into}"' if into else f'"{name}" was deleted'
            for name, into in self.gone
        )


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
    return ClassNames(tuple(then), tuple(map(str, today)), _gone(then, ids, now))


def _gone(then: Sequence[str], ids: Sequence[int], now: CurrentState) -> tuple[tuple[str, str], ...]:
    found = []
    for number, name in zip(ids, then, strict=True):
        merged = now.heirs.get(number, NO_CLASS)
        again = now.class_named(name)  # deleted, and created again with the same name
        if number not in now.names and (merged or not again or again in ids):
            found.append((name, now.names.get(merged, "")))
    return tuple(found)


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"{name} (former)"
    return name
