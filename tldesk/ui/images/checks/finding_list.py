"""Findings as the window lists them: with their words, and how many doubted labels have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.dataset import FindingKind, Resolution, check, findings_of, findings_of_inspection
from tldesk.dataset.checks.findings import in_order
from tldesk.ui.images.checks.words import words_of

if TYPE_CHECKING:
    from tldesk.dataset import CheckReport, Finding, Project
    from tldesk.dataset.checks.network_inspection import Inspection
    from tldesk.dataset.checks.shortcuts import Shortcut

WATCHED = frozenset({FindingKind.MISSING, FindingKind.CHANGED})
"""Kinds that ``FilesWatch`` keeps up to date between checks."""


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One line under Findings.

    Attributes:
        title: a few words.
        ids: the images to show when it is chosen, in this order.
        words: why it matters and what to do, one sentence.
        finding: what was found; None for images that another page asked to show.
        changed: how many doubted labels have been changed since.
    """

    title: str
    ids: tuple[int, ...]
    words: str = ""
    finding: Finding | None = None
    changed: int = 0

    @property
    def name(self) -> str:
        """The title, with how many labels have changed since."""
        return tr("{0} · {1} changed").format(self.title, self.changed) if self.changed else self.title

    @property
    def kind(self) -> FindingKind | None:
        """What was found."""
        return None if self.finding is None else self.finding.kind

    @property
    def key(self) -> str:
        """The name under which it is dismissed."""
        return "" if self.finding is None else self.finding.key

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """The images that are the same or alike, set by set."""
        return () if self.finding is None else self.finding.sets

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """What can be done about it, the best first."""
        return () if self.finding is None else self.finding.resolutions

    @property
    def of_the_project(self) -> bool:
        """Whether it is about the project as a whole; ``ids`` are then examples."""
        return self.finding is not None and self.finding.of_the_project


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("Findings", text)


def listed(findings: Iterable[Finding]) -> list[ListedFinding]:
    """Findings with their words, in the same order."""
    return [ListedFinding(title, one.ids, words, one) for one in findings for title, words in [words_of(one)]]


def check_project(
    project: Project, shortcuts: Sequence[Shortcut] = (), seen: Inspection | None = None
) -> list[ListedFinding]:
    """Check a project as it was measured last. For another thread.

    Args:
        project: the project.
        shortcuts: found by an earlier check.
        seen: what a network found earlier.
    """
    return of_report(project, check(project, shortcuts), seen)


def of_report(project: Project, report: CheckReport, seen: Inspection | None = None) -> list[ListedFinding]:
    """The findings of a check and of a network's look, in their common order."""
    by_network = () if seen is None else findings_of_inspection(project, seen)
    return with_changes(project, listed(in_order([*findings_of(report), *by_network])))


def with_changes(project: Project, findings: Sequence[ListedFinding]) -> list[ListedFinding]:
    """The findings, those about labels with how many of them have changed. For the reading pool."""
    return [_with_changes(project, one) if is_about_labels(one) else one for one in findings]


def is_about_labels(listed: ListedFinding) -> bool:
    """Whether it doubts labels, which may have been changed since."""
    return listed.finding is not None and bool(listed.finding.given)


def _with_changes(project: Project, listed: ListedFinding) -> ListedFinding:
    assert listed.finding is not None, "it is about labels"
    now = [one.class_id for one in project.images(listed.ids)]
    return replace(listed, changed=sum(a != b for a, b in zip(now, listed.finding.given, strict=True)))
