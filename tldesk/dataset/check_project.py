"""Checks of a project's data before training: unreadable files, duplicates, leakage, imbalance and more."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

from tldesk.base import Progress
from tldesk.dataset.checks.alike_classes import AlikeClasses, alike_classes
from tldesk.dataset.checks.evidence import Dismissed
from tldesk.dataset.checks.findings import Finding, network_findings, possible_leak_key
from tldesk.dataset.checks.imbalance import class_imbalance
from tldesk.dataset.checks.network_inspection import Inspection
from tldesk.dataset.checks.odd_pictures import Oddity
from tldesk.dataset.checks.privacy import identifying
from tldesk.dataset.checks.related_images import (
    bundles,
    duplicates,
    in_one_group,
    labels_of,
    leaks,
    near_duplicates,
    paths_of,
    splits_of,
)
from tldesk.dataset.checks.report import CheckReport, NearDuplicates, PossibleLeak, Quarantined
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.project import Project
from tldesk.dataset.records import Filter, ImageRecord, Mark


def checking(
    project: Project, stop: threading.Event | None = None
) -> Generator[Progress, None, CheckReport | None]:
    """Measure new images, search for shortcuts and run the checks; return None if stopped."""
    yield from project.evidence.measuring(stop)
    shortcuts = yield from project.evidence.shortcuts(stop)
    if stop is not None and stop.is_set():
        return None
    yield Progress("Checking the images", 0, 0)
    return check(project, shortcuts)


def check(project: Project, shortcuts: Sequence[Shortcut] = ()) -> CheckReport:
    """Check the project using the results of the last scan, split and measurement; no file is opened.

    Dismissed findings are left out, except unreadable files.
    """
    everything = project.images(project.ids(Filter()))
    usable = [image for image in everything if image.was_read and Mark.EXCLUDED not in image.marks]
    facts, dismissed, scanned = project.facts(), project.evidence.dismissed(), project.last_scan()
    same = bundles(usable, [[image.content] for image in usable])
    near = near_duplicates(project.alike(), usable)
    alike = [images for images, _ in near]
    grouped = bundles(usable, [[] if image.group is None else [image.group] for image in usable])
    return CheckReport(
        images=facts.images,
        labelled=facts.labelled,
        excluded=facts.excluded,
        classes=dict(facts.class_counts),
        quarantine=tuple(
            Quarantined(image.path, image.reason) for image in everything if image.reason is not None
        ),
        missing=_chosen(everything, project.ids(Filter(missing=True))),
        changed=_chosen(everything, scanned.changed_ids),
        unread=paths_of(image for image in everything if image.reason is None and not image.was_read),
        duplicates=tuple(map(duplicates, _open("duplicate", same, dismissed))),
        near_duplicates=tuple(
            NearDuplicates(paths_of(images), score, labels_of(images), in_one_group(images))
            for images, score in near
            if not _is_dismissed(dismissed, "near_duplicate", images)
        ),
        leakage=(
            *leaks("duplicate", _open("leak", same, dismissed)),
            *leaks("near_duplicate", _open("leak", alike, dismissed)),
            *leaks("group", _open("leak_group", grouped, dismissed)),
        ),
        possible_leakage=()
        if project.splits.group_by is not None
        else _possible_leaks(project, usable, dismissed),
        odd=_odd(project, dismissed),
        imbalance=None if "imbalance" in dismissed.whole else class_imbalance(facts.class_counts),
        balance=project.splits.balance(),
        notes=scanned.notes,
        identifying=identifying(everything),
        rendering=project.rendering(),
        contradictions=tuple(
            one
            for one in map(duplicates, _open("contradiction", [*same, *alike], dismissed))
            if len(one.labels) > 1
        ),
        dismissed=paths_of(
            image for image in everything if any(image.id in ids for ids in dismissed.images.values())
        ),
        dismissed_whole=dismissed.whole,
        known_shortcuts=tuple(shortcuts),
        numbers={image.path: image.id for image in everything},
        alike_classes=open_alike_classes(project),
        moved_images=tuple(
            one
            for one in project.evidence.moved_images()
            if not dismissed.covers("folder_class", [one.image_id])
        ),
        empty_classes=tuple(
            one for one in project.evidence.empty_classes() if one.key not in dismissed.whole
        ),
        left_out=scanned.left_out,
    )


def open_alike_classes(project: Project) -> tuple[AlikeClasses, ...]:
    """Return the classes whose names differ only in capitals or joints, unless a person keeps them apart."""
    found = alike_classes(project.classes, dict(project.facts().class_counts))
    dismissed = project.evidence.dismissed().whole
    return tuple(one for one in found if one.key not in dismissed)


def findings_of_inspection(project: Project, seen: Inspection) -> tuple[Finding, ...]:
    """Return the findings of a network's inspection, without those resolved or dismissed since."""
    numbers = [one.image_id for one in seen.doubts]
    numbers += [number for pair in seen.alike for number in (pair.first, pair.second)]
    images = {one.id: one for one in project.images(list(dict.fromkeys(numbers)))}
    classes = {one.name: one.id for one in project.classes}
    return network_findings(seen, images, classes, project.evidence.dismissed())


def _chosen(images: Iterable[ImageRecord], ids: Iterable[int]) -> tuple[Path, ...]:
    wanted = set(ids)
    return paths_of(image for image in images if image.id in wanted)


def _open(
    finding: str, bundles: Iterable[list[ImageRecord]], dismissed: Dismissed
) -> list[list[ImageRecord]]:
    """Return the bundles whose finding has not been dismissed."""
    return [images for images in bundles if not _is_dismissed(dismissed, finding, images)]


def _is_dismissed(dismissed: Dismissed, finding: str, images: Iterable[ImageRecord]) -> bool:
    return dismissed.covers(finding, [image.id for image in images])


def _odd(project: Project, dismissed: Dismissed) -> Mapping[Oddity, tuple[Path, ...]]:
    open_ones = {
        kind: [number for number in ids if not dismissed.covers(kind, [number])]
        for kind, ids in project.evidence.odd_images().items()
    }
    return {kind: paths_of(project.images(ids)) for kind, ids in open_ones.items() if ids}


def _possible_leaks(
    project: Project, images: Sequence[ImageRecord], dismissed: Dismissed
) -> tuple[PossibleLeak, ...]:
    found = []
    for proposal in project.grouping.proposals():
        if possible_leak_key(proposal) in dismissed.whole:
            continue
        names = project.grouping.names(proposal.by)
        keys = [[names[image.id]] if image.id in names else [] for image in images]
        torn = [members for members in bundles(images, keys) if len(splits_of(members)) > 1]
        if torn:
            paths = tuple(path for members in torn for path in paths_of(members))
            example = {image.split: image.path for image in reversed(torn[0]) if image.split is not None}
            found.append(PossibleLeak(proposal, len(torn), paths, example))
    return tuple(found)
