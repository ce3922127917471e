"""What the Images page asks the project, in functions for the reading pool."""

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
    """The numbers beside classes and views.

    Attributes:
        classes: in their order.
        of_class: images of each class, in that order.
        of_view: images of each of ``VIEWS``.
    """

    classes: tuple[ClassInfo, ...]
    of_class: tuple[int, ...]
    of_view: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """What is chosen on the left and typed in the search field.

    Attributes:
        view: place in ``VIEWS``.
        class_id: with this class.
        text: in the path.
        value: with this value of a column.
        ids: only these.
    """

    view: int = 0
    class_id: int | None = None
    text: str = ""
    value: tuple[str, str] | None = None
    ids: tuple[int, ...] | None = None


def count(project: Project, reader: str | None) -> GridCounts:
    """All numbers at once; of a further reader's labels where one is named."""
    classes = project.classes()
    of_class = tuple(project.count(Filter(class_id=each.id, reader=reader)) for each in classes)
    of_view = tuple(project.count(replace(wanted, reader=reader)) for _name, wanted in VIEWS)
    return GridCounts(classes, of_class, of_view)


def filter_of(query: ImageQuery, reader: str | None) -> Filter:
    """The filter for a query; labels are the reader's where one is named."""
    values = () if query.value is None else (query.value,)
    base = VIEWS[query.view][1]
    return replace(
        base, class_id=query.class_id, text=query.text, values=values, reader=reader, ids=query.ids
    )


def ids(project: Project, wanted: Filter) -> list[int]:
    """The images, by path; where certain ones are wanted, in their order, so that copies stand together."""
    found = project.ids(wanted)
    if wanted.ids is None:
        return found
    there = set(found)
    return [number for number in dict.fromkeys(wanted.ids) if number in there]


def columns(project: Project) -> tuple[MetadataColumn, ...]:
    """The columns with values that many images share."""
    found = project.columns().items()
    return tuple(
        MetadataColumn(name, tuple(values.items())) for name, values in found if len(values) <= _MOST_VALUES
    )
