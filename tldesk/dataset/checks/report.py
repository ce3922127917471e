"""The report of a check: unreadable files, duplicates, leakage, imbalance and more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage
from tldesk.dataset.checks.imbalance import Imbalance
from tldesk.dataset.checks.odd_pictures import Oddity
from tldesk.dataset.checks.privacy import Identifying
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.groups.proposals import GroupProposal
from tldesk.dataset.groups.rules import group_by_text
from tldesk.dataset.left_out import NOTHING_LEFT_OUT, LeftOut
from tldesk.dataset.records import Split
from tldesk.dataset.splits.balance import Balance
from tldesk.imaging import Rendering


@dataclass(frozen=True)
class Quarantined:
    """An image that cannot be read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Duplicates:
    """Images with identical bytes; more than one class in ``labels`` is a contradiction.

    ``grouped`` says whether all are in the same group.
    """

    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    grouped: bool


@dataclass(frozen=True)
class NearDuplicates:
    """Images that look alike (a copy in another size or format, a burst).

    Attributes:
        paths: paths of the images, in the project's order.
        score: lowest correlation of the pairs found, up to 1.
        labels: names of their classes, without duplicates.
        grouped: whether all are in the same group.
    """

    paths: tuple[Path, ...]
    score: float
    labels: tuple[str, ...]
    grouped: bool


@dataclass(frozen=True)
class Leak:
    """Images that belong together but are in different splits, so that test scores are too good.

    Attributes:
        kind: "duplicate", "near_duplicate" or "group".
        splits: the splits of the images.
        paths: paths of the images, in the project's order.
        group: name of the group, for kind "group".
    """

    kind: str
    splits: tuple[Split, ...]
    paths: tuple[Path, ...]
    group: str | None = None


@dataclass(frozen=True)
class PossibleLeak:
    """Images in different splits that a suggested group rule would keep together.

    Attributes:
        proposal: the suggested rule and its result.
        groups: number of its groups that span several splits.
        paths: paths of the images of these groups, group by group.
        example: for the first of these groups, one image per split.
    """

    proposal: GroupProposal
    groups: int
    paths: tuple[Path, ...]
    example: Mapping[Split, Path]


