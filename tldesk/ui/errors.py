"""Shows errors in a message box that does not block the event loop, or next to a field."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from tldesk.base import Problem, ProblemError

log = logging.getLogger(__name__)


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("errors", text)


def problems_of(error: BaseException) -> tuple[Problem, ...]:
    """Return the problems to show to the user for an error of any kind."""
    if isinstance(error, ProblemError):
        return error.problems
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return (
            Problem(
                "",
                tr("Not enough memory"),
                tr("Use a smaller batch size, input size or backbone, or close other programs"),
            ),
        )
    if isinstance(error, OSError):
        where = str(error.filename) if error.filename else tr("file")
        return (
            Problem(
                where,
                error.strerror or str(error),
                tr("Check that it exists and that you have permission to open it"),
            ),
        )
    return (
        Problem(
            tr("unexpected error"),
            f"{type(error).__name__}: {error}",
            tr(
                "Your labels and runs are safe. Try again; if it happens again, please report "
                "it with the details"
            ),
        ),
    )


def text_of(error: BaseException) -> str:
    """Return the problems of an error as text, one paragraph each."""
    return "\n\n".join(str(problem) for problem in problems_of(error))


def show(parent: QWidget | None, error: BaseException, title: str = "") -> QMessageBox:
    """Show an error in a message box and return at once; the box deletes itself when it is closed."""
    box = QMessageBox(parent)
    box.setObjectName("errorBox")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(title or tr("tldesk"))
    first, *rest = problems_of(error)
    box.setText(f"{first.where}: {first.what}." if first.where else f"{first.what}.")
    box.setInformativeText("\n\n".join([f"{first.fix}.", *map(str, rest)]))
    box.setTextFormat(Qt.TextFormat.PlainText)
    if not isinstance(error, ProblemError):
        box.setDetailedText("".join(traceback.format_exception(error)))
    box.open()
    return box


class ProblemLabel(QLabel):
    """A line next to a field that says what is wrong with it; hidden if nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "problem")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def set_problems(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        """Show the problems without ``where``, since the field is next to them; hide if there are none."""
        self.setText("\n".join(f"⚠ {_sentence(problem.what)} {problem.fix}." for problem in problems))
        self.setVisible(bool(problems))


def _sentence(what: str) -> str:
    """Return the words as a sentence of their own; ``what`` otherwise follows the place and a colon."""
    return f"{what[:1].upper()}{what[1:]}."


class ErrorHook(QObject):
    """Sends uncaught exceptions from all threads to the log and to the window."""

    caught = Signal(object)

    def install(self) -> None:
        """Replace the hooks of ``sys`` and ``threading``."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        log.critical("not caught", exc_info=(kind, error, trace))
        self.caught.emit(error)

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._hook(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
