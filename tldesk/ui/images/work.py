"""Queries of the Images page, as functions for the reading pool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.dataset import Filter, Mark, Split
from tldesk.ui.images.metadata_column import MetadataColumn

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo, Project

_MOST_VALUES = 60
VIEWS: tuple[tuple[str, Filter], ...] = (
    (QCoreApplication.translate("ImagesPage", "All"), Filter()),
    (QCoreApplication.translate("ImagesPage", "Unlabelled"), Filter(unlabelled=True)),
    (QCoreApplication.translate("ImagesPage", "Unsure"), Filter(mark=Mark.UNSURE)),
    (QCoreApplication.translate("ImagesPage", "Training"), Filter(split=Split.TRAIN)),
    (QCoreApplication.translate("ImagesPage", "Validation"), Filter(split=Split.VALIDATION)),
    (QCoreApplication.translate("ImagesPage", "Test"), Filter(split=Split.TEST)),
    (QCoreApplication.translate("ImagesPage", "Excluded"), Filter(mark=Mark.EXCLUDED)),
    (QCoreApplication.translate("ImagesPage", "Quarantine"), Filter(quarantined=True)),
)


@dataclass(frozen=True, slots=True)
class GridCounts:
    """The numbers of images next to classes and views.

    Attributes:
        classes: the classes in their order.
        of_class: number of images per class, in that order.
        of_view: number of images per view in ``VIEWS``.
    """

    classes: tuple[ClassInfo, ...]
    of_class: tuple[int, ...]
    of_view: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """The selection on the left and the text in the search field.

    Attributes:
        view: index into ``VIEWS``.
        class_id: only images with this class.
        text: only images whose path contains this.
        value: only images with this value of a column.
        ids: only these images.
    """

    view: int = 0
    class_id: int | None = None
    text: str = ""
    value: tuple[str, str] | None = None
    ids: tuple[int, ...] | None = None


def count(project: Project, reader: str | None) -> GridCounts:
    """Return all counts; if ``reader`` is given, of that reader's labels."""
    classes = project.classes
    of_class = tuple(project.count(Filter(class_id=each.id, reader=reader)) for each in classes)
    of_view = tuple(project.count(replace(wanted, reader=reader)) for _name, wanted in VIEWS)
    return GridCounts(classes, of_class, of_view)


def filter_of(query: ImageQuery, reader: str | None) -> Filter:
    """Return the filter for a query; if ``reader`` is given, it uses that reader's labels."""
    values = () if query.value is None else (query.value,)
    base = VIEWS[query.view][1]
    return replace(
        base, class_id=query.class_id, text=query.text, values=values, reader=reader, ids=query.ids
    )


def ids(project: Project, wanted: Filter) -> list[int]:
    """Return the ids of the images, sorted by path.

    If certain ids are requested, they keep their order, so that copies are adjacent.
    """
    found = project.ids(wanted)
    if wanted.ids is None:
        return found
    there = set(found)
    return [number for number in dict.fromkeys(wanted.ids) if number in there]


def columns(project: Project) -> tuple[MetadataColumn, ...]:
    """Return the columns with values that many images share."""
    found = project.columns().items()
    return tuple(
        MetadataColumn(name, tuple(values.items())) for name, values in found if len(values) <= _MOST_VALUES
    )
