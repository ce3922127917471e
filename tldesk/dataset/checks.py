"""Checks of a project before anyone trusts a number: unreadable files, duplicates, leakage, imbalance."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tldesk.dataset.balance import Balance
from tldesk.dataset.bundles import bundle
from tldesk.dataset.groups import group_by_text
from tldesk.dataset.privacy import Identifying, identifying
from tldesk.dataset.project import Project
from tldesk.dataset.proposals import GroupProposal
from tldesk.dataset.quality import Oddity
from tldesk.dataset.records import Filter, ImageRecord, Mark, Split
from tldesk.imaging import Rendering


@dataclass(frozen=True)
class Quarantined:
    """An image that cannot be read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Duplicates:
    """Images with the very same bytes; more than one in ``labels`` is a contradiction."""

    paths: tuple[Path, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class NearDuplicates:
    """Images that look alike (a copy in another size or format, a burst).

    Attributes:
        paths: in the project's order.
        score: the least correlation among the pairs found, up to 1.
        labels: their different labels.
    """

    paths: tuple[Path, ...]
    score: float
    labels: tuple[str, ...]


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
        possible_leakage: empty once a rule for groups was chosen: then ``leakage`` says what it finds.
        odd: images that stand out (blank, dark, bright, small, of an odd shape), by how.
        imbalance: None with fewer than two classes that have images.
        identifying: images that may identify a person, by what was seen; excluded ones too.
        rendering: how deep pictures and stacks are read.
        balance: how the classes are spread over the splits.
    """

    images: int
    labelled: int
    excluded: int
    classes: Mapping[str, int]
    quarantine: tuple[Quarantined, ...]
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

    def as_dict(self) -> dict[str, Any]:
        """The document of ``tldesk check --json``."""
        return {
            "images": self.images,
            "labelled": self.labelled,
            "excluded": self.excluded,
            "classes": dict(self.classes),
            "quarantine": [{"path": str(one.path), "reason": one.reason} for one in self.quarantine],
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
            "notes": list(self.notes),
        }


def check(project: Project) -> CheckReport:
    """Check the project as the last scan and split left it; files are not opened."""
    everything = project.images(project.ids(Filter()))
    readable = [image for image in everything if image.was_read and Mark.EXCLUDED not in image.marks]
    facts = project.facts()
    same = _bundles(readable, [[image.content] for image in readable])
    near = _near_duplicates(project.alike(), readable)
    grouped = _bundles(readable, [[] if image.group is None else [image.group] for image in readable])
    return CheckReport(
        images=facts.images,
        labelled=facts.labelled,
        excluded=facts.excluded,
        classes=dict(facts.class_counts),
        quarantine=tuple(
            Quarantined(image.path, image.reason) for image in everything if image.reason is not None
        ),
        duplicates=tuple(Duplicates(_paths(images), _labels(images)) for images in same),
        near_duplicates=tuple(
            NearDuplicates(_paths(images), score, _labels(images)) for images, score in near
        ),
        leakage=(
            *_leaks("duplicate", same),
            *_leaks("near_duplicate", [images for images, _ in near]),
            *_leaks("group", grouped),
        ),
        possible_leakage=() if facts.groups else _possible_leaks(project, readable),
        odd={kind: _paths(project.images(ids)) for kind, ids in project.odd_images().items()},
        imbalance=_imbalance(facts.class_counts),
        balance=project.splits.balance(),
        notes=project.last_scan().notes,
        identifying=identifying(everything),
        rendering=project.rendering(),
    )


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


def _possible_leaks(project: Project, images: Sequence[ImageRecord]) -> tuple[PossibleLeak, ...]:
    found = []
    for proposal in project.group_proposals():
        names = project.groups_by(proposal.by)
        keys = [[names[image.id]] if image.id in names else [] for image in images]
        torn = [members for members in _bundles(images, keys) if len(_splits(members)) > 1]
        if torn:
            paths = tuple(path for members in torn for path in _paths(members))
            example = {image.split: image.path for image in reversed(torn[0]) if image.split is not None}
            found.append(PossibleLeak(proposal, len(torn), paths, example))
    return tuple(found)


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
