"""Sentences about runs whose images have changed since the training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import plural

if TYPE_CHECKING:
    from tldesk.run import Staleness
    from tldesk.run.names_today import ClassNames
    from tldesk.ui.session.stale_runs import Changed


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("StaleWords", text)


def changed_words(changed: Changed) -> str:
    """Return the most serious change in two words, for a list."""
    whole = changed.whole
    if whole.relabelled or whole.excluded:
        return tr("labels changed")
    if whole.redrawn:
        return tr("images changed")
    return tr("split changed") if whole.moved else tr("classes renamed")


def changed_sentence(found: Staleness, run: str, of: str | None = None) -> str:
    """Return a sentence such as "Since run 3, changes to its images: 7 have a different label"."""
    parts = [
        _counted(len(found.relabelled), tr("has a different label"), tr("have a different label")),
        _counted(len(found.excluded), tr("was excluded"), tr("were excluded")),
        _counted(len(found.redrawn), tr("has a changed file"), tr("have changed files")),
        _counted(len(found.moved), tr("is in a different split"), tr("are in a different split")),
    ]
    told = ", ".join(part for part in parts if part)
    return tr("Since {0}, changes to {1}: {2}").format(run, of or tr("its images"), told) if told else ""


def renamed_sentence(found: Staleness, run: str) -> str:
    """Return a sentence such as "Since run 3, “ant” was renamed to “bee”"; "" if no class was renamed."""
    return _since(run, _renamed(found.renamed))


def classes_sentences(names: ClassNames, run: str) -> str:
    """Return what became of a run's classes, and what its model answers now; "" if nothing did."""
    gone = [
        tr("“{0}” was merged into “{1}”").format(then, into) if into else tr("“{0}” was deleted").format(then)
        for then, into in names.gone
    ]
    told = _since(run, [*_renamed(names.renamed), *gone])
    if not told:
        return ""
    if not gone:
        return tr("{0}. The model answers with today's names.").format(told)
    if len(gone) == 1:
        return tr("{0}. The model still answers with this class; train again to mend that.").format(told)
    return tr("{0}. The model still answers with these classes; train again to mend that.").format(told)


def _renamed(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [tr("“{0}” was renamed to “{1}”").format(then, today) for then, today in pairs]


def _since(run: str, parts: Sequence[str]) -> str:
    return tr("Since {0}, {1}").format(run, ", ".join(parts)) if parts else ""


def banner_words(changed: Changed, split: str, run: str) -> str:
    """Return the banner on the Evaluate page for metrics computed with the run's own labels."""
    renamed = renamed_sentence(changed.whole, run)
    if renamed and not changed.whole.ids:
        return tr("{0}. These scores are shown with today's names.").format(renamed)
    here, learnt = changed.of_split[split], len(changed.of_split["train"].ids)
    sentence = changed_sentence(changed.whole, run)
    if here.ids:
        sentence = changed_sentence(here, run, tr("these images"))
        if learnt and split != "train":
            many = plural(learnt, tr("image"), tr("images"))
            sentence = tr("{0}; {1} used for training changed too").format(sentence, many)
    told = f"{sentence}. {_of_then(here if here.ids else changed.whole)}"
    return f"{told} {renamed}." if renamed else told


def _of_then(found: Staleness) -> str:
    labels = bool(found.relabelled or found.excluded)
    if not found.redrawn:
        return tr("These scores use the labels at the time of the run.")
    if not labels:
        return tr("These scores are about the files at the time of the run; a new run uses the present ones.")
    return tr("These scores are about the files and labels at the time of the run.")


def today_words(run: str, left_out: int) -> str:
    """Return the banner on the Evaluate page for metrics computed with the current labels."""
    words = tr("Recalculated with the current labels from {0}'s predictions").format(run)
    if left_out:
        many = plural(left_out, tr("image"), tr("images"))
        words = tr("{0}; {1} omitted (excluded, changed, or without a label known to the model)").format(
            words, many
        )
    return f"{words}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""
