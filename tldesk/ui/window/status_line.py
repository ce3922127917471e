"""The bottom line: device, running task with progress, time left and Stop, and the offline note."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from tldesk.base import duration
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.theme import set_icon
from tldesk.ui.window.rail import WIDTH


class StatusLine(QWidget):
    """Shows the running task of the compute lane; Stop asks it to end and keep its results so far."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        # Without it, a subclass of QWidget ignores the style sheet's background.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(34)
        self._tasks = tasks
        self._task: Task | None = None
        self._rest = ""
        self._build()
        tasks.taskStarted.connect(self._started)
        tasks.taskFinished.connect(self._finished)
        self._show()

    def _build(self) -> None:
        self.device = QLabel(self)
        self.device.setProperty("role", "muted")
        self.device.setFixedWidth(WIDTH - 12)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setMinimumWidth(1)  # long texts are cut off instead of widening the window
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(260)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.left = QLabel(self)
        self.left.setProperty("role", "muted")
        self.left.setMinimumWidth(96)
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.setObjectName("stopButton")
        self.stop.setProperty("role", "link")
        self.stop.setToolTip(self.tr("Stop now and keep the results so far"))
        set_icon(self.stop, "stop", "accent")
        self.stop.clicked.connect(self._stop)
        offline = QLabel(self.tr("Offline · nothing leaves this computer"), self)
        offline.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(12)
        layout.addWidget(self.device)
        layout.addWidget(self.words, 1)
        for widget in (self.bar, self.left, self.stop):
            layout.addWidget(widget)
        layout.addSpacing(24)
        layout.addWidget(offline)

    def set_device(self, title: str) -> None:
        """Show the name of the device used."""
        shown = self.device.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, WIDTH - 16)
        self.device.setText(shown)
        self.device.setToolTip(title)

    def say(self, words: str) -> None:
        """Show the outcome of the last operation, or a hint, if no task of the user is running."""
        self._rest = words
        self._show()

    def _started(self, task: Task) -> None:
        self._task = task
        if not task.background:
            self._rest = ""
        task.progressed.connect(self._show)
        task.stateChanged.connect(self._show)
        self._show()

    def _finished(self, task: Task) -> None:
        if task is not self._task:
            return
        self._task = None
        task.progressed.disconnect(self._show)  # a background task may start again
        task.stateChanged.disconnect(self._show)
        if task.background and task.silent:
            pass  # cancelled silently, so there is no outcome to show
        elif task.state == "stopped":
            self._rest = self.tr("{0}: stopped").format(task.title)
        elif task.state == "failed":
            self._rest = self.tr("{0}: failed").format(task.title)
        self._show()

    def _show(self) -> None:
        task = self._task
        self.bar.setVisible(task is not None)
        self.left.setVisible(task is not None)
        self.stop.setVisible(task is not None and not task.short)
        if task is None:
            self.words.setText(self._rest or self.tr("Ready"))
            return
        stopping = task.state == "stopping"
        self.stop.setEnabled(not stopping)
        self.words.setText(self.tr("Stopping…") if stopping else self._words(task))
        self.bar.setRange(0, task.total)
        self.bar.setValue(task.done)
        known = task.seconds_left is not None and not stopping
        self.left.setText(self.tr("{0} left").format(duration(task.seconds_left or 0)) if known else "")

    def _words(self, task: Task) -> str:
        words = self.tr("{0}…").format(task.text)
        if task.total:
            words = self.tr("{0} {1} of {2}").format(task.text, f"{task.done:,}", f"{task.total:,}")
        return f"{self._rest} · {words}" if self._rest else words

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop()
