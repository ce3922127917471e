"""The window's words for findings: a title, and a sentence on why it matters and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import percent
from tldesk.dataset import FindingKind
from tldesk.dataset.checks.imbalance import Imbalance
from tldesk.dataset.checks.privacy import Identifying
from tldesk.dataset.checks.report import PossibleLeak
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.imaging.identifying_tags import Trace

if TYPE_CHECKING:
    from tldesk.dataset import Finding

Words = tuple[str, str]


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("Findings", text)


def words_of(finding: Finding) -> Words:
    """The title of a finding, and its sentence with the facts filled in."""
    title, words = (
        _rule_words(finding) if finding.kind is FindingKind.POSSIBLE_LEAK else _table()[finding.kind]
    )
    return title, f"{words.format(*_values(finding))} {finding.caution}".strip()


def _table() -> dict[FindingKind, Words]:
    """Every kind but possible leaks, whose title depends on the rule."""
    return {
        **_file_words(),
        **_split_words(),
        **_copy_words(),
        **_shortcut_words(),
        **_odd_words(),
        **_other_words(),
    }


def _file_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.MISSING: (
            tr("Missing files"),
            tr("Their files are no longer there. Labels are kept; put the files back, or forget the images."),
        ),
        FindingKind.CHANGED: (
            tr("Changed files"),
            tr("The last scan found other pictures in these files. They kept their labels: are they right?"),
        ),
        FindingKind.QUARANTINE: (
            tr("Unreadable files"),
            tr("These files cannot be read and are never trained on; each shows its reason."),
        ),
        FindingKind.UNREAD: (
            tr("Not read yet"),
            tr("Reading was stopped before these: they are not trained on until they are read."),
        ),
    }


def _split_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.LEAK: (
            tr("Leaks between splits"),
            tr(
                "These are copies, or alike, and in different splits: the model is tested on pictures it was"
                " trained on, so the scores are too good. Split again, or exclude the copies."
            ),
        ),
        FindingKind.GROUP_LEAK: (
            tr("Groups in several splits"),
            tr(
                "Images of one group are in different splits: the model is tested on pictures like those it"
                " was trained on, so the scores are too good. Split again; splits given by folders stay."
            ),
        ),
        FindingKind.ALIKE: (
            tr("Alike across splits"),
            tr(
                "Alike to a network, though turned, cropped or changed, and in different splits: copies make"
                " the scores too good. Put them in the same group and split again, or exclude one."
            ),
        ),
    }


def _rule_words(finding: Finding) -> Words:
    """A title for each kind of rule; one sentence."""
    titles = {
        "column": tr("Maybe one case"),
        "copies": tr("Maybe copies"),
        "folder": tr("Maybe one folder"),
        "name": tr("Maybe of one name"),
        "burst": tr("Maybe one moment"),
    }
    words = tr(
        "Judging by {0}, these may belong together, and they are in different splits: if they do, split again"
        " and keep them together."
    )
    kind = next(one.proposal.kind for one in finding.facts if isinstance(one, PossibleLeak))
    return titles[kind], words


def _copy_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.CONTRADICTION: (
            tr("Contradicting labels"),
            tr(
                "The same picture with different labels: one of them is wrong, and a model trained on it"
                " learns the mistake. Give all the right label, or exclude them."
            ),
        ),
        FindingKind.DUPLICATE: (
            tr("Duplicates"),
            tr(
                "A file that is there more than once counts more than once; one of each is enough. Copies in"
                " one group are not listed."
            ),
        ),
        FindingKind.NEAR_DUPLICATE: (
            tr("Near-duplicates"),
            tr(
                "Pictures that look alike: copies in another size, or taken in a burst. In different splits"
                " they make the scores too good. Those in one group are not listed."
            ),
        ),
        FindingKind.DOUBTFUL_LABEL: (
            tr("Labels to doubt"),
            tr(
                "A network that was not trained on these images predicts another class for them: look again,"
                " labels may be wrong."
            ),
        ),
    }


def _shortcut_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.FILE_SHORTCUT: (
            tr("Files give the class away"),
            tr(
                "The facts of the files alone predict the class of {0} of the images (guessing: {1}), mostly"
                " {2}. A network may learn that instead of what the pictures show: take the pictures of all"
                " classes in the same way."
            ),
        ),
        FindingKind.BORDER_SHORTCUT: (
            tr("Borders give the class away"),
            tr(
                "The borders of the pictures alone predict the class of {0} of the images (guessing: {1}). A"
                " network may learn a frame, a background or a marker instead of what the pictures show: crop"
                " it, or take the pictures of all classes in the same way."
            ),
        ),
    }


def _odd_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.BLANK: (
            tr("Blank pictures"),
            tr("These show nothing but one tone: exclude them, or take them again."),
        ),
        FindingKind.DARK: (
            tr("Very dark"),
            tr("These are far darker than the others: can the class be seen in them?"),
        ),
        FindingKind.BRIGHT: (
            tr("Very bright"),
            tr("These are far brighter than the others: can the class be seen in them?"),
        ),
        FindingKind.BLURRED: (
            tr("Blurred"),
            tr(
                "These are far less sharp than the others: can the class be seen in them? Fine details cannot"
                " be learned from them."
            ),
        ),
        FindingKind.SMALL: (
            tr("Very small"),
            tr("These are far smaller than the others and lack their details."),
        ),
        FindingKind.SHAPE: (
            tr("Odd shape"),
            tr(
                "The network sees only the middle of these long pictures: to show it all, choose another fit."
            ),
        ),
    }


def _other_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.IMBALANCE: (
            tr("Uneven classes"),
            tr("{0} has {1} times as many images as {2}: use the weighted loss, or label more."),
        ),
        FindingKind.PERSON: (
            tr("May identify a person"),
            tr(
                "The files contain: {0}. The project's folder keeps patient numbers, dates and file names,"
                " and reports name files: before you pass on any of these, make copies without such data, and"
                " a project of the copies."
            ),
        ),
        FindingKind.TEXT: (
            tr("Text in the picture?"),
            tr(
                "Text such as a name may be written into these pictures, where everybody can read it and a"
                " network may learn it: look at them, then exclude them, or black out the text in copies."
            ),
        ),
        FindingKind.DISMISSED: (
            tr("Left as they are"),
            tr("You have dismissed these findings. Restore them to see them again."),
        ),
    }


def _values(finding: Finding) -> list[str]:
    """What is filled into the sentence."""
    traces = [_trace_words(one.trace) for one in finding.facts if isinstance(one, Identifying)]
    for fact in finding.facts:
        match fact:
            case PossibleLeak():
                return [_reasons()[fact.proposal.kind]]
            case Shortcut():
                facts = ", ".join(fact_words(name) for name in fact.telling)
                return [percent(fact.accuracy), percent(fact.chance), facts]
            case Imbalance():
                return [fact.largest, f"{fact.ratio:.1f}", fact.smallest]
    return [", ".join(traces)]


def _reasons() -> dict[str, str]:
    return {
        "column": tr("their metadata"),
        "copies": tr("their names, which are those of changed copies,"),
        "folder": tr("their folders"),
        "name": tr("their names"),
        "burst": tr("the time they were taken"),
    }


def fact_words(name: str) -> str:
    """A fact of a file as people call it."""
    words = {
        "file size": tr("the file size"),
        "width": tr("the width"),
        "height": tr("the height"),
        "shape": tr("the shape"),
        "compression": tr("the compression"),
        "format": tr("the format"),
        "Camera": tr("the camera"),
        "DateTime": tr("the date"),
        "mode": tr("colour or grey"),
        "bits": tr("the bit depth"),
        "frames": tr("the number of frames"),
        "orientation": tr("how the camera was held"),
    }
    return words.get(name, f"“{name}”")


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
