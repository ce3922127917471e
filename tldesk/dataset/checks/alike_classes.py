"""Classes whose names differ only in capitals, blanks, hyphens or underscores; a person merges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tldesk.dataset.class_names import alike_key, alike_names
from tldesk.dataset.records import ClassInfo


@dataclass(frozen=True)
class AlikeClasses:
    """Classes of one name but for capital letters and joints, the one with the most images first.

    Attributes:
        names: their names.
        ids: their ids.
        counts: labelled readable images of each.
    """

    names: tuple[str, ...]
    ids: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def key(self) -> str:
        """The key of the finding about them, by which it is dismissed."""
        return f"class_case:{alike_key(self.names[0])}"


def alike_classes(classes: Sequence[ClassInfo], counts: Mapping[str, int]) -> tuple[AlikeClasses, ...]:
    """Return the sets of alike classes, given how many images each class has by name."""
    ids = {one.name: one.id for one in classes}
    return tuple(
        AlikeClasses(names, tuple(ids[name] for name in names), tuple(counts.get(name, 0) for name in names))
        for found in alike_names(ids)
        for names in [tuple(sorted(found, key=lambda name: -counts.get(name, 0)))]
    )
