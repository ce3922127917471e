"""Undoable edits of the open project, and its journal as a Qt undo stack.

The project keeps its own journal of edits, which survives restarts; the commands of the Qt stack mirror it,
so that menus can name what would be undone. Both are always changed together and in the same order.

An edit, its undo or its redo is made on the interface thread, at once, if it is known to affect few images
and no other edit is pending; otherwise in the writing lane, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tldesk.base import ProblemError
from tldesk.ui.session import project_jobs
from tldesk.ui.session.operation_changes import ANY_EDIT, OperationChanges
from tldesk.ui.session.project_jobs import Opened

if TYPE_CHECKING:
    from tldesk.dataset import Action, Edits, Project
    from tldesk.ui.lane.tasks import Tasks

FEW = 1000  # images; an edit of more would make the interface thread stutter
_REMEMBERED = 200  # number of actions of earlier sessions that can be undone; the journal itself keeps all
_WATCH_MS = 2000  # between two checks whether another window or command has changed the project


@dataclass(slots=True)
class Step:
    """One action of the journal. A pending edit still needs it after its command has left the stack.

    Attributes:
        changes: what doing or undoing it changes.
        images: number of images affected; None if unknown.
        number: number of the action in the journal; 0 before it was made.
        first: makes the edit for the first time; None once that was tried.
        then: called once the edit has been made for the first time.
        refused: the edit failed and was never made, so later undos and redos of it are skipped.
    """

    changes: OperationChanges
    images: int | None
    number: int = 0
    first: Callable[[Edits], object] | None = None
    then: Callable[[], object] | None = None
    refused: bool = False


Call = Callable[["Project", Step], object]


class EditCommand(QUndoCommand):
    """A step on Qt's undo stack. ``asleep``: do nothing while the stack is filled with earlier actions."""

    def __init__(self, verb: str, step: Step, run: Callable[[Step, Call], bool], *, asleep: bool) -> None:
        super().__init__(verb)
        self.asleep = asleep
        self._step = step
        self._run = run

    def redo(self) -> None:
        """Make the edit, for the first time or again."""
        self._go(_redo)

    def undo(self) -> None:
        """Undo the edit."""
        self._go(_undo)

    def _go(self, call: Call) -> None:
        if not self.asleep and not self._run(self._step, call):
            # Qt removes it from the stack; an exception would be lost on the way through Qt
            self.setObsolete(True)