@dataclass(frozen=True)
class CheckReport:
    """The result of ``check``.

    Attributes:
        images: number of all images, readable or not.
        excluded: number of readable images that a user excluded; findings do not include them.
        classes: class name -> number of labelled readable images, in the order of classes.
        missing: images whose files are missing; they are in quarantine too.
        changed: images whose files had changed at the last scan.
        unread: images that a scan listed but did not read because it was stopped.
        possible_leakage: empty once a group rule was set; then the leaks of its groups are in ``leakage``.
        odd: unusual images by kind (blank, dark, bright, blurred, small, of an odd shape).
        imbalance: None if fewer than two classes have images, or if dismissed.
        identifying: images that may identify a person, by kind of trace; including excluded ones.
        rendering: how deep pictures and stacks are read.
        balance: distribution of the classes over the splits.
        dismissed: images with dismissed findings; these findings are left out of the report.
        contradictions: identical files or near duplicates with different labels.
        dismissed_whole: keys of dismissed findings about the whole project: "imbalance", "shortcut:files" …
        known_shortcuts: shortcuts, including dismissed ones; empty unless ``checking`` searched for them.
        numbers: image ids by path.
        alike_classes: classes whose names differ only in capitals or joints.
        moved_images: images not in the folder of their class; without dismissed ones.
        empty_classes: classes without a usable image.
        left_out: what the last scan found among the pictures and did not bring in.
    """

    images: int
    labelled: int
    excluded: int
    classes: Mapping[str, int]
    quarantine: tuple[Quarantined, ...]
    missing: tuple[Path, ...]
    changed: tuple[Path, ...]
    unread: tuple[Path, ...]
    duplicates: tuple[Duplicates, ...]
    near_duplicates: tuple[NearDuplicates, ...]
    leakage: tuple[Leak, ...]
    possible_leakage: tuple[PossibleLeak, ...]
    odd: Mapping[Oddity, tuple[Path, ...]]
    imbalance: Imbalance | None
    balance: Balance
    notes: tuple[str, ...]
    identifying: tuple[Identifying, ...]
    rendering: Rendering
    contradictions: tuple[Duplicates, ...]
    dismissed: tuple[Path, ...]
    dismissed_whole: frozenset[str]
    known_shortcuts: tuple[Shortcut, ...]
    numbers: Mapping[Path, int]
    alike_classes: tuple[AlikeClasses, ...] = ()
    moved_images: tuple[MovedImage, ...] = ()
    empty_classes: tuple[EmptyClass, ...] = ()
    left_out: LeftOut = NOTHING_LEFT_OUT

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """The shortcuts that were not dismissed."""
        gone = self.dismissed_whole
        return tuple(one for one in self.known_shortcuts if f"shortcut:{one.where}" not in gone)

    def ids(self, paths: Iterable[Path]) -> tuple[int, ...]:
        """Return the ids of images given by path."""
        return tuple(self.numbers[path] for path in paths)

    def paths(self, ids: Iterable[int]) -> tuple[Path, ...]:
        """Return the paths of images given by id; images added after the check are left out."""
        return tuple(self._paths[number] for number in ids if number in self._paths)

    @cached_property
    def _paths(self) -> Mapping[int, Path]:
        return {number: path for path, number in self.numbers.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return the output of ``tldesk check --json``."""
        return {
            "images": self.images,
            "labelled": self.labelled,
            "excluded": self.excluded,
            "classes": dict(self.classes),
            "quarantine": [{"path": str(one.path), "reason": one.reason} for one in self.quarantine],
            "missing": _texts(self.missing),
            "changed": _texts(self.changed),
            "unread": _texts(self.unread),
            "duplicates": [
                {"paths": _texts(one.paths), "labels": list(one.labels)} for one in self.duplicates
            ],
            "near_duplicates": [
                {"paths": _texts(one.paths), "score": one.score, "labels": list(one.labels)}
                for one in self.near_duplicates
            ],
            "leakage": [
                {
                    "kind": one.kind,
                    "splits": [str(split) for split in one.splits],
                    "paths": _texts(one.paths),
                    "group": one.group,
                }
                for one in self.leakage
            ],
            "possible_leakage": [
                {
                    "group_by": group_by_text(one.proposal.by),
                    "groups": one.groups,
                    "paths": _texts(one.paths),
                }
                for one in self.possible_leakage
            ],
            "odd": {kind: _texts(paths) for kind, paths in self.odd.items()},
            "imbalance": _imbalance_dict(self.imbalance),
            "identifying": [
                {"what": str(one.trace), "in_the_picture": one.in_the_picture, "paths": _texts(one.paths)}
                for one in self.identifying
            ],
            "rendering": asdict(self.rendering),
            "splits": self.balance.as_dict(),
            "contradictions": [
                {"paths": _texts(one.paths), "labels": list(one.labels)} for one in self.contradictions
            ],
            "shortcuts": [self._shortcut_dict(one) for one in self.shortcuts],
            "dismissed": {"paths": _texts(self.dismissed), "findings": sorted(self.dismissed_whole)},
            "alike_classes": [list(one.names) for one in self.alike_classes],
            "moved_images": [
                {"path": str(one.path), "label": one.label, "folder": one.word} for one in self.moved_images
            ],
            "empty_classes": [one.name for one in self.empty_classes],
            **self.left_out.as_dict(),
            "notes": [*self.left_out.notes(), *self.notes],
        }

    def _shortcut_dict(self, one: Shortcut) -> dict[str, object]:
        return {
            "where": one.where,
            "balanced_accuracy": round(one.accuracy, 4),
            "low": round(one.low, 4),
            "chance": one.chance,
            "telling": list(one.telling),
            "examples": _texts(self.paths(one.ids)),
        }


def _imbalance_dict(imbalance: Imbalance | None) -> dict[str, object] | None:
    if imbalance is None:
        return None
    return {"ratio": imbalance.ratio, "largest": imbalance.largest, "smallest": imbalance.smallest}


def _texts(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths]
