"""Findings: the results of a check as ordered records, the same for the command line and the window.

The command line and the window only put a finding into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.dataset.checks.evidence import Dismissed
from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage
from tldesk.dataset.checks.imbalance import Imbalance
from tldesk.dataset.checks.network_inspection import AlikePair, DoubtfulLabel, Inspection
from tldesk.dataset.checks.privacy import Identifying
from tldesk.dataset.checks.report import (
    CheckReport,
    Duplicates,
    Leak,
    NearDuplicates,
    PossibleLeak,
    Quarantined,
)
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.groups.proposals import GroupProposal
from tldesk.dataset.groups.rules import group_by_text
from tldesk.dataset.left_out import LeftOut
from tldesk.dataset.records import ImageRecord, Mark

_MOST_RULES = 2  # possible leaks: the less certain rules after these add little


class FindingKind(StrEnum):
    """All kinds of findings, in the order in which they are listed: the most serious first.

    The values are stored with dismissed findings and written by ``tldesk check --json``.
    """

    MISSING = "missing"
    CHANGED = "changed"
    FOLDER_CLASS = "folder_class"
    FOLDER_AWAY = "folder_away"
    EMPTY_CLASS = "empty_class"
    LEAK = "leak"
    GROUP_LEAK = "leak_group"
    POSSIBLE_LEAK = "possible_leak"
    CONTRADICTION = "contradiction"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    FILE_SHORTCUT = "shortcut:files"
    BORDER_SHORTCUT = "shortcut:border"
    QUARANTINE = "quarantine"
    UNREAD = "unread"
    BLANK = "blank"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    SMALL = "small"
    SHAPE = "shape"
    IMBALANCE = "imbalance"
    CLASS_CASE = "class_case"
    LEFT_OUT = "left_out"
    PERSON = "person"
    TEXT = "text"
    DOUBTFUL_LABEL = "doubt"
    ALIKE = "alike"
    DISMISSED = "left"


class Resolution(StrEnum):
    """An action that resolves a finding."""

    GROUP = "group"  # put the images of each set in the same group
    MERGE = "merge"  # make alike classes one
    THIN = "thin"  # exclude all but one of each set
    EXCLUDE = "exclude"
    SPLIT = "split"  # split the images again
    DISMISS = "dismiss"  # do not list it again
    RESTORE = "restore"  # list dismissed findings again
    ACCEPT = "accept"  # give the images the class of their folder
    DELETE_CLASS = "delete_class"
    RESCAN = "rescan"  # read the folders again


Fact = (
    Quarantined
    | Leak
    | PossibleLeak
    | Duplicates
    | NearDuplicates
    | Shortcut
    | Imbalance
    | AlikeClasses
    | MovedImage
    | EmptyClass
    | LeftOut
    | Identifying
    | DoubtfulLabel
    | AlikePair
)

_ORDER = {kind: place for place, kind in enumerate(FindingKind)}
_COPIES = (Resolution.GROUP, Resolution.THIN, Resolution.DISMISS)
_SINGLE_IMAGES = (Resolution.EXCLUDE, Resolution.DISMISS)
_RESOLUTIONS: Mapping[FindingKind, tuple[Resolution, ...]] = {
    FindingKind.MISSING: (),
    FindingKind.CHANGED: (),
    FindingKind.FOLDER_CLASS: (Resolution.ACCEPT, Resolution.DISMISS),
    FindingKind.FOLDER_AWAY: (Resolution.RESCAN,),  # nobody should delete classes because a drive is off
    FindingKind.EMPTY_CLASS: (Resolution.DELETE_CLASS, Resolution.DISMISS),
    FindingKind.LEAK: (Resolution.SPLIT, *_COPIES),
    FindingKind.GROUP_LEAK: (Resolution.SPLIT, Resolution.DISMISS),
    FindingKind.POSSIBLE_LEAK: (Resolution.SPLIT, Resolution.DISMISS),
    FindingKind.CONTRADICTION: (Resolution.EXCLUDE, Resolution.GROUP, Resolution.DISMISS),
    FindingKind.DUPLICATE: (Resolution.THIN, Resolution.GROUP, Resolution.DISMISS),
    FindingKind.NEAR_DUPLICATE: _COPIES,
    FindingKind.FILE_SHORTCUT: (Resolution.DISMISS,),
    FindingKind.BORDER_SHORTCUT: (Resolution.DISMISS,),
    FindingKind.QUARANTINE: (Resolution.RESCAN,),
    FindingKind.UNREAD: (Resolution.RESCAN,),
    FindingKind.BLANK: _SINGLE_IMAGES,
    FindingKind.DARK: _SINGLE_IMAGES,
    FindingKind.BRIGHT: _SINGLE_IMAGES,
    FindingKind.BLURRED: _SINGLE_IMAGES,
    FindingKind.SMALL: _SINGLE_IMAGES,
    FindingKind.SHAPE: _SINGLE_IMAGES,
    FindingKind.IMBALANCE: (Resolution.DISMISS,),
    FindingKind.CLASS_CASE: (Resolution.MERGE, Resolution.DISMISS),
    FindingKind.LEFT_OUT: (Resolution.DISMISS,),
    FindingKind.PERSON: (),
    FindingKind.TEXT: (Resolution.EXCLUDE,),
    FindingKind.DOUBTFUL_LABEL: _SINGLE_IMAGES,
    FindingKind.ALIKE: _COPIES,
    FindingKind.DISMISSED: (Resolution.RESTORE,),
}
_OF_THE_PROJECT = frozenset(
    {
        FindingKind.POSSIBLE_LEAK,
        FindingKind.FILE_SHORTCUT,
        FindingKind.BORDER_SHORTCUT,
        FindingKind.IMBALANCE,
        FindingKind.CLASS_CASE,
        FindingKind.FOLDER_AWAY,
        FindingKind.EMPTY_CLASS,
        FindingKind.LEFT_OUT,
        FindingKind.DISMISSED,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        kind: kind of finding.
        ids: ids of the images concerned, in display order.
        sets: sets of identical or similar images; empty if the finding is about single images.
        facts: details, one per set, rule, image or kind of trace; empty if the images are sufficient.
        given: for doubtful labels, the class ids that the images had when inspected, in the order of ``ids``;
            empty for all other kinds.
        caution: a warning about the network that made the finding; "" if there is none.
    """

    kind: FindingKind
    ids: tuple[int, ...]
    sets: tuple[tuple[int, ...], ...] = ()
    facts: tuple[Fact, ...] = ()
    given: tuple[int | None, ...] = ()
    caution: str = ""

    @property
    def key(self) -> str:
        """The key for dismissing it: the kind, with the group rule for possible leaks or the classes."""
        for fact in self.facts:
            if isinstance(fact, PossibleLeak):
                return possible_leak_key(fact.proposal)
            if isinstance(fact, AlikeClasses | EmptyClass):
                return fact.key
        return str(self.kind)

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """The possible resolutions, the best first."""
        return _RESOLUTIONS[self.kind]

    @property
    def of_the_project(self) -> bool:
        """Whether it is about the project as a whole; then ``ids`` are examples."""
        return self.kind in _OF_THE_PROJECT

    def as_dict(self, report: CheckReport) -> dict[str, object]:
        """Return its entry in "findings" of the output of ``tldesk check --json``."""
        return {"kind": str(self.kind), "paths": [str(path) for path in report.paths(self.ids)]}