class UndoHistory(QObject):
    """The undo stack of the open project. All edits in the window are made here."""

    changed = Signal(object)  # OperationChanges: after an edit, undo or redo here, or an edit elsewhere

    def __init__(self, tasks: Tasks, scanning: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._tasks = tasks
        self._scanning = scanning
        self._project: Project | None = None
        self._last = 0  # number of the newest action that the stack contains
        self._outdated = False  # the journal must be read again once no edit is pending
        self._examined = True
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self.look_elsewhere)

    # --- the project ----------------------------------------------------------------------------------------

    def open(self, opened: Opened) -> None:
        """Show the journal of this project."""
        self._project = opened.project
        self._last = 0
        self._outdated = False
        self._examined = False
        self._refill(opened)
        self._watch.start()

    def close(self) -> None:
        """Forget the project; its pending edits are still made."""
        self._project = None
        self._watch.stop()
        self.stack.clear()

    # --- edits ----------------------------------------------------------------------------------------------

    def edit(
        self,
        verb: str,
        what: Callable[[Edits], object],
        changes: OperationChanges,
        images: int | None,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Make an undoable edit: ``what`` writes exactly one action into the journal; ``then`` follows it."""
        if self._project is not None:
            step = Step(changes, images, first=what, then=then)
            self.stack.push(EditCommand(verb, step, self._run, asleep=False))

    def write(self, what: Callable[[Project], object], then: Callable[[], object] | None = None) -> None:
        """Call a slow function in the writing lane that writes its own actions into the journal."""
        project = self._project
        if project is None:
            return

        def work() -> Opened:
            what(project)
            return project_jobs.with_journal(project)

        def done(known: Opened) -> None:
            self._renew(known)
            if then is not None and project is self._project:
                then()

        self._tasks.write(work, on_done=done, on_failed=lambda error: self._refused(project, error))

    def _run(self, step: Step, call: Call) -> bool:
        """Make a step by the rule above; return False if it failed at once."""
        project = self._project
        if project is None:
            return False

        def work() -> int | None:
            return _perform(project, step, call)

        if self._tasks.writing or step.images is None or step.images > FEW:
            self._tasks.write(
                work,
                on_done=lambda last: self._done(project, step, last),
                on_failed=lambda error: self._refused(project, error),
            )
            return True
        try:
            last = work()
        except ProblemError as error:
            self._refused(project, error)
            return False
        self._done(project, step, last)
        return True

    def _done(self, project: Project, step: Step, last: int | None) -> None:
        if project is not self._project:
            return
        if last is not None:
            before, self._last = self._last, max(last, self._last)
            self._outdated |= last > before + 1  # an edit from elsewhere came between
            self.changed.emit(step.changes)
            then, step.then = step.then, None
            if then is not None:
                then()
        self._settle()

    def _refused(self, project: Project, error: Exception) -> None:
        """Show the error and refill the stack.

        The journal may still contain the edit, or one from elsewhere.
        """
        self._tasks.tell_failure("", error)
        self._outdated = True
        if project is self._project:
            self._settle()

    # --- the journal ----------------------------------------------------------------------------------------

    def look_elsewhere(self) -> None:
        """Check whether another window or a command has changed the project."""
        project = self._project
        if project is None or self._scanning() or self._tasks.writing:
            return
        self._tasks.read(project.edit.last, on_done=lambda last: self._compare(project, last))
        if not self._examined:  # not while it opens, because reading pictures has priority then
            self._examined = True
            self._tasks.read(project.examine, behind=True)

    def _compare(self, project: Project, last: int) -> None:
        if project is self._project and last > self._last and not self._tasks.writing:
            self._last = last
            self._outdated = True
            self._settle()

    def _settle(self) -> None:
        """Read the journal again if necessary, but not before all pending edits are made."""
        project = self._project
        if project is not None and self._outdated and not self._tasks.writing:
            self._outdated = False
            self._tasks.read(lambda: project_jobs.with_journal(project), on_done=self._renew)

    def _renew(self, known: Opened) -> None:
        if known.project is not self._project:
            return
        if self._tasks.writing or known.last < self._last:  # edits were made after the journal was read
            self._outdated = True
        else:
            self._refill(known)
        self.changed.emit(ANY_EDIT)
        self._settle()

    def _refill(self, known: Opened) -> None:
        """Refill the stack.

        ``known.done`` starts with the oldest action, ``known.undone`` with the next one to redo.
        """
        self.stack.clear()
        kept = known.done[-_REMEMBERED:]
        commands = [self._command(action) for action in (*kept, *known.undone)]
        for command in commands:
            self.stack.push(command)
        self.stack.setIndex(len(kept))
        for command in commands:
            command.asleep = False
        self._last = max(self._last, known.last)

    def _command(self, action: Action) -> EditCommand:
        ids = action.image_ids
        changes = OperationChanges(labels=ids) if ids else ANY_EDIT
        step = Step(changes, len(ids) or None, number=action.id)
        return EditCommand(action.verb, step, self._run, asleep=True)


# --- functions for either thread ----------------------------------------------------------------------------


def _perform(project: Project, step: Step, call: Call) -> int | None:
    """Make a step; return the number of the newest action, or None if there was nothing to do."""
    if step.refused:
        return None
    call(project, step)
    return project.edit.last()


def _redo(project: Project, step: Step) -> None:
    first, step.first = step.first, None
    if first is None:
        project.edit.redo(step.number)
        return
    step.refused = True  # reset below if the edit succeeds
    first(project.edit)
    step.refused = False
    done: Sequence[Action] = project.edit.undo_stack()
    step.number = done[-1].id if done else 0


def _undo(project: Project, step: Step) -> None:
    project.edit.undo(step.number)
