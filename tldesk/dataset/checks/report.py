"""Checks of a project before anyone trusts a number: unreadable files, duplicates, leakage, imbalance."""

from __future__ import annotations

import threading
from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tldesk.base import Progress
from tldesk.dataset.bundles import bundle
from tldesk.dataset.checks.evidence import Dismissed
from tldesk.dataset.checks.odd_pictures import Oddity
from tldesk.dataset.checks.privacy import Identifying, identifying
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.groups.proposals import GroupProposal
from tldesk.dataset.groups.rules import group_by_text
from tldesk.dataset.project import Project
from tldesk.dataset.records import Filter, ImageRecord, Mark, Split
from tldesk.dataset.splits.balance import Balance
from tldesk.imaging import Rendering


@dataclass(frozen=True)
class Quarantined:
    """An image that cannot be read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Duplicates:
    """Images with the very same bytes; more than one in ``labels`` is a contradiction.

    ``grouped``: all are in the same group.
    """

    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    grouped: bool


@dataclass(frozen=True)
class NearDuplicates:
    """Images that look alike (a copy in another size or format, a burst).

    Attributes:
        paths: in the project's order.
        score: the least correlation among the pairs found, up to 1.
        labels: their different labels.
        grouped: all are in the same group.
    """

    paths: tuple[Path, ...]
    score: float
    labels: tuple[str, ...]
    grouped: bool


@dataclass(frozen=True)
class Leak:
    """Images that belong together and stand in different splits, so that a measurement flatters.

    Attributes:
        kind: "duplicate", "near_duplicate" or "group".
        splits: the splits that they stand in.
        paths: in the project's order.
        group: the group's name, for kind "group".
    """

    kind: str
    splits: tuple[Split, ...]
    paths: tuple[Path, ...]
    group: str | None = None


@dataclass(frozen=True)
class PossibleLeak:
    """Images in different splits that a proposed rule would keep together.

    Attributes:
        proposal: the rule, and what it would give.
        groups: its groups that stand in several splits.
        paths: the images of these groups, group by group.
        example: an image of the first group in each split that it stands in.
    """

    proposal: GroupProposal
    groups: int
    paths: tuple[Path, ...]
    example: Mapping[Split, Path]


@dataclass(frozen=True)
class Imbalance:
    """The largest class against the smallest one that has images."""

    ratio: float
    largest: str
    smallest: str


@dataclass(frozen=True)
class CheckReport:
    """What ``check`` found.

    Attributes:
        images: all images, readable or not.
        excluded: readable images that a person left out; no finding names them.
        classes: class name to labelled readable images, in the classes' order.
        unread: images that a scan has listed and, as it was stopped, not read.
        possible_leakage: empty once a rule for groups was chosen: then ``leakage`` says what it finds.
        odd: images that stand out (blank, dark, bright, blurred, small, of an odd shape), by how.
        imbalance: None with fewer than two classes that have images.
        identifying: images that may identify a person, by what was seen; excluded ones too.
        rendering: how deep pictures and stacks are read.
        balance: how the classes are spread over the splits.
        dismissed: images whose findings a person left as they are; these findings are not named.
        contradictions: copies, changed or not, with different labels.
        dismissed_whole: findings left as they are that name no image: "imbalance", "shortcut:files" …
        known_shortcuts: what tells the class though it should not; empty unless ``checking`` looked for it.
        numbers: the images' numbers by path.
    """

    images: int
    labelled: int
    excluded: int
    classes: Mapping[str, int]
    quarantine: tuple[Quarantined, ...]
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

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """The known ones that nobody has dismissed."""
        gone = self.dismissed_whole
        return tuple(one for one in self.known_shortcuts if f"shortcut:{one.where}" not in gone)

    def as_dict(self) -> dict[str, Any]:
        """The document of ``tldesk check --json``."""
        return {
            "images": self.images,
            "labelled": self.labelled,
            "excluded": self.excluded,
            "classes": dict(self.classes),
            "quarantine": [{"path": str(one.path), "reason": one.reason} for one in self.quarantine],
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
            "notes": list(self.notes),
        }

    def _shortcut_dict(self, one: Shortcut) -> dict[str, object]:
        paths = {number: path for path, number in self.numbers.items()}
        return {
            "where": one.where,
            "balanced_accuracy": round(one.accuracy, 4),
            "low": round(one.low, 4),
            "chance": one.chance,
            "telling": list(one.telling),
            "examples": [str(paths[number]) for number in one.ids],
        }


def checking(
    project: Project, stop: threading.Event | None = None
) -> Generator[Progress, None, CheckReport | None]:
    """Measure what is not known of the images yet, look for shortcuts, and check; None when stopped."""
    yield from project.evidence.measuring(stop)
    shortcuts = yield from project.evidence.shortcuts(stop)
    if stop is not None and stop.is_set():
        return None
    yield Progress("Checking the images", 0, 0)
    return check(project, shortcuts)


def check(project: Project, shortcuts: Sequence[Shortcut] = ()) -> CheckReport:
    """Check the project as the last scan, split and measurement left it; files are not opened.

    Findings that a person dismissed are left out, but for files that cannot be read.
    """
    everything = project.images(project.ids(Filter()))
    readable = [image for image in everything if image.was_read and Mark.EXCLUDED not in image.marks]
    facts, left = project.facts(), project.evidence.dismissed()
    same = _bundles(readable, [[image.content] for image in readable])
    near = _near_duplicates(project.alike(), readable)
    alike = [images for images, _ in near]
    grouped = _bundles(readable, [[] if image.group is None else [image.group] for image in readable])
    return CheckReport(
        images=facts.images,
        labelled=facts.labelled,
        excluded=facts.excluded,
        classes=dict(facts.class_counts),
        quarantine=tuple(
            Quarantined(image.path, image.reason) for image in everything if image.reason is not None
        ),
        unread=tuple(image.path for image in everything if image.reason is None and not image.was_read),
        duplicates=tuple(map(_duplicates, _open("duplicate", same, left))),
        near_duplicates=tuple(
            NearDuplicates(_paths(images), score, _labels(images), _is_group(images))
            for images, score in near
            if not _left(left, "near_duplicate", images)
        ),
        leakage=(
            *_leaks("duplicate", _open("leak", same, left)),
            *_leaks("near_duplicate", _open("leak", alike, left)),
            *_leaks("group", _open("leak_group", grouped, left)),
        ),
        possible_leakage=()
        if project.splits.group_by is not None
        else _possible_leaks(project, readable, left),
        odd=_odd(project, left),
        imbalance=None if "imbalance" in left.whole else _imbalance(facts.class_counts),
        balance=project.splits.balance(),
        notes=project.last_scan().notes,
        identifying=identifying(everything),
        rendering=project.rendering(),
        contradictions=tuple(
            one
            for one in map(_duplicates, _open("contradiction", [*same, *alike], left))
            if len(one.labels) > 1
        ),
        dismissed=_paths(
            image for image in everything if any(image.id in ids for ids in left.images.values())
        ),
        dismissed_whole=left.whole,
        known_shortcuts=tuple(shortcuts),
        numbers={image.path: image.id for image in everything},
    )


def _open(finding: str, bundles: Iterable[list[ImageRecord]], left: Dismissed) -> list[list[ImageRecord]]:
    """The bundles that nobody has dismissed."""
    return [images for images in bundles if not _left(left, finding, images)]


def _left(left: Dismissed, finding: str, images: Iterable[ImageRecord]) -> bool:
    return left.covers(finding, [image.id for image in images])


def _duplicates(images: Sequence[ImageRecord]) -> Duplicates:
    return Duplicates(_paths(images), _labels(images), _is_group(images))


def _is_group(images: Sequence[ImageRecord]) -> bool:
    return len({image.group for image in images}) == 1 and images[0].group is not None


def _odd(project: Project, left: Dismissed) -> dict[Oddity, tuple[Path, ...]]:
    open_ones = {
        kind: [number for number in ids if not left.covers(kind, [number])]
        for kind, ids in project.evidence.odd_images().items()
    }
    return {kind: _paths(project.images(ids)) for kind, ids in open_ones.items() if ids}


def _bundles(images: Sequence[ImageRecord], keys: Sequence[Iterable[Hashable]]) -> list[list[ImageRecord]]:
    """The images that shared keys join, where there are at least two."""
    members: dict[int, list[ImageRecord]] = {}
    for image, number in zip(images, bundle(keys), strict=True):
        members.setdefault(number, []).append(image)
    return [images for images in members.values() if len(images) > 1]


def _near_duplicates(
    pairs: Sequence[tuple[str, str, float]], images: Sequence[ImageRecord]
) -> list[tuple[list[ImageRecord], float]]:
    """Bundles of images that look alike though their bytes differ, with the least score of their pairs."""
    ties: dict[str, list[tuple[str, str]]] = {}
    for one, other, _ in pairs:
        ties.setdefault(one, []).append((one, other))
        ties.setdefault(other, []).append((one, other))
    alike = [image for image in images if image.content in ties]
    bundles = _bundles(alike, [ties[image.content] for image in alike])
    scores = [min(pair[2] for pair in pairs if pair[0] in contents) for contents in map(_contents, bundles)]
    return sorted(zip(bundles, scores, strict=True), key=lambda one: -one[1])


def _contents(images: Iterable[ImageRecord]) -> set[str]:
    return {image.content for image in images}


def _leaks(kind: str, bundles: Iterable[Sequence[ImageRecord]]) -> list[Leak]:
    leaks = []
    for images in bundles:
        splits = _splits(images)
        if len(splits) > 1:
            group = images[0].group if kind == "group" else None
            split_images = [image for image in images if image.split is not None]
            ordered = tuple(split for split in Split if split in splits)
            leaks.append(Leak(kind, ordered, _paths(split_images), group))
    return leaks


def _splits(images: Iterable[ImageRecord]) -> set[Split]:
    return {image.split for image in images if image.split is not None}


def _possible_leaks(
    project: Project, images: Sequence[ImageRecord], left: Dismissed
) -> tuple[PossibleLeak, ...]:
    found = []
    for proposal in project.grouping.proposals():
        if possible_leak_key(proposal) in left.whole:
            continue
        names = project.grouping.names(proposal.by)
        keys = [[names[image.id]] if image.id in names else [] for image in images]
        torn = [members for members in _bundles(images, keys) if len(_splits(members)) > 1]
        if torn:
            paths = tuple(path for members in torn for path in _paths(members))
            example = {image.split: image.path for image in reversed(torn[0]) if image.split is not None}
            found.append(PossibleLeak(proposal, len(torn), paths, example))
    return tuple(found)


def possible_leak_key(proposal: GroupProposal) -> str:
    """The name under which what a rule would keep together is dismissed."""
    return f"possible_leak:{group_by_text(proposal.by)}"


def _imbalance(counts: Sequence[tuple[str, int]]) -> Imbalance | None:
    filled = [(number, name) for name, number in counts if number]
    if len(filled) < 2:
        return None
    most, least = max(filled, key=lambda one: one[0]), min(filled, key=lambda one: one[0])
    return Imbalance(round(most[0] / least[0], 3), most[1], least[1])


def _imbalance_dict(imbalance: Imbalance | None) -> dict[str, object] | None:
    if imbalance is None:
        return None
    return {"ratio": imbalance.ratio, "largest": imbalance.largest, "smallest": imbalance.smallest}


def _paths(images: Iterable[ImageRecord]) -> tuple[Path, ...]:
    return tuple(image.path for image in images)


def _labels(images: Iterable[ImageRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(image.class_name for image in images if image.class_name is not None))


def _texts(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths]