def findings_of(report: CheckReport) -> tuple[Finding, ...]:
    """Return the findings of a check, the most serious first."""
    return in_order(finding for make in _MAKERS for finding in make(report))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings, the most serious first; those of one kind keep their order."""
    return tuple(sorted(findings, key=lambda one: _ORDER[one.kind]))


def possible_leak_key(proposal: GroupProposal) -> str:
    """Return the key for dismissing the possible leak of a suggested group rule."""
    return f"{FindingKind.POSSIBLE_LEAK}:{group_by_text(proposal.by)}"


def network_findings(
    seen: Inspection, images: Mapping[int, ImageRecord], classes: Mapping[str, int], dismissed: Dismissed
) -> tuple[Finding, ...]:
    """Return the findings of a network's inspection that still apply.

    Args:
        seen: result of the inspection.
        images: the images by id, in their current state.
        classes: class ids by name.
        dismissed: the dismissed findings.
    """
    doubts = tuple(
        one
        for one in seen.doubts
        if _is_used(images[one.image_id]) and not dismissed.covers(FindingKind.DOUBTFUL_LABEL, [one.image_id])
    )
    pairs = tuple(one for one in seen.alike if _is_torn(one, images, dismissed))
    found = []
    if doubts:
        ids = tuple(one.image_id for one in doubts)
        given = tuple(classes.get(one.given) for one in doubts)
        found.append(
            Finding(FindingKind.DOUBTFUL_LABEL, ids, facts=doubts, given=given, caution=seen.caution)
        )
    if pairs:
        sets = tuple((one.first, one.second) for one in pairs)
        found.append(Finding(FindingKind.ALIKE, _each_once(sets), sets, pairs, caution=seen.caution))
    return tuple(found)


def _is_torn(pair: AlikePair, images: Mapping[int, ImageRecord], dismissed: Dismissed) -> bool:
    """Return whether both images are used and in different splits, and the finding is not dismissed."""
    both = (images[pair.first], images[pair.second])
    return (
        both[0].split != both[1].split
        and all(map(_is_used, both))
        and not dismissed.covers(FindingKind.ALIKE, (pair.first, pair.second))
    )


def _is_used(image: ImageRecord) -> bool:
    return Mark.EXCLUDED not in image.marks and image.reason is None


# --- of a report --------------------------------------------------------------------------------


def _files(report: CheckReport) -> Iterator[Finding]:
    yield from _of_images(FindingKind.MISSING, report, report.missing)
    yield from _of_images(FindingKind.CHANGED, report, report.changed)
    unreadable = [one.path for one in report.quarantine]
    yield from _of_images(FindingKind.QUARANTINE, report, unreadable, report.quarantine)
    yield from _of_images(FindingKind.UNREAD, report, report.unread)


def _leaks(report: CheckReport) -> Iterator[Finding]:
    yield from _of_sets(FindingKind.LEAK, report, [one for one in report.leakage if one.kind != "group"])
    yield from _of_sets(
        FindingKind.GROUP_LEAK, report, [one for one in report.leakage if one.kind == "group"]
    )


def _possible_leaks(report: CheckReport) -> Iterator[Finding]:
    for one in report.possible_leakage[:_MOST_RULES]:
        yield Finding(FindingKind.POSSIBLE_LEAK, report.ids(one.paths), facts=(one,))


def _copies(report: CheckReport) -> Iterator[Finding]:
    """Yield copies with different labels, and copies not in one group (in one group they do no harm)."""
    yield from _of_sets(FindingKind.CONTRADICTION, report, report.contradictions)
    loose = [one for one in report.duplicates if not one.grouped]
    yield from _of_sets(FindingKind.DUPLICATE, report, loose)
    near = [one for one in report.near_duplicates if not one.grouped]
    yield from _of_sets(FindingKind.NEAR_DUPLICATE, report, near)


def _shortcuts(report: CheckReport) -> Iterator[Finding]:
    for one in report.shortcuts:
        yield Finding(FindingKind(f"shortcut:{one.where}"), one.ids, facts=(one,))


def _odd(report: CheckReport) -> Iterator[Finding]:
    for kind, paths in report.odd.items():
        yield from _of_images(FindingKind(kind), report, paths)


def _imbalance(report: CheckReport) -> Iterator[Finding]:
    if report.imbalance is not None and report.imbalance.is_uneven:
        yield Finding(FindingKind.IMBALANCE, (), facts=(report.imbalance,))


def _classes_and_folders(report: CheckReport) -> Iterator[Finding]:
    dismissed = FindingKind.LEFT_OUT in report.dismissed_whole
    yield from about_classes_and_folders(report.alike_classes, None if dismissed else report.left_out)
    away = tuple(one for one in report.empty_classes if one.away)
    if away:
        yield Finding(FindingKind.FOLDER_AWAY, (), facts=away)
    for one in report.empty_classes:
        if not one.away:
            yield Finding(FindingKind.EMPTY_CLASS, (), facts=(one,))
    moved = report.moved_images
    yield from _of_images(FindingKind.FOLDER_CLASS, report, [one.path for one in moved], moved)


def about_classes_and_folders(alike: Iterable[AlikeClasses], left_out: LeftOut | None) -> Iterator[Finding]:
    """Yield the findings on classes that may be one, and on files that were not brought in."""
    for one in alike:
        yield Finding(FindingKind.CLASS_CASE, (), facts=(one,))
    if left_out:
        yield Finding(FindingKind.LEFT_OUT, (), facts=(left_out,))


def _identifying(report: CheckReport) -> Iterator[Finding]:
    for kind, in_the_picture in ((FindingKind.PERSON, False), (FindingKind.TEXT, True)):
        traces = [one for one in report.identifying if one.in_the_picture == in_the_picture]
        paths = dict.fromkeys(path for one in traces for path in one.paths)
        yield from _of_images(kind, report, paths, traces)


def _dismissed(report: CheckReport) -> Iterator[Finding]:
    if report.dismissed or report.dismissed_whole:
        yield Finding(FindingKind.DISMISSED, report.ids(report.dismissed))


_MAKERS: tuple[Callable[[CheckReport], Iterator[Finding]], ...] = (
    _files,
    _leaks,
    _possible_leaks,
    _copies,
    _shortcuts,
    _odd,
    _imbalance,
    _classes_and_folders,
    _identifying,
    _dismissed,
)


def _of_images(
    kind: FindingKind, report: CheckReport, paths: Iterable[Path], facts: Iterable[Fact] = ()
) -> Iterator[Finding]:
    """Yield a finding about single images; nothing if there are none."""
    ids = report.ids(paths)
    if ids:
        yield Finding(kind, ids, facts=tuple(facts))


def _of_sets(
    kind: FindingKind, report: CheckReport, facts: Iterable[Leak | Duplicates | NearDuplicates]
) -> Iterator[Finding]:
    """Yield a finding about sets of images, without duplicates; nothing if there are none."""
    by_set: dict[tuple[int, ...], Fact] = {}
    for fact in facts:
        by_set.setdefault(report.ids(fact.paths), fact)
    if by_set:
        yield Finding(kind, _each_once(by_set), tuple(by_set), tuple(by_set.values()))


def _each_once(sets: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for one in sets for number in one))
