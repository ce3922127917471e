"""Recognises the person of whom a picture is, by a column's name or a folder's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tldesk.dataset.files.numbered_folders import is_person
from tldesk.dataset.name_order import natural_key

_COLUMN = re.compile(
    r"(patient|subject|person|participant|proband|donor|animal)[ _-]*(id|no|nr|number|key|code)?",
    re.IGNORECASE,
)
_FEWEST = 3
_LARGEST = 0.8  # the share of the images of one person above which the others cannot test anything
_LEAST_NAMED = 0.95  # the share of the images whose person is known
_SHOWN = 3


def is_person_column(name: str) -> bool:
    """Return whether a column or tag of this name tells whose picture it is: PatientID, "subject no"."""
    return _COLUMN.fullmatch(name) is not None


def person_of(folders: Iterable[str]) -> str | None:
    """Return the first folder that is a person's; None if none is."""
    return next(filter(is_person, folders), None)


def parts_persons(names: Sequence[str | None] | Counter[str | None]) -> bool:
    """Return whether images can be split by person: nearly all are of one, and no one has most of them.

    Args:
        names: the person of each image, or how many images each has; None for images of nobody known.
    """
    sizes = Counter(names)
    images = sizes.total()
    del sizes[None]
    return (
        len(sizes) >= _FEWEST
        and sizes.total() >= _LEAST_NAMED * images
        and 1 < max(sizes.values()) <= _LARGEST * images
    )


def together_note(names: Counter[str | None], column: str = "", *, whose: str = "persons") -> tuple[str, ...]:
    """Return a sentence that the images of each person, or group, stay in one split; nothing without any.

    Args:
        names: how many images each has; None for nobody.
        column: the column that tells them; "" if folders do.
        whose: what they are, in the plural.
    """
    found = sorted((name for name in names if name is not None), key=natural_key)
    if not found:
        return ()
    more = " …" if len(found) > _SHOWN else ""
    where = f'column "{column}": ' if column else ""
    shown = f"{where}{', '.join(found[:_SHOWN])}{more}"
    return (f"The images of each of {len(found):,} {whose} ({shown}) stay in one split",)
