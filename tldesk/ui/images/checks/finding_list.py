"""What a check found, each with the images it is about and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import percent
from tldesk.dataset import Mark, check
from tldesk.dataset.checks.report import possible_leak_key
from tldesk.imaging.identifying_tags import Trace

if TYPE_CHECKING:
    from tldesk.dataset import CheckReport, ImageRecord, Project
    from tldesk.dataset.checks.report import Duplicates, NearDuplicates
    from tldesk.dataset.checks.shortcuts import Shortcut
    from tldesk.run.network_check import Inspection

_MOST_RULES = 2
_UNEVEN = 3.0  # largest to smallest class


class Mend(StrEnum):
    """What can be done about a finding."""

    TOGETHER = "together"  # put the images of each set in the same group
    THIN = "thin"  # exclude all but one of each set
    EXCLUDE = "exclude"
    SPLIT = "split"  # ask how to split again
    LEAVE = "leave"  # do not name it again
    BACK = "back"  # name again what was left
    LOOK = "look"  # look at the folders again


_COPIES = (Mend.TOGETHER, Mend.THIN, Mend.LEAVE)
_ONES = (Mend.EXCLUDE, Mend.LEAVE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line under Findings.

    Attributes:
        title: a few words.
        ids: the images to show when it is chosen, in this order.
        words: why it matters and what to do, one sentence.
        passing: not from the check but shown on another page's wish.
        kind: the name under which it is known again and dismissed.
        sets: the images that are the same or alike, set by set; nothing where each stands for itself.
        mends: what can be done, the best first.
        whole: it is about no image in particular: ``ids`` are examples.
        judged: the classes that the images had as they were judged, in the order of ``ids``; empty where the
            finding is not about labels.
        changed: how many of them have another class since.
    """

    title: str
    ids: tuple[int, ...]
    words: str = ""
    passing: bool = False
    kind: str = ""
    sets: tuple[tuple[int, ...], ...] = ()
    mends: tuple[Mend, ...] = ()
    whole: bool = False
    judged: tuple[int | None, ...] = ()
    changed: int = 0

    @property
    def name(self) -> str:
        """The title, with how many labels have changed since."""
        return tr("{0} · {1} changed").format(self.title, self.changed) if self.changed else self.title


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("Findings", text)


def check_project(project: Project, shortcuts: Sequence[Shortcut] = ()) -> list[Finding]:
    """Check a project as it was measured last and say what was found. For another thread."""
    return of_report(check(project, shortcuts))


def of_report(report: CheckReport) -> list[Finding]:
    """What a check found, the gravest first, and last what was left as it is."""
    makers = (
        _leaks,
        _possible_leaks,
        _contradictions,
        _copies,
        _shortcuts,
        _unreadable,
        _unread,
        _odd,
        _uneven,
        _identifying,
        _left,
    )
    return [finding for make in makers for finding in make(report)]


def _of_sets(report: CheckReport, sets: Iterable[Sequence[Path]], about: Finding) -> Iterator[Finding]:
    """The finding with its images, set by set; nothing without any."""
    numbers = report.numbers
    found = tuple(dict.fromkeys(tuple(numbers[path] for path in one) for one in sets))
    if found:
        yield replace(about, ids=tuple(dict.fromkeys(number for one in found for number in one)), sets=found)


def _of_images(report: CheckReport, paths: Iterable[Path], about: Finding) -> Iterator[Finding]:
    """The finding with its images, each for itself; nothing without any."""
    ids = tuple(report.numbers[path] for path in paths)
    if ids:
        yield replace(about, ids=ids)


def _leaks(report: CheckReport) -> Iterator[Finding]:
    words = tr(
        "These are copies, or alike, and stand in different splits: the model is measured with what it has"
        " learnt, so the numbers flatter. Split again, or exclude the copies."
    )
    about = Finding(tr("Leaks between splits"), (), words, kind="leak", mends=(Mend.SPLIT, *_COPIES))
    yield from _of_sets(report, [one.paths for one in report.leakage if one.kind != "group"], about)
    words = tr(
        "Images of one group stand in different splits: the model is measured with what it has learnt, so the"
        " numbers flatter. Split again; where folders gave the split, it stands."
    )
    mends = (Mend.SPLIT, Mend.LEAVE)
    about = Finding(tr("Groups in several splits"), (), words, kind="leak_group", mends=mends)
    yield from _of_sets(report, [one.paths for one in report.leakage if one.kind == "group"], about)


