"""The shell's words for findings: a heading or a sentence for each kind, a line for each fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import singledispatch
from itertools import groupby
from pathlib import Path

from tldesk.base import percent, plural
from tldesk.base.shell_words import typed, typed_class
from tldesk.base.wording import first_of
from tldesk.cli.console import Console
from tldesk.dataset import CheckReport, Finding, FindingKind, group_by_text
from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.dataset.checks.findings import Fact
from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage
from tldesk.dataset.checks.network_inspection import AlikePair, DoubtfulLabel
from tldesk.dataset.checks.privacy import Identifying
from tldesk.dataset.checks.report import Duplicates, Leak, NearDuplicates, PossibleLeak, Quarantined
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.class_names import DIFFER_ONLY

HEADINGS: Mapping[FindingKind, tuple[str, str]] = {
    FindingKind.MISSING: (
        "image whose file is gone (put the file back, or forget the image in the window)",
        "images whose files are gone (put the files back, or forget the images in the window)",
    ),
    FindingKind.CHANGED: (
        "image whose file had changed at the last scan (check its label: it was kept)",
        "images whose files had changed at the last scan (check their labels: they were kept)",
    ),
    FindingKind.FOLDER_CLASS: (
        "image not in the folder of its class (tldesk classes PROJECT --accept-folders)",
        "images not in the folders of their classes (tldesk classes PROJECT --accept-folders)",
    ),
    FindingKind.LEAK: (
        "set of identical or similar images in different splits, so scores are too good (tldesk split)",
        "sets of identical or similar images in different splits, so scores are too good (tldesk split)",
    ),
    FindingKind.GROUP_LEAK: (
        "group in different splits, so scores are too good (tldesk split)",
        "groups in different splits, so scores are too good (tldesk split)",
    ),
    FindingKind.POSSIBLE_LEAK: (
        "rule by which images in different splits may belong together (tldesk split --group-by)",
        "rules by which images in different splits may belong together (tldesk split --group-by)",
    ),
    FindingKind.CONTRADICTION: (
        "set of copies with different labels: at least one is wrong",
        "sets of copies with different labels: at least one is wrong",
    ),
    FindingKind.DUPLICATE: (
        "set of identical files (the window excludes all but one of each)",
        "sets of identical files (the window excludes all but one of each)",
    ),
    FindingKind.NEAR_DUPLICATE: (
        "set of near duplicates (the window puts them in one group, or excludes all but one)",
        "sets of near duplicates (the window puts them in one group, or excludes all but one)",
    ),
    FindingKind.QUARANTINE: ("image in quarantine", "images in quarantine"),
    FindingKind.UNREAD: (
        "image not read yet (tldesk check --rescan reads it)",
        "images not read yet (tldesk check --rescan reads them)",
    ),
    FindingKind.BLANK: ("blank image", "blank images"),
    FindingKind.DARK: ("image much darker than the others", "images much darker than the others"),
    FindingKind.BRIGHT: ("image much brighter than the others", "images much brighter than the others"),
    FindingKind.BLURRED: (
        "image much less sharp than the others (check it in the window; Exclude leaves it out)",
        "images much less sharp than the others (check them in the window; Exclude leaves them out)",
    ),
    FindingKind.SMALL: ("image much smaller than the others", "images much smaller than the others"),
    FindingKind.SHAPE: (
        "unusually elongated image, of which the network sees only the middle",
        "unusually elongated images, of which the network sees only the middle",
    ),
    FindingKind.PERSON: (
        "kind of data in the files that may identify a person",
        "kinds of data in the files that may identify a person",
    ),
    FindingKind.TEXT: (
        "kind of mark in the images that may identify a person",
        "kinds of marks in the images that may identify a person",
    ),
    FindingKind.DOUBTFUL_LABEL: (
        "label that may be wrong: a network that was not trained on the image predicts another class",
        "labels that may be wrong: a network that was not trained on the images predicts other classes",
    ),
    FindingKind.ALIKE: (
        "pair of near duplicates in different splits, found by a network",
        "pairs of near duplicates in different splits, found by a network",
    ),
}
_ADVICE: Mapping[FindingKind, str] = {
    FindingKind.PERSON: (
        "The project keeps patient numbers, dates and file names, and reports name files. Before you "
        "pass on pictures, reports or the project's folder, make copies without these data, and a project of "
        "the copies."
    ),
    FindingKind.TEXT: (
        "Anyone can read text in an image, and a network may learn from it: exclude these images, or black "
        "out the text in copies."
    ),
}


def _file_shortcut(report: CheckReport) -> list[str]:
    return [
        f"The file properties alone predict the class with {_accuracy(one)}, mostly "
        f"{', '.join(one.telling)}. A network may learn that instead of what the pictures show; take the "
        "pictures of all classes in the same way."
        for one in report.shortcuts
        if one.where == "files"
    ]


def _border_shortcut(report: CheckReport) -> list[str]:
    return [
        f"The borders of the images alone predict the class with {_accuracy(one)}. A network may learn a "
        "frame, a background or a marker instead of what the pictures show; crop it, or take the pictures of "
        "all classes in the same way."
        for one in report.shortcuts
        if one.where == "border"
    ]


def _accuracy(one: Shortcut) -> str:
    return f"a balanced accuracy of {percent(one.accuracy)} (guessing: {percent(one.chance)})"


def _imbalance(report: CheckReport) -> list[str]:
    one = report.imbalance
    assert one is not None, "found"
    return [
        f"{one.largest} has {one.ratio:.1f} times as many images as {one.smallest}; "
        "--set class_balance=weighted makes mistakes on rare classes count more."
    ]


def _class_case(report: CheckReport) -> list[str]:
    return [class_case_sentence(one) for one in report.alike_classes]


def class_case_sentence(alike: AlikeClasses) -> str:
    """Say which classes may be one."""
    named = " and ".join(f"{name} ({count:,})" for name, count in zip(alike.names, alike.counts, strict=True))
    return (
        f"{named} {DIFFER_ONLY}, and are different classes. If they are one, merge "
        f"them ({_merging(alike)}), or give both folders one name before making the project."
    )


def _merging(alike: AlikeClasses) -> str:
    """Return the commands that merge the smaller classes into the largest one."""
    into, *smaller = map(typed_class, alike.names)
    return "; ".join(f"tldesk classes PROJECT --merge {name} {into}" for name in smaller)


def _folder_away(report: CheckReport) -> list[str]:
    return away_words([one for one in report.empty_classes if one.away])


def _empty_class(report: CheckReport) -> list[str]:
    return [_empty(one) for one in report.empty_classes if not one.away]


def away_words(classes: Sequence[EmptyClass]) -> list[str]:
    """Say that whole folders of pictures are empty: nobody should delete classes because a drive is off."""
    if not classes:
        return []
    many = plural(sum(one.away for one in classes), "image")
    names = first_of([f'"{one.name}"' for one in classes])
    return [
        f"A folder of pictures has no file left ({many} of {names}). Is its drive connected? Connect it and "
        "scan again, or locate the folder if it has moved (tldesk folders PROJECT --moved NEW)."
    ]


def _empty(one: EmptyClass) -> str:
    return (
        f'The class "{one.name}" has no usable image'
        + (f" ({plural(one.missing, 'file')} missing)" if one.missing else "")
        + ", so nothing can be trained: label images of it, put its files back, or delete it (tldesk classes "
        f"PROJECT --delete {typed_class(one.name)})."
    )


def _left_out(report: CheckReport) -> list[str]:
    return [f"{note}." for note in report.left_out.notes()]


def _dismissed(report: CheckReport) -> list[str]:
    images = plural(len(report.dismissed), "image")
    others = plural(len(report.dismissed_whole), "other finding")
    return [f"Dismissed and not listed: {images}, {others}. The window can restore them."]


SENTENCES: Mapping[FindingKind, Callable[[CheckReport], list[str]]] = {
    FindingKind.FILE_SHORTCUT: _file_shortcut,
    FindingKind.BORDER_SHORTCUT: _border_shortcut,
    FindingKind.IMBALANCE: _imbalance,
    FindingKind.CLASS_CASE: _class_case,
    FindingKind.FOLDER_AWAY: _folder_away,
    FindingKind.EMPTY_CLASS: _empty_class,
    FindingKind.LEFT_OUT: _left_out,
    FindingKind.DISMISSED: _dismissed,
}


def show_findings(findings: Iterable[Finding], report: CheckReport, console: Console) -> None:
    """Print the findings in their order: a sentence, or how many and the first few."""
    for kind, found in groupby(findings, key=lambda one: one.kind):
        if kind in SENTENCES:
            for sentence in SENTENCES[kind](report):
                console.say(sentence)
            continue
        console.some(*HEADINGS[kind], [line for one in found for line in _lines(one, report)])
        if kind in _ADVICE:
            console.say(_ADVICE[kind])


def _lines(finding: Finding, report: CheckReport) -> list[str]:
    if finding.facts:
        return [_line(fact, report) for fact in finding.facts]
    return list(map(str, report.paths(finding.ids)))


@singledispatch
def _line(fact: Fact, _report: CheckReport) -> str:
    """One fact as a line; those of kinds that have a sentence need none."""
    raise TypeError(type(fact))


@_line.register
def _(fact: Quarantined, _report: CheckReport) -> str:
    return f"{fact.path}: {fact.reason}"


@_line.register
def _(fact: MovedImage, _report: CheckReport) -> str:
    renames = " (the whole class: accepting renames it)" if fact.renames else ""
    return f"{fact.path}: label {fact.label}, {folder_word(fact.word)}{renames}"


@_line.register
def _(fact: Leak, _report: CheckReport) -> str:
    return f"{' and '.join(fact.splits)}: {_joined(fact.paths)}"


@_line.register
def _(fact: PossibleLeak, _report: CheckReport) -> str:
    rule = typed(group_by_text(fact.proposal.by))
    shown = " and ".join(f"{path} ({split})" for split, path in fact.example.items())
    return f"{rule}: {plural(len(fact.paths), 'image')} in {plural(fact.groups, 'group')}, as {shown}"


@_line.register
def _(fact: Duplicates, _report: CheckReport) -> str:
    return _joined(fact.paths) + _contradiction(fact.labels)


@_line.register
def _(fact: NearDuplicates, _report: CheckReport) -> str:
    return f"{_joined(fact.paths)} ({fact.score:.3f})" + _contradiction(fact.labels)


@_line.register
def _(fact: Identifying, _report: CheckReport) -> str:
    return f"{fact.trace}: {plural(len(fact.paths), 'image')}, such as {fact.paths[0]}"


@_line.register
def _(fact: DoubtfulLabel, report: CheckReport) -> str:
    return f"{_joined(report.paths([fact.image_id]))}: {fact.given}, predicted {fact.likely}"


@_line.register
def _(fact: AlikePair, report: CheckReport) -> str:
    return f"{_joined(report.paths([fact.first, fact.second]))} ({fact.score:.2f})"


def folder_word(word: str) -> str:
    """Return ``folder ant``, or that it is no class folder."""
    return f"folder {word}" if word else "in no class folder"


def _joined(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _contradiction(labels: tuple[str, ...]) -> str:
    return f", labelled differently: {', '.join(labels)}" if len(labels) > 1 else ""
