"""The texts for findings: a title, and a sentence on why the finding matters and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import percent
from tldesk.dataset import FindingKind
from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.dataset.checks.folder_classes import EmptyClass, MovedImage
from tldesk.dataset.checks.imbalance import Imbalance
from tldesk.dataset.checks.privacy import Identifying
from tldesk.dataset.checks.report import PossibleLeak
from tldesk.dataset.checks.shortcuts import Shortcut
from tldesk.dataset.left_out import LeftOut
from tldesk.imaging.identifying_tags import Trace
from tldesk.ui.widgets.left_out_words import left_out_words

if TYPE_CHECKING:
    from tldesk.dataset import Finding

Words = tuple[str, str]
_MOST_MOVES = 4


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("Findings", text)


def words_of(finding: Finding) -> Words:
    """Return the title of a finding, and its sentence with the facts filled in."""
    title, words = (
        _rule_words(finding) if finding.kind is FindingKind.POSSIBLE_LEAK else _table()[finding.kind]
    )
    return title, f"{words.format(*_values(finding))} {finding.caution}".strip()


def _table() -> dict[FindingKind, Words]:
    """Return the texts of every kind except possible leaks, whose title depends on the rule."""
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
            tr("Their files are missing. Labels are kept; put the files back, or forget the images."),
        ),
        FindingKind.CHANGED: (
            tr("Changed files"),
            tr(
                "The last scan found that these files had changed. Their labels were kept: "
                "check that they are still right."
            ),
        ),
        FindingKind.QUARANTINE: (
            tr("Unreadable files"),
            tr("These files cannot be read and are never used for training. Each shows the reason."),
        ),
        FindingKind.UNREAD: (
            tr("Not read yet"),
            tr(
                "Reading was stopped before these images: they are not used for training until they are read."
            ),
        ),
    }


def _split_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.LEAK: (
            tr("Leaks between splits"),
            tr(
                "These are identical or very similar images in different splits: the model "
                "is tested on images it was trained on, so the scores are too good. Split "
                "again, or exclude the copies."
            ),
        ),
        FindingKind.GROUP_LEAK: (
            tr("Groups in several splits"),
            tr(
                "Images of one group are in different splits: the model is tested on images "
                "that belong with those it was trained on, so the scores are too good. Split "
                "again; a split given by folders is kept."
            ),
        ),
        FindingKind.ALIKE: (
            tr("Similar across splits"),
            tr(
                "To a network these images are near duplicates, even if rotated, cropped or "
                "edited, and they are in different splits: copies make the scores too good. "
                "Put them in the same group and split again, or exclude one."
            ),
        ),
    }


def _rule_words(finding: Finding) -> Words:
    """Return one title per kind of rule; all share one sentence."""
    titles = {
        "column": tr("Possibly one case"),
        "copies": tr("Possible copies"),
        "folder": tr("Same folder"),
        "name": tr("Similar names"),
        "burst": tr("Possible burst"),
    }
    words = tr(
        "Judging by {0}, these images may belong together, but they are in different splits. "
        "If they do belong together, split again and keep them together."
    )
    kind = next(one.proposal.kind for one in finding.facts if isinstance(one, PossibleLeak))
    return titles[kind], words


def _copy_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.CONTRADICTION: (
            tr("Conflicting labels"),
            tr(
                "Copies of the same image have different labels: at least one label is "
                "wrong, and the model learns from it. Give all copies the right label, or "
                "exclude them."
            ),
        ),
        FindingKind.DUPLICATE: (
            tr("Duplicates"),
            tr(
                "Identical files count more than once; one of each is enough. Copies within "
                "one group are not listed."
            ),
        ),
        FindingKind.NEAR_DUPLICATE: (
            tr("Near duplicates"),
            tr(
                "Very similar images: resized copies, or shots of one burst. In different "
                "splits they make the scores too good. Those within one group are not listed."
            ),
        ),
        FindingKind.DOUBTFUL_LABEL: (
            tr("Doubtful labels"),
            tr(
                "A network that was not trained on these images predicts another class: "
                "check their labels, they may be wrong."
            ),
        ),
    }


def _shortcut_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.FILE_SHORTCUT: (
            tr("Files reveal the class"),
            tr(
                "File properties alone, mainly {2}, predict the class with a balanced "
                "accuracy of {0} (chance: {1}). A network may learn these instead of what "
                "the images show: take the pictures of all classes in the same way."
            ),
        ),
        FindingKind.BORDER_SHORTCUT: (
            tr("Borders reveal the class"),
            tr(
                "The borders of the images alone predict the class with a balanced accuracy "
                "of {0} (chance: {1}). A network may learn a frame, background or marker "
                "instead of what the images show: crop it, or take the pictures of all "
                "classes in the same way."
            ),
        ),
    }


def _odd_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.BLANK: (
            tr("Blank images"),
            tr("These show only a single tone: exclude or retake them."),
        ),
        FindingKind.DARK: (
            tr("Very dark"),
            tr("These are much darker than the others: is the class still visible?"),
        ),
        FindingKind.BRIGHT: (
            tr("Very bright"),
            tr("These are much brighter than the others: is the class still visible?"),
        ),
        FindingKind.BLURRED: (
            tr("Blurred"),
            tr(
                "These are much less sharp than the others: is the class still visible? The "
                "network cannot learn fine details from blurred images."
            ),
        ),
        FindingKind.SMALL: (
            tr("Very small"),
            tr("These are much smaller than the others and lack their detail."),
        ),
        FindingKind.SHAPE: (
            tr("Unusual shape"),
            tr(
                "The network sees only the middle of these elongated images. To show it the "
                "whole image, choose another fit on the Model page."
            ),
        ),
    }


def _other_words() -> dict[FindingKind, Words]:
    return {
        FindingKind.IMBALANCE: (
            tr("Class imbalance"),
            tr(
                "{0} has {1} times as many images as {2}. Set Class balance to weighted on "
                "the Model page, or label more images of the smaller class."
            ),
        ),
        FindingKind.CLASS_CASE: (
            tr("Alike class names"),
            tr(
                "{0} and {1} differ only in capitals, blanks, hyphens or underscores, and are "
                "different classes. If they are one, merge them: all labels and the folder's "
                "name then belong to {0}."
            ),
        ),
        FindingKind.LEFT_OUT: (tr("Files left out"), "{0}"),
        FindingKind.FOLDER_CLASS: (
            tr("Not in the folder of the class"),
            tr(
                "These images were moved out of the folder of their class and kept their labels: "
                "{0}. Accept what the folders say, or dismiss this."
            ),
        ),
        FindingKind.FOLDER_AWAY: (
            tr("Folder without files"),
            tr(
                "A folder of pictures has no file left ({0} images of {1}), so nothing can be trained. "
                "Connect its drive and rescan, or locate the folder if it was moved. Labels are kept."
            ),
        ),
        FindingKind.EMPTY_CLASS: (
            tr("Class without images"),
            tr(
                "{0} has no images that can be used, so nothing can be trained. Label images of it, "
                "put its files back if they are missing ({1}), or delete the class."
            ),
        ),
        FindingKind.PERSON: (
            tr("May identify a person"),
            tr(
                "These files contain: {0}. The project folder stores patient numbers, dates "
                "and file names, and reports list file names. Before you share any of these, "
                "make copies without such data, and a new project from the copies."
            ),
        ),
        FindingKind.TEXT: (
            tr("Text in the image?"),
            tr(
                "Text such as a name may be burned into these images, where anyone can see "
                "it and a network may learn from it. Check them; then exclude them, or black "
                "out the text in copies."
            ),
        ),
        FindingKind.DISMISSED: (
            tr("Dismissed"),
            tr("You dismissed these findings. Restore them to see them again."),
        ),
    }


def _values(finding: Finding) -> list[str]:
    """Return the values filled into the sentence."""
    traces = [_trace_words(one.trace) for one in finding.facts if isinstance(one, Identifying)]
    for fact in finding.facts:
        match fact:
            case PossibleLeak():
                return [_reasons()[fact.proposal.kind]]
            case Shortcut():
                facts = ", ".join(fact_words(name) for name in fact.telling)
                return [percent(fact.accuracy), percent(fact.chance), facts]
            case AlikeClasses():
                return [fact.names[0], ", ".join(fact.names[1:])]
            case LeftOut():
                return [" ".join(left_out_words(fact))]
            case Imbalance():
                return [fact.largest, f"{fact.ratio:.1f}", fact.smallest]
    return _folder_values(finding) or [", ".join(traces)]


def _folder_values(finding: Finding) -> list[str]:
    moved = [one for one in finding.facts if isinstance(one, MovedImage)]
    empty = [one for one in finding.facts if isinstance(one, EmptyClass)]
    if finding.kind == FindingKind.FOLDER_AWAY:
        return [f"{sum(one.away for one in empty):,}", ", ".join(one.name for one in empty)]
    return (
        [_moved_words(moved)] if moved else [text for one in empty for text in (one.name, f"{one.missing:,}")]
    )


def _moved_words(moved: Sequence[MovedImage]) -> str:
    """Return "ant → bee (3), wasp → hornet (8, the whole class)", the first few."""
    counted = Counter((one.label, one.word, one.renames) for one in moved).most_common(_MOST_MOVES)
    whole = tr("{0}, the whole class")
    return ", ".join(
        f"{label} → {word or tr('no label')} ({whole.format(number) if renames else number})"
        for (label, word, renames), number in counted
    )


def _reasons() -> dict[str, str]:
    return {
        "column": tr("their metadata columns"),
        "copies": tr("their names (edited copies)"),
        "folder": tr("their folders"),
        "name": tr("their names"),
        "burst": tr("the time they were taken"),
    }


def fact_words(name: str) -> str:
    """Return the name of a file fact as shown on screen."""
    words = {
        "file size": tr("file size"),
        "width": tr("width"),
        "height": tr("height"),
        "shape": tr("aspect ratio"),
        "compression": tr("compression"),
        "format": tr("file format"),
        "Camera": tr("camera"),
        "DateTime": tr("date"),
        "mode": tr("colour or greyscale"),
        "bits": tr("bit depth"),
        "frames": tr("number of frames"),
        "orientation": tr("camera orientation"),
    }
    return words.get(name, f"“{name}”")


def _trace_words(trace: Trace) -> str:
    words = {
        Trace.NUMBER: tr("patient numbers"),
        Trace.NAME: tr("patient names"),
        Trace.BIRTH: tr("birth dates"),
        Trace.CONTACT: tr("addresses or telephone numbers"),
        Trace.STAFF: tr("staff names"),
        Trace.PLACE: tr("GPS locations"),
        Trace.CAMERA: tr("camera serial numbers"),
        Trace.OWNER: tr("names of photographers or owners"),
    }
    return words.get(trace, str(trace))
