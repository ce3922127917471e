"""Describes what an operation changed, so that the pages can update. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperationChanges:
    """Passed by every operation to ``Session.tell``, the only place that notifies the pages.

    Attributes:
        labels: ids of the images whose label, mark, reading or note changed.
        images: images were added or removed, or their groups, splits or findings changed.
        classes: classes were added or removed, or their names, colours or order changed.
        rendering: the way deep pictures and stacks are read has changed.
        runs: runs were created or trained, or have ended.
        weights: entries of the weights library have changed.
    """

    labels: tuple[int, ...] = ()
    images: bool = False
    classes: bool = False
    rendering: bool = False
    runs: bool = False
    weights: bool = False


# What an action of the journal may have changed if its images are not recorded.
ANY_EDIT = OperationChanges(images=True, classes=True, rendering=True)
