"""How far a dialog's work is, with Stop; afterwards how it ended. And the work itself, through a lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from tldesk.base import Progress, duration
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.theme import set_icon

_STEPS = 1000


class WorkLine(QWidget):
    """A bar, words, Stop; a problem in their place where the work failed."""

    stopAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.setAutoDefault(False)
        set_icon(self.stop, "stop")
        self.stop.clicked.connect(lambda _checked: self.stopAsked.emit())
        self.problem = errors.ProblemLabel()
        above = QHBoxLayout()
        above.setSpacing(12)
        above.addWidget(self.bar, 2)
        above.addWidget(self.words, 3)
        above.addWidget(self.stop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(above)
        box.addWidget(self.problem)
        self.tell("")

    def tell(self, words: str) -> None:
        """Nothing runs; ``words`` say what was."""
        self.bar.hide()
        self.stop.hide()
        self.problem.set_problems([])
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def begin(self, words: str) -> None:
        """Something runs now."""
        self.tell(words)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.setEnabled(True)
        self.stop.show()
        self.stop.setFocus()  # not on "Close", which is next to what began it

    def show_progress(self, step: Progress) -> None:
        """How far it is."""
        self.bar.setRange(0, _STEPS if step.total else 0)
        if step.total:
            self.bar.setValue(_STEPS * step.done // step.total)
        left = "" if step.seconds_left is None else self.tr(", {0} left").format(duration(step.seconds_left))
        count = self.tr(": {0} of {1}").format(f"{step.done:,}", f"{step.total:,}") if step.total else ""
        self.words.setText(f"{step.what}{count}{left}")

    def stopping(self) -> None:
        """It was told to stop."""
        self.stop.setEnabled(False)
        self.words.setText(self.tr("Stopping…"))

    def fail(self, error: Exception) -> None:
        """It failed, and why."""
        self.tell("")
        self.problem.set_problems(errors.problems_of(error))


class LaneWork(QObject):
    """The one piece of work that a dialog has going in the compute lane.

    ``over`` says how it ended: "done", "stopped" or "failed".
    """

    over = Signal(str)

    def __init__(self, tasks: Tasks, line: WorkLine) -> None:
        super().__init__(line)
        self._tasks = tasks
        self._line = line
        self.task: Task | None = None
        line.stopAsked.connect(self.stop)

    def start(
        self,
        title: str,
        make: Callable[[threading.Event], Iterator[Any]],
        on_event: Callable[[Any], None],
    ) -> None:
        """Begin, unless something runs already. ``Progress`` is shown here and not handed on."""
        if self.task is not None:
            return

        def hear(event: object) -> None:
            if not isinstance(event, Progress):
                on_event(event)
            elif self.task is not None and not self.task.stop_asked.is_set():
                self._line.show_progress(event)

        waits = self._tasks.current
        self._line.begin(
            self.tr("Waits until this is done: {0}").format(waits.title) if waits else self.tr("Starting…")
        )
        self.task = self._tasks.stream(
            title,
            make,
            on_event=hear,
            on_done=lambda: self._end("done"),
            on_stopped=lambda: self._end("stopped"),
            on_failed=self._failed,
        )

    def stop(self) -> None:
        """Ask it to end; what it has by then still arrives."""
        if self.task is not None:
            self._line.stopping()
            self.task.stop()

    def cancel(self) -> None:
        """Ask it to end; nobody listens any more."""
        if self.task is not None:
            self.task.cancel()
            self.task = None

    def _end(self, how: str) -> None:
        self.task = None
        self._line.tell("")
        self.over.emit(how)

    def _failed(self, error: Exception) -> None:
        self.task = None
        self._line.fail(error)
        self.over.emit("failed")