def _possible_leaks(report: CheckReport) -> Iterator[Finding]:
    words = tr(
        "By {0} these may belong together, and they stand in different splits: if they do, split again and"
        " keep them together."
    )
    reasons = {
        "column": (tr("Maybe one case"), tr("what is noted of them")),
        "copies": (tr("Maybe copies"), tr("their names, as changed copies,")),
        "folder": (tr("Maybe one folder"), tr("their folders")),
        "name": (tr("Maybe of one name"), tr("their names")),
        "burst": (tr("Maybe one moment"), tr("the time they were taken")),
    }
    for one in report.possible_leakage[:_MOST_RULES]:
        title, reason = reasons[one.proposal.kind]
        yield Finding(
            title,
            tuple(report.numbers[path] for path in one.paths),
            words.format(reason),
            kind=possible_leak_key(one.proposal),
            mends=(Mend.SPLIT, Mend.LEAVE),
            whole=True,
        )


def _contradictions(report: CheckReport) -> Iterator[Finding]:
    words = tr(
        "The same picture with different labels: one of them is wrong, and whatever is learnt from it too."
        " Give all the right label, or exclude them."
    )
    mends = (Mend.EXCLUDE, Mend.TOGETHER, Mend.LEAVE)
    about = Finding(tr("Contradicting labels"), (), words, kind="contradiction", mends=mends)
    yield from _of_sets(report, [one.paths for one in report.contradictions], about)


def _copies(report: CheckReport) -> Iterator[Finding]:
    words = tr(
        "The same file more than once counts more than once; one of each is enough. Copies that are in one"
        " group are not named."
    )
    mends = (Mend.THIN, Mend.TOGETHER, Mend.LEAVE)
    about = Finding(tr("Duplicates"), (), words, kind="duplicate", mends=mends)
    yield from _of_sets(report, _loose(report.duplicates), about)
    words = tr(
        "Pictures that look alike: copies in another size, or taken in a burst. In different splits they make"
        " the numbers flatter. Those in one group are not named."
    )
    about = Finding(tr("Near-duplicates"), (), words, kind="near_duplicate", mends=_COPIES)
    yield from _of_sets(report, _loose(report.near_duplicates), about)


def _loose(found: Iterable[Duplicates | NearDuplicates]) -> list[tuple[Path, ...]]:
    return [one.paths for one in found if not one.grouped]


def _shortcuts(report: CheckReport) -> Iterator[Finding]:
    ways = {
        "files": (
            tr("Files give the class away"),
            tr(
                "The facts of the files alone tell the class in {0} of the images (guessing: {1}), most of"
                " all {2}. A network may learn that instead of what the pictures show: get pictures of all"
                " classes in the same way."
            ),
        ),
        "border": (
            tr("Borders give the class away"),
            tr(
                "The borders of the pictures alone tell the class in {0} of the images (guessing: {1}). A"
                " frame, a background or a marker may be learnt instead of what the pictures show: cut it"
                " off, or get pictures of all classes in the same way."
            ),
        ),
    }
    for one in report.shortcuts:
        title, words = ways[one.where]
        facts = ", ".join(fact_words(name) for name in one.telling)
        words = words.format(percent(one.accuracy), percent(one.chance), facts)
        kind = f"shortcut:{one.where}"
        yield Finding(title, one.ids, words, kind=kind, mends=(Mend.LEAVE,), whole=True)


def fact_words(name: str) -> str:
    """A fact of a file as people call it."""
    words = {
        "file size": tr("the file's size"),
        "width": tr("the width"),
        "height": tr("the height"),
        "shape": tr("the shape"),
        "compression": tr("how much it is compressed"),
        "format": tr("the format"),
        "Camera": tr("the camera"),
        "DateTime": tr("the date"),
        "mode": tr("colour or grey"),
        "bits": tr("the bits"),
        "frames": tr("the number of frames"),
        "orientation": tr("how the camera was held"),
    }
    return words.get(name, f"“{name}”")


def _unreadable(report: CheckReport) -> Iterator[Finding]:
    words = tr("These files cannot be read and are never trained on; each shows its reason.")
    about = Finding(tr("Unreadable files"), (), words, kind="quarantine", mends=(Mend.LOOK,))
    yield from _of_images(report, [one.path for one in report.quarantine], about)


def _unread(report: CheckReport) -> Iterator[Finding]:
    words = tr("Reading was stopped before it came to these: they are not trained on until they are read.")
    about = Finding(tr("Not read yet"), (), words, kind="unread", mends=(Mend.LOOK,))
    yield from _of_images(report, report.unread, about)


