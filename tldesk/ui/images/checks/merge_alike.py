"""Merging classes whose names are alike but for capitals, blanks and the like, and leaving them apart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from tldesk.dataset.checks.alike_classes import AlikeClasses
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session

_CHANGES = OperationChanges(images=True, classes=True)


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("AlikeClasses", text)


def question(alike: AlikeClasses) -> str:
    """Return the question whether the largest and the smallest of the classes are one."""
    words = tr(
        "The classes {0} ({1}) and {2} ({3}) differ only in capitals, blanks, hyphens or underscores. "
        "Are they one?"
    )
    return words.format(alike.names[0], f"{alike.counts[0]:,}", alike.names[-1], f"{alike.counts[-1]:,}")


def merge(session: Session, alike: AlikeClasses, then: Callable[[], object] | None = None) -> None:
    """Merge the smallest class into the largest; if there are more, they are asked about next."""
    verb = tr("Merge class “{0}” into “{1}”").format(alike.names[-1], alike.names[0])
    gone, into = alike.ids[-1], alike.ids[0]
    session.change(verb, lambda edit: edit.merge_classes(gone, into), _CHANGES, alike.counts[-1], then)


def keep_apart(session: Session, alike: AlikeClasses, then: Callable[[], object] | None = None) -> None:
    """Do not ask again; the finding can be restored."""
    session.change(tr("Keep both classes"), lambda edit: edit.dismiss(alike.key, ()), _CHANGES, 0, then)
