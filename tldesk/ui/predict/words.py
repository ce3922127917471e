"""The texts of the Predict page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from tldesk.base import plural
from tldesk.dataset.left_out import LeftOut
from tldesk.prediction import Answer, Failure
from tldesk.ui.theme import okabe_ito
from tldesk.ui.widgets.left_out_words import left_out_words
from tldesk.ui.widgets.picture_list import PictureItem
from tldesk.ui.widgets.probability_bars import ClassShare, percent_words

UNLIKE = 0.98  # beyond this share of the validation images, a picture is called unlike the training images
RATHER_UNLIKE = 0.9


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("PredictPage", text)


def pictures(count: int) -> str:
    """Return the title of the list."""
    return plural(count, tr("picture"), tr("pictures"))


def state_line(count: int) -> str:
    """Return the line for the rail."""
    return plural(count, tr("new picture"), tr("new pictures")) if count else tr("no pictures yet")


def row(entry: Answer | Failure, colours: Mapping[str, str]) -> PictureItem:
    """Return one picture as a list item."""
    name = entry.path.name
    tip = f"{entry.path}\n{name}"
    if isinstance(entry, Failure):
        return PictureItem(entry.path, tr("no prediction"), name, mark=tr("unreadable"), failed=True, tip=tip)
    return PictureItem(
        entry.path,
        entry.predicted,
        name,
        _colour(entry, entry.predicted, colours),
        number=percent_words(entry.probability),
        mark=mark(entry),
        rendering=entry.rendering,
        tip=tip,
    )


def summary(entries: Sequence[Answer | Failure], expected: int, left_out: LeftOut) -> str:
    """Return a summary of all pictures: how many are done, unsure, unreadable; and what was left out."""
    unsure = sum(1 for entry in entries if isinstance(entry, Answer) and entry.unsure)
    failed = sum(1 for entry in entries if isinstance(entry, Failure))
    parts = []
    if expected > len(entries):
        parts.append(tr("{0} of {1} done").format(len(entries), expected))
    if unsure:
        parts.append(tr("{0} unsure").format(unsure))
    if failed:
        parts.append(tr("{0} could not be read").format(failed))
    return "\n".join(filter(None, [" · ".join(parts), *left_out_words(left_out)]))


def mark(answer: Answer) -> str:
    """Return the warning next to the class; empty if there is none."""
    if answer.novelty > UNLIKE:
        return tr("unlike training")
    return tr("unsure") if answer.unsure else ""


def shares(answer: Answer, colours: Mapping[str, str]) -> list[ClassShare]:
    """Return the probabilities for the bars."""
    pairs = zip(answer.classes, answer.probabilities, strict=True)
    return [ClassShare(name, share, _colour(answer, name, colours)) for name, share in pairs]


def novelty(answer: Answer) -> tuple[str, str, str]:
    """Return how similar it is to the training images: role of the text ("good", "warn"), icon, sentence."""
    share = f"{answer.novelty * 100:.0f}"
    if answer.novelty > UNLIKE:
        text = tr("Unlike the training images: farther from them than {0} % of the validation images.")
        if answer.novelty >= 1:
            text = tr("Unlike the training images: farther from them than any validation image.")
        return "warn", "unsure", f"{text.format(share)} {tr('Do not rely on this prediction.')}"
    if answer.novelty > RATHER_UNLIKE:
        text = tr(
            "Somewhat unlike the training images: farther from them than {0} % of the validation images."
        )
        return "warn", "unsure", text.format(share)
    return "good", "good", tr("Similar to the training images.")


def sureness(answer: Answer) -> tuple[str, str, str]:
    """Return whether the prediction is unsure: role of the text, icon, sentence."""
    if answer.unsure:
        return "warn", "unsure", tr("Unsure: predictions with such a low probability are often wrong.")
    return "good", "good", tr("Sure: the probability reaches the threshold.")


def _colour(answer: Answer, name: str, colours: Mapping[str, str]) -> str:
    return colours.get(name) or okabe_ito(answer.classes.index(name))
