"""What the Images page asks the project, in functions for the reading pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.dataset import Filter, Split

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo, Project

VIEWS: tuple[tuple[str, Filter], ...] = (
    (QCoreApplication.translate("ImagesPage", "All"), Filter()),
    (QCoreApplication.translate("ImagesPage", "Unlabelled"), Filter(unlabelled=True)),
    (QCoreApplication.translate("ImagesPage", "Training"), Filter(split=Split.TRAIN)),
    (QCoreApplication.translate("ImagesPage", "Validation"), Filter(split=Split.VALIDATION)),
    (QCoreApplication.translate("ImagesPage", "Test"), Filter(split=Split.TEST)),
    (QCoreApplication.translate("ImagesPage", "Quarantine"), Filter(quarantined=True)),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers beside classes and views.

    Attributes:
        classes: in their order.
        of_class: images of each class, in that order.
        of_view: images of each of ``VIEWS``.
    """

    classes: tuple[ClassInfo, ...]
    of_class: tuple[int, ...]
    of_view: tuple[int, ...]


def count(project: Project) -> Counts:
    """All numbers at once."""
    classes = project.classes()
    of_class = tuple(project.count(Filter(class_id=each.id)) for each in classes)
    return Counts(classes, of_class, tuple(project.count(wanted) for _name, wanted in VIEWS))


def wanted_images(view: int, class_id: int | None, text: str, ids: Sequence[int] | None) -> Filter:
    """The filter for what is chosen on the left and typed in the search field."""
    base = VIEWS[view][1]
    return replace(base, class_id=class_id, text=text, ids=None if ids is None else tuple(ids))
