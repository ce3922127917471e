"""The freeze line in a few words, as the Model and the Train page and their dialogs show it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def short_line(line: str) -> str:
    """Return the freeze line in words: ``head only``, ``everything`` or ``from layer4``.

    Args:
        line: a freeze line as recipes store it: a stage's name, ``all`` or ``none``.
    """
    if line == "all":
        return QCoreApplication.translate("FreezeLine", "head only")
    if line == "none":
        return QCoreApplication.translate("FreezeLine", "everything")
    return QCoreApplication.translate("FreezeLine", "from {0}").format(line)
