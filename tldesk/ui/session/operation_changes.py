"""What an operation changed, so that whoever shows it asks again. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperationChanges:
    """Said by every operation; ``Session.tell`` is the one place that tells the pages.

    Attributes:
        labels: ids of the images whose label, mark, reading or note changed.
        images: which images there are, or their groups, splits or findings.
        classes: names, colours or order of classes, or which classes there are.
        rendering: how deep pictures and stacks are read.
        runs: runs were created, trained on or ended.
        weights: the weights library has other entries.
    """

    labels: tuple[int, ...] = ()
    images: bool = False
    classes: bool = False
    rendering: bool = False
    runs: bool = False
    weights: bool = False


# What an action of the journal may have changed if it does not name its images.
ANY_EDIT = OperationChanges(images=True, classes=True, rendering=True)
