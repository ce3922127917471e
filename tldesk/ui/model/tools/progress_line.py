"""The progress of a dialog's work, with Stop; afterwards how it ended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from tldesk.base import Progress, duration
from tldesk.ui import errors
from tldesk.ui.theme import set_icon

_STEPS = 1000


class ProgressLine(QWidget):
    """A progress bar, text and Stop; a problem in their place if the work failed."""

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
        self.remarks = QLabel()
        self.remarks.setProperty("role", "muted")
        self.remarks.setWordWrap(True)
        self.remarks.hide()
        self.problem = errors.ProblemLabel()
        above = QHBoxLayout()
        above.setSpacing(12)
        above.addWidget(self.bar, 2)
        above.addWidget(self.words, 3)
        above.addWidget(self.stop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(above)
        box.addWidget(self.remarks)
        box.addWidget(self.problem)
        self.tell("")

    def tell(self, words: str) -> None:
        """Show that nothing is running; ``words`` say how it ended."""
        self.bar.hide()
        self.stop.hide()
        self.problem.set_problems([])
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def begin(self, words: str) -> None:
        """Show that the work has begun."""
        self.tell(words)
        self.remark("")
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.setEnabled(True)
        self.stop.show()
        self.stop.setFocus()  # not on "Close", which is next to the button that started it

    def show_progress(self, step: Progress) -> None:
        """Show the progress of the work."""
        self.bar.setRange(0, _STEPS if step.total else 0)
        if step.total:
            self.bar.setValue(_STEPS * step.done // step.total)
        left = "" if step.seconds_left is None else self.tr(", {0} left").format(duration(step.seconds_left))
        count = self.tr(": {0} of {1}").format(f"{step.done:,}", f"{step.total:,}") if step.total else ""
        self.words.setText(f"{step.what}{count}{left}")

    def remark(self, words: str) -> None:
        """Show a sentence beside the progress, until other work begins; "" hides it."""
        self.remarks.setText(words)
        self.remarks.setVisible(bool(words))

    def stopping(self) -> None:
        """Show that the work was asked to stop."""
        self.stop.setEnabled(False)
        self.words.setText(self.tr("Stopping…"))

    def fail(self, error: Exception) -> None:
        """Show why the work failed."""
        self.tell("")
        self.problem.set_problems(errors.problems_of(error))
