"""The distribution of the classes over the splits, and remarks on uneven distributions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tldesk.dataset.records import Split
from tldesk.dataset.splits.split_rule import is_locked, kept_rule
from tldesk.dataset.store.class_table import all_classes
from tldesk.dataset.store.sql_conditions import USABLE

Remark = Literal["none", "few", "many"]

# A share may deviate by half of min(share, 1 - share), or by 1.5 images if that is more: counts are rounded.
_OFF, _ROUNDING = 0.5, 1.5


@dataclass(frozen=True)
class Spread:
    """The distribution over the splits of the usable images: of a class, unlabelled ones, or all labelled.

    Attributes:
        name: class name; "" for unlabelled images and for all.
        class_id: class id; None for unlabelled images and for all.
        counts: number of images per split.
        without: number of images in no split.
        remarks: splits with no images, or too few or too many for the wanted shares.
    """

    name: str
    class_id: int | None
    counts: Mapping[Split, int]
    without: int
    remarks: Mapping[Split, Remark]

    @property
    def images(self) -> int:
        """Number of images, in any split or none."""
        return sum(self.counts.values()) + self.without

    def share(self, split: Split) -> float:
        """Return the fraction of the images with a split that are in this one, 0..1; 0 if there are none."""
        total = sum(self.counts.values())
        return self.counts[split] / total if total else 0.0


@dataclass(frozen=True)
class Balance:
    """The distribution of the usable images over the splits.

    Attributes:
        wanted: the share of each split that every class should have: as chosen, or, if folders, tables or a
            locked test set determine the splits, the share of all labelled images.
        classes: distribution per class, in the order of classes.
        unlabelled: distribution of the unlabelled images.
        all: distribution of all labelled images; its remarks list splits without any image.
        groups: number of groups in each split.
        torn: number of groups that span several splits, which should be 0.
        locked: whether the test set is locked.
    """

    wanted: Mapping[Split, float]
    classes: tuple[Spread, ...]
    unlabelled: Spread
    all: Spread
    groups: Mapping[Split, int]
    torn: int
    locked: bool

    @property
    def is_split(self) -> bool:
        """Whether any image is in a split."""
        return any(self.all.counts.values()) or any(self.unlabelled.counts.values())

    @property
    def uneven(self) -> tuple[Spread, ...]:
        """Classes with a remark."""
        return tuple(one for one in self.classes if one.remarks)

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON: "splits" of ``tldesk check`` and ``tldesk split``."""
        return {
            "wanted": {str(split): share for split, share in self.wanted.items()},
            "classes": [{"class": one.name, **_as_dict(one)} for one in self.classes],
            "unlabelled": _as_dict(self.unlabelled),
            "all": _as_dict(self.all),
            "groups": {str(split): number for split, number in self.groups.items()},
            "groups_in_several": self.torn,
            "locked": self.locked,
        }


def balance(connection: sqlite3.Connection) -> Balance:
    """Return the current distribution, without excluded and unreadable images."""
    rows = connection.execute(
        f"SELECT class_id, split, COUNT(*) FROM images WHERE {USABLE} GROUP BY class_id, split"  # noqa: S608
    )
    found: dict[int | None, dict[str | None, int]] = {}
    for class_id, split, number in rows:
        found.setdefault(class_id, {})[split] = number
    total: dict[str | None, int] = {}
    for class_id, counts in found.items():
        for split, number in counts.items() if class_id is not None else ():
            total[split] = total.get(split, 0) + number
    everything = _spread("", None, total)
    wanted = _wanted(connection, everything)
    groups, torn = _groups(connection)
    return Balance(
        wanted,
        tuple(
            _judged(_spread(one.name, one.id, found.get(one.id, {})), wanted)
            for one in all_classes(connection)
        ),
        _spread("", None, found.get(None, {})),
        replace(everything, remarks={split: "none" for split in Split if not everything.counts[split]}),
        groups,
        torn,
        is_locked(connection),
    )


def _spread(name: str, class_id: int | None, found: Mapping[str | None, int]) -> Spread:
    counts = {split: found.get(str(split), 0) for split in Split}
    return Spread(name, class_id, counts, found.get(None, 0), {})


def _judged(one: Spread, wanted: Mapping[Split, float]) -> Spread:
    """Return a class's distribution with remarks, compared with the ``wanted`` shares."""
    total = sum(one.counts.values())
    remarks = {split: _remark(one.counts[split], total, share) for split, share in wanted.items()}
    return replace(one, remarks={split: remark for split, remark in remarks.items() if remark is not None})


def _remark(count: int, total: int, share: float) -> Remark | None:
    """Return the remark on ``count`` of ``total`` images if ``share`` is wanted, or None."""
    if not total or not share:
        return None
    if not count:
        return "none"
    off = count - share * total
    if abs(off) <= max(_ROUNDING, _OFF * min(share, 1 - share) * total):
        return None
    return "few" if off < 0 else "many"


def _wanted(connection: sqlite3.Connection, everything: Spread) -> dict[Split, float]:
    rule = kept_rule(connection)
    if rule is None or is_locked(connection) or (rule.keep_given and _is_given(connection)):
        return {split: everything.share(split) for split in Split}
    return {split: share / sum(rule.shares) for split, share in zip(Split, rule.shares, strict=True)}


def _is_given(connection: sqlite3.Connection) -> bool:
    """Return whether folders or a table determine validation or test images."""
    given = f"""SELECT 1 FROM images WHERE {USABLE} AND class_id IS NOT NULL
        AND given_split IN ('validation', 'test') LIMIT 1"""  # noqa: S608
    return connection.execute(given).fetchone() is not None


def _groups(connection: sqlite3.Connection) -> tuple[dict[Split, int], int]:
    """Return the number of groups in each split, and of groups that span several."""
    grouped = f"FROM images WHERE {USABLE} AND group_name IS NOT NULL AND split IS NOT NULL"
    rows = connection.execute(f"SELECT split, COUNT(DISTINCT group_name) {grouped} GROUP BY split")
    found = dict(rows.fetchall())
    torn = connection.execute(
        f"""SELECT COUNT(*) FROM (SELECT 1 {grouped}
        GROUP BY group_name HAVING COUNT(DISTINCT split) > 1)"""  # noqa: S608
    ).fetchone()
    return {split: found.get(str(split), 0) for split in Split}, int(torn[0])


def _as_dict(one: Spread) -> dict[str, Any]:
    return {
        "images": one.images,
        **{str(split): count for split, count in one.counts.items()},
        "without_split": one.without,
        "remarks": {str(split): remark for split, remark in one.remarks.items()},
    }
