"""Findings as listed in the window, with their texts and how many doubtful labels have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.dataset import FindingKind, Resolution, check, findings_of, findings_of_inspection
from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.dataset.checks.findings import in_order
from tldesk.dataset.checks.folder_classes import EmptyClass
from tldesk.ui.images.checks.words import words_of

if TYPE_CHECKING:
    from tldesk.dataset import CheckReport, Finding, Project
    from tldesk.dataset.checks.network_inspection import Inspection
    from tldesk.dataset.checks.shortcuts import Shortcut

WATCHED = frozenset({FindingKind.MISSING, FindingKind.CHANGED, FindingKind.LEFT_OUT, FindingKind.CLASS_CASE})
"""Kinds that ``FilesWatch`` keeps up to date between checks."""


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One line under Findings.

    Attributes:
        title: a few words.
        ids: the images to show when it is selected, in this order.
        words: why it matters and what to do, in one sentence.
        finding: the finding; None for images that another page asked to show.
        changed: number of doubtful labels that have been changed since.
    """

    title: str
    ids: tuple[int, ...]
    words: str = ""
    finding: Finding | None = None
    changed: int = 0

    @property
    def name(self) -> str:
        """The title, with the number of labels that have changed since."""
        return tr("{0} · {1} changed").format(self.title, self.changed) if self.changed else self.title

    @property
    def kind(self) -> FindingKind | None:
        """The kind of the finding; None if there is no finding."""
        return None if self.finding is None else self.finding.kind

    @property
    def key(self) -> str:
        """The key by which it is dismissed."""
        return "" if self.finding is None else self.finding.key

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """Sets of images that are identical or similar to each other."""
        return () if self.finding is None else self.finding.sets

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """Possible resolutions, the best first."""
        return () if self.finding is None else self.finding.resolutions

    @property
    def alike(self) -> AlikeClasses | None:
        """The classes that may be one, if it is about them."""
        facts = () if self.finding is None else self.finding.facts
        return next((fact for fact in facts if isinstance(fact, AlikeClasses)), None)

    @property
    def empty(self) -> EmptyClass | None:
        """The class without images, if it is about one."""
        facts = () if self.finding is None else self.finding.facts
        return next((fact for fact in facts if isinstance(fact, EmptyClass)), None)

    @property
    def of_the_project(self) -> bool:
        """Whether it is about the project as a whole; ``ids`` are then only examples."""
        return self.finding is not None and self.finding.of_the_project


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("Findings", text)


def listed(findings: Iterable[Finding]) -> list[ListedFinding]:
    """Return the findings with their texts, in the same order."""
    return [ListedFinding(title, one.ids, words, one) for one in findings for title, words in [words_of(one)]]


def check_project(
    project: Project, shortcuts: Sequence[Shortcut] = (), seen: Inspection | None = None
) -> list[ListedFinding]:
    """Check a project with the measurements of the last check. Called on another thread.

    Args:
        project: the project.
        shortcuts: columns that predict the class, found by an earlier check.
        seen: result of an earlier check with a network.
    """
    return of_report(project, check(project, shortcuts), seen)


def of_report(project: Project, report: CheckReport, seen: Inspection | None = None) -> list[ListedFinding]:
    """Return the findings of a check and of a check with a network, in their common order."""
    by_network = () if seen is None else findings_of_inspection(project, seen)
    return with_changes(project, listed(in_order([*findings_of(report), *by_network])))


def with_changes(project: Project, findings: Sequence[ListedFinding]) -> list[ListedFinding]:
    """Return the findings with up-to-date numbers of changed labels. For the reading pool."""
    return [_with_changes(project, one) if is_about_labels(one) else one for one in findings]


def sorted_by_kind(findings: Iterable[ListedFinding]) -> list[ListedFinding]:
    """Return findings in the order of their kinds."""
    order = list(FindingKind)
    return sorted(findings, key=lambda one: order.index(one.kind) if one.kind is not None else -1)


def is_about_labels(listed: ListedFinding) -> bool:
    """Return whether it doubts labels, which may have been changed since."""
    return listed.finding is not None and bool(listed.finding.given)


def _with_changes(project: Project, listed: ListedFinding) -> ListedFinding:
    assert listed.finding is not None, "it is about labels"
    now = [one.class_id for one in project.images(listed.ids)]
    return replace(listed, changed=sum(a != b for a, b in zip(now, listed.finding.given, strict=True)))