def _odd(report: CheckReport) -> Iterator[Finding]:
    odd = {
        "blank": (
            tr("Blank pictures"),
            tr("These show nothing but one tone: exclude them, or take them anew."),
        ),
        "dark": (
            tr("Very dark"),
            tr("These are far darker than the others: can anybody see the class in them?"),
        ),
        "bright": (
            tr("Very bright"),
            tr("These are far brighter than the others: can anybody see the class?"),
        ),
        "blurred": (
            tr("Blurred"),
            tr(
                "These are far less sharp than the others: can anybody see the class in them? What only sharp"
                " pictures show cannot be learnt from them."
            ),
        ),
        "small": (tr("Very small"), tr("These are far smaller than the others and lack their details.")),
        "shape": (
            tr("Odd shape"),
            tr(
                "The network sees only the middle of these long pictures: to show it all, choose another fit."
            ),
        ),
    }
    for kind, paths in report.odd.items():
        title, words = odd[kind]
        yield from _of_images(report, paths, Finding(title, (), words, kind=kind, mends=_ONES))


def _uneven(report: CheckReport) -> Iterator[Finding]:
    one = report.imbalance
    if one is not None and one.ratio >= _UNEVEN:
        words = tr("{0} has {1} times as many images as {2}: use the weighted loss, or label more.")
        words = words.format(one.largest, f"{one.ratio:.1f}", one.smallest)
        yield Finding(tr("Uneven classes"), (), words, kind="imbalance", mends=(Mend.LEAVE,), whole=True)


def _identifying(report: CheckReport) -> Iterator[Finding]:
    in_files = [one for one in report.identifying if not one.in_the_picture]
    in_pictures = [one for one in report.identifying if one.in_the_picture]
    if in_files:
        words = tr(
            "The files tell: {0}. The project's folder keeps patient numbers, dates and file names, and"
            " reports name files: before any of these is handed on, make copies without such data, and a"
            " project of the copies."
        ).format(", ".join(_trace_words(one.trace) for one in in_files))
        paths = dict.fromkeys(path for one in in_files for path in one.paths)
        yield from _of_images(report, paths, Finding(tr("May identify a person"), (), words, kind="person"))
    if in_pictures:
        words = tr(
            "Text such as a name may be written into these pictures, where everybody sees it and a network"
            " may learn it: look at them, then exclude them, or blacken the text in copies."
        )
        paths = dict.fromkeys(path for one in in_pictures for path in one.paths)
        about = Finding(tr("Text in the picture?"), (), words, kind="text", mends=(Mend.EXCLUDE,))
        yield from _of_images(report, paths, about)


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


def _left(report: CheckReport) -> Iterator[Finding]:
    if report.dismissed or report.dismissed_whole:
        words = tr("You have left these findings as they are. Bring them back to see them again.")
        ids = tuple(report.numbers[path] for path in report.dismissed)
        yield Finding(tr("Left as they are"), ids, words, kind="left", mends=(Mend.BACK,), whole=True)


def of_inspection(project: Project, seen: Inspection) -> list[Finding]:
    """What a network found and nobody has mended or left since: doubts, copies in different splits."""
    numbers = [one.image_id for one in seen.doubts]
    numbers += [number for pair in seen.alike for number in (pair.first, pair.second)]
    images = {one.id: one for one in project.images(list(dict.fromkeys(numbers)))}
    left = project.evidence.dismissed()
    found = []
    doubts = [
        one for one in seen.doubts if _used(images[one.image_id]) and not left.covers("doubt", [one.image_id])
    ]
    if doubts:
        words = tr(
            "A network that did not see these images finds another class in them: look again, labels may be"
            " wrong."
        )
        classes = {one.name: one.id for one in project.classes()}
        judged = tuple(classes.get(one.given) for one in doubts)
        ids = tuple(one.image_id for one in doubts)
        words = f"{words} {seen.caution}".strip()
        found.append(Finding(tr("Labels to doubt"), ids, words, kind="doubt", mends=_ONES, judged=judged))
    pairs = [(pair.first, pair.second) for pair in seen.alike]
    torn = [
        pair
        for pair in pairs
        if len({images[one].split for one in pair}) > 1
        and all(_used(images[one]) for one in pair)
        and not left.covers("alike", pair)
    ]
    if torn:
        words = tr(
            "Alike to a network, though turned, cropped or changed, and in different splits: copies make the"
            " numbers flatter. Put them in the same group and split again, or exclude one."
        )
        ids = tuple(dict.fromkeys(one for pair in torn for one in pair))
        title, words = tr("Alike across splits"), f"{words} {seen.caution}".strip()
        found.append(Finding(title, ids, words, kind="alike", sets=tuple(torn), mends=_COPIES))
    return found


def _used(image: ImageRecord) -> bool:
    return Mark.EXCLUDED not in image.marks and image.reason is None


def judged_since(project: Project, findings: Sequence[Finding]) -> list[Finding]:
    """The findings about labels, with how many of their labels have changed. For the reading pool."""
    return [_judged_since(project, one) for one in findings]


def _judged_since(project: Project, finding: Finding) -> Finding:
    now = [one.class_id for one in project.images(finding.ids)]
    return replace(finding, changed=sum(a != b for a, b in zip(now, finding.judged, strict=True)))
