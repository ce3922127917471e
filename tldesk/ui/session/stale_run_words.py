"""Sentences about runs whose images have changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import plural

if TYPE_CHECKING:
    from tldesk.run import Staleness
    from tldesk.ui.session.stale_runs import Changed


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("StaleWords", text)


def changed_words(changed: Changed) -> str:
    """The most serious change in two words, for a list."""
    whole = changed.whole
    if whole.relabelled or whole.excluded:
        return tr("labels changed")
    return tr("pictures changed") if whole.redrawn else tr("split changed")


def changed_sentence(found: Staleness, run: str, of: str | None = None) -> str:
    """``Since run 3, 7 of its images have another label and 2 were excluded``."""
    parts = [
        _counted(len(found.relabelled), tr("has another label"), tr("have another label")),
        _counted(len(found.excluded), tr("was excluded"), tr("were excluded")),
        _counted(len(found.redrawn), tr("has another picture"), tr("have another picture")),
        _counted(len(found.moved), tr("stands in another split"), tr("stand in another split")),
    ]
    told = ", ".join(part for part in parts if part)
    return tr("Since {0}, of {1} {2}").format(run, of or tr("its images"), told)


def banner_words(changed: Changed, split: str, run: str) -> str:
    """What the Evaluate page says above numbers that were computed with the run's own labels."""
    here, learnt = changed.of_split[split], len(changed.of_split["train"].ids)
    sentence = changed_sentence(changed.whole, run)
    if here:
        sentence = changed_sentence(here, run, tr("these images"))
        if learnt and split != "train":
            many = plural(learnt, tr("image"), tr("images"))
            sentence = tr("{0}; {1} it learnt from changed too").format(sentence, many)
    return tr("{0}. The numbers are of the labels as they were.").format(sentence)


def today_words(run: str, left_out: int) -> str:
    """What the Evaluate page says above numbers computed with the current labels."""
    words = tr("Counted anew with today's labels, for what {0} said").format(run)
    if left_out:
        many = plural(left_out, tr("image"), tr("images"))
        words = tr("{0}; {1} left out: excluded, changed, or without a label that it knows").format(
            words, many
        )
    return f"{words}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""
