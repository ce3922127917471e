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


class Edit(QUndoCommand):
    """One action of the project's journal: done here for the first time, or earlier.

    Attributes:
        ids: the images it changes; without them everything is asked for again.
        number: of the action in the journal, 0 before it was done.
        first: instead of doing it again.
        asleep: while a stack is filled with what was done already.
    """

    def __init__(self, verb: str, project: Project, told: Told) -> None:
        super().__init__(verb)
        self.ids: tuple[int, ...] = ()
        self.number = 0
        self.first: Callable[[], object] | None = None
        self.asleep = False
        self._project = project
        self._told = told

    def redo(self) -> None:
        """Do it for the first time; afterwards do the journal's next undone action again."""
        first, self.first = self.first, None
        if first is None:
            self._do(lambda: self._project.edit.redo(self.number))
        else:
            self._do(first)
            done = self._project.edit.undo_stack()
            self.number = done[-1].id if done else 0

    def undo(self) -> None:
        """Take back the journal's last action."""
        self._do(lambda: self._project.edit.undo(self.number))

    def _do(self, what: Callable[[], object]) -> None:
        if self.asleep:
            return
        with _guard(self, self._told):
            what()
            if self.ids:
                self._told.labels_changed(self.ids)
            else:
                self._told.images_changed()


@contextlib.contextmanager
def _guard(command: QUndoCommand, told: Told) -> Iterator[None]:
    """An edit that was refused leaves the stack; an exception would be lost between Qt's calls.

    Whoever is told fills the stack anew: the journal may still hold the edit, or others of somebody else.
    """
    try:
        yield
    except ProblemError as error:
        command.setObsolete(True)
        told.failed(error)


def first_time(project: Project, verb: str, what: Callable[[], object], told: Told) -> Edit:
    """An edit to be pushed; ``what`` writes exactly one action into the project's journal."""
    edit = Edit(verb, project, told)
    edit.first = what
    return edit


def refill(
    stack: QUndoStack, project: Project, done: Sequence[Action], undone: Sequence[Action], told: Told
) -> None:
    """Fill the stack from the project's journal: ``done`` oldest first, ``undone`` next-to-redo first."""
    stack.clear()
    kept = done[-_REMEMBERED:]
    edits = []
    for action in (*kept, *undone):
        edit = Edit(action.verb, project, told)
        edit.ids, edit.number, edit.asleep = action.image_ids, action.id, True
        edits.append(edit)
        stack.push(edit)
    stack.setIndex(len(kept))
    for edit in edits:
        edit.asleep = False
