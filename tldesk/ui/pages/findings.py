"""What a check found, each with the images it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.dataset import Filter, check
from tldesk.imaging.traces import Trace

if TYPE_CHECKING:
    from tldesk.dataset import CheckReport, Project
    from tldesk.dataset.checks import Duplicates, NearDuplicates
    from tldesk.run.inspecting import Inspection

_MOST_RULES = 2
_UNEVEN = 3.0  # largest to smallest class
_IdsOf = Callable[[Iterable[Path]], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line under Findings.

    Attributes:
        title: a few words.
        ids: the images to show when it is chosen.
        words: a sentence for the status line.
        passing: not from the check but shown on another page's wish.
        judged: the classes that the images had as they were judged, in the order of ``ids``; empty where the
            finding is not about labels.
        changed: how many of them have another class since.
    """

    title: str
    ids: tuple[int, ...]
    words: str = ""
    passing: bool = False
    judged: tuple[int | None, ...] = ()
    changed: int = 0

    @property
    def name(self) -> str:
        """The title, with how many labels have changed since."""
        return tr("{0} · {1} changed").format(self.title, self.changed) if self.changed else self.title


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("Findings", text)


def check_project(project: Project) -> list[Finding]:
    """Check a project and say what was found, the gravest first. For the compute thread."""
    report = check(project)
    ids = {record.path: record.id for record in project.images(project.ids(Filter()))}

    def of(paths: Iterable[Path]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(ids[path] for path in paths if path in ids))

    return [
        *_leaks(report, of),
        *_possible_leaks(report, of),
        *_copies(report, of),
        *_rest(report, of),
        *_identifying(report, of),
    ]


def _leaks(report: CheckReport, of: _IdsOf) -> list[Finding]:
    if not report.leakage:
        return []
    words = tr(
        "These belong together but stand in different splits, so the numbers flatter: split again in groups"
    )
    return [
        Finding(tr("Leaks between splits"), of(path for leak in report.leakage for path in leak.paths), words)
    ]


def _possible_leaks(report: CheckReport, of: _IdsOf) -> list[Finding]:
    words = tr(
        "By {0} these may belong together, and they stand in different splits: if they do, press Split and "
        "keep them together"
    )
    reasons = {
        "column": tr("what is noted of them"),
        "copies": tr("their names, as changed copies,"),
        "folder": tr("their folders"),
        "name": tr("their names"),
        "burst": tr("the time they were taken"),
    }
    return [
        Finding(tr("May belong together"), of(one.paths), words.format(reasons[one.proposal.kind]))
        for one in report.possible_leakage[:_MOST_RULES]
    ]


def _copies(report: CheckReport, of: _IdsOf) -> list[Finding]:
    both: list[Duplicates | NearDuplicates] = [*report.duplicates, *report.near_duplicates]
    contradictions = [one for one in both if len(one.labels) > 1]
    found = []
    if contradictions:
        words = tr("The same picture with different labels: one of them is wrong")
        ids = of(path for one in contradictions for path in one.paths)
        found.append(Finding(tr("Contradicting labels"), ids, words))
    if report.duplicates:
        words = tr("The same file more than once")
        found.append(Finding(tr("Duplicates"), of(p for one in report.duplicates for p in one.paths), words))
    if report.near_duplicates:
        words = tr("Pictures that look alike: copies in another size, or taken in a burst")
        ids = of(path for one in report.near_duplicates for path in one.paths)
        found.append(Finding(tr("Near-duplicates"), ids, words))
    return found


