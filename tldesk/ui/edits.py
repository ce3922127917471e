"""Undoable edits: each is one call forth and one call back on the project, named with the user's verb.

The project keeps its own journal of label edits, which survives restarts; the commands here mirror it, so
that menus can name what would be undone. Whatever happens to one happens to the other, in the same order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand, QUndoStack

from tldesk.base import ProblemError

if TYPE_CHECKING:
    from tldesk.dataset import Action, Project

_REMEMBERED = 200  # actions of earlier sessions that can be undone; the journal itself keeps all


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of what an edit did."""

    labels_changed: Callable[[Sequence[int]], None]
    images_changed: Callable[[], None]
    failed: Callable[[ProblemError], None]


class LabelImages(QUndoCommand):
    """Gives images a class, or takes it away (``class_id`` None)."""

    def __init__(
        self, verb: str, project: Project, ids: Sequence[int], class_id: int | None, told: Told
    ) -> None:
        super().__init__(verb)
        self._project = project
        self._ids = tuple(ids)
        self._class_id = class_id
        self._told = told
        self._recorded = False

    def redo(self) -> None:
        """Label for the first time; afterwards do the journal's next undone action again."""
        with _guard(self, self._told):
            if self._recorded:
                self._project.redo()
            else:
                self._project.label(self._ids, self._class_id, verb=self.text())
                self._recorded = True
            self._told.labels_changed(self._ids)

    def undo(self) -> None:
        """Take back the journal's last action."""
        with _guard(self, self._told):
            self._project.undo()
            self._told.labels_changed(self._ids)


class Remembered(QUndoCommand):
    """An action from the project's journal, done in an earlier session."""

    def __init__(self, project: Project, action: Action, told: Told, replay: list[bool]) -> None:
        super().__init__(action.verb)
        self._project = project
        self._ids = action.image_ids
        self._told = told
        self._replay = replay

    def redo(self) -> None:
        """Do it again, except while the stack is being filled."""
        if not self._replay[0]:
            with _guard(self, self._told):
                self._project.redo()
                self._told.labels_changed(self._ids)

    def undo(self) -> None:
        """Take it back, except while the stack is being filled."""
        if not self._replay[0]:
            with _guard(self, self._told):
                self._project.undo()
                self._told.labels_changed(self._ids)


class RenameClass(QUndoCommand):
    """Gives a class another name."""

    def __init__(
        self, verb: str, project: Project, class_id: int, names: tuple[str, str], told: Told
    ) -> None:
        super().__init__(verb)
        self._project = project
        self._class_id = class_id
        self._before, self._after = names
        self._told = told

    def redo(self) -> None:
        """Write the new name."""
        self._write(self._after)

    def undo(self) -> None:
        """Write the old name."""
        self._write(self._before)

    def _write(self, name: str) -> None:
        with _guard(self, self._told):
            self._project.rename_class(self._class_id, name)
            self._told.images_changed()


@contextlib.contextmanager
def _guard(command: QUndoCommand, told: Told) -> Iterator[None]:
    """An edit that was refused leaves the stack; an exception would be lost between Qt's calls."""
    try:
        yield
    except ProblemError as error:
        command.setObsolete(True)
        told.failed(error)


def refill(
    stack: QUndoStack, project: Project, done: Sequence[Action], undone: Sequence[Action], told: Told
) -> None:
    """Fill the stack from the project's journal: ``done`` oldest first, ``undone`` next-to-redo first."""
    stack.clear()
    kept = done[-_REMEMBERED:]
    replay = [True]
    for action in (*kept, *undone):
        stack.push(Remembered(project, action, told, replay))
    stack.setIndex(len(kept))
    replay[0] = False