def _rest(report: CheckReport, of: _IdsOf) -> list[Finding]:
    found = []
    if report.quarantine:
        words = tr("These files cannot be read and are never trained on; each shows its reason")
        found.append(Finding(tr("Unreadable files"), of(one.path for one in report.quarantine), words))
    odd = {
        "blank": (
            tr("Blank pictures"),
            tr("These show nothing but one tone: leave them out, or take them anew"),
        ),
        "dark": (
            tr("Very dark"),
            tr("These are far darker than the others: can anybody see the class in them?"),
        ),
        "bright": (
            tr("Very bright"),
            tr("These are far brighter than the others: can anybody see the class?"),
        ),
        "small": (tr("Very small"), tr("These are far smaller than the others and lack their details")),
        "shape": (
            tr("Odd shape"),
            tr("The network sees only the middle of these long pictures: to show it all, choose another fit"),
        ),
    }
    for kind, paths in report.odd.items():
        title, words = odd[kind]
        found.append(Finding(title, of(paths), words))
    if report.imbalance is not None and report.imbalance.ratio >= _UNEVEN:
        ratio, one = report.imbalance.ratio, report.imbalance
        words = tr("{0} has {1} times as many images as {2}: use the weighted loss, or label more")
        found.append(
            Finding(tr("Uneven classes"), (), words.format(one.largest, f"{ratio:.1f}", one.smallest))
        )
    return found


def _identifying(report: CheckReport, of: _IdsOf) -> list[Finding]:
    in_files = [one for one in report.identifying if not one.in_the_picture]
    in_pictures = [one for one in report.identifying if one.in_the_picture]
    found = []
    if in_files:
        words = tr(
            "The files tell: {0}. The project's folder keeps patient numbers, dates and file names, and"
            " reports name files: before any of these is handed on, make copies without such data, and a"
            " project of the copies"
        ).format(", ".join(_trace_words(one.trace) for one in in_files))
        ids = of(path for one in in_files for path in one.paths)
        found.append(Finding(tr("May identify a person"), ids, words))
    if in_pictures:
        words = tr(
            "Text such as a name may be written into these pictures, where everybody sees it and a network"
            " may learn it: look at them, then exclude them, or blacken the text in copies"
        )
        ids = of(path for one in in_pictures for path in one.paths)
        found.append(Finding(tr("Text in the picture?"), ids, words))
    return found


def _trace_words(trace: Trace) -> str:
    words = {
        Trace.NUMBER: tr("a patient's number"),
        Trace.NAME: tr("a patient's name"),
        Trace.BIRTH: tr("a birth date"),
        Trace.CONTACT: tr("an address or telephone number"),
        Trace.STAFF: tr("names of staff"),
        Trace.PLACE: tr("the place (GPS)"),
        Trace.CAMERA: tr("the camera's serial number"),
        Trace.OWNER: tr("the photographer's or owner's name"),
    }
    return words.get(trace, str(trace))


def of_inspection(project: Project, seen: Inspection) -> list[Finding]:
    """What a network found: labels to doubt, and pictures alike to it that stand in different splits."""
    found = []
    if seen.doubts:
        words = tr(
            "A network that did not see these images finds another class in them: look again, labels may be"
            " wrong"
        )
        numbers = {one.name: one.id for one in project.classes()}
        judged = tuple(numbers.get(one.given) for one in seen.doubts)
        images = tuple(one.image_id for one in seen.doubts)
        found.append(Finding(tr("Labels to doubt"), images, words, judged=judged))
    alike = dict.fromkeys(number for pair in seen.alike for number in (pair.first, pair.second))
    splits = {one.id: one.split for one in project.images(list(alike))}
    torn = [pair for pair in seen.alike if splits[pair.first] != splits[pair.second]]
    if torn:
        words = tr(
            "Alike to a network, though turned, cropped or changed, and in different splits: copies make the"
            " numbers flatter. Say what belongs together, or exclude one"
        )
        ids = dict.fromkeys(number for pair in torn for number in (pair.first, pair.second))
        found.append(Finding(tr("Alike across splits"), tuple(ids), words))
    return found


def judged_since(project: Project, findings: Sequence[Finding]) -> list[Finding]:
    """The findings about labels, with how many of their labels have changed. For the reading pool."""
    return [_judged_since(project, one) for one in findings]


def _judged_since(project: Project, finding: Finding) -> Finding:
    now = [one.class_id for one in project.images(finding.ids)]
    return replace(finding, changed=sum(a != b for a, b in zip(now, finding.judged, strict=True)))
