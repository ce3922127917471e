"""Starts the window: log, theme, session, main window; torch is loaded in the background afterwards."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.platform == "win32":
    # On Windows, torch's libraries must be loaded before Qt's, or the first import of torch fails (DLL
    # order).
    import torch  # noqa: F401

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from tldesk import __version__
from tldesk.base import user_dir
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session
from tldesk.ui.settings import Settings
from tldesk.ui.theme import theme
from tldesk.ui.window.main_window import MainWindow


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window with the project or folder given as first argument; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    share_interpreter()
    app = make_application()
    log_file = start_log()
    window = make_window(app)
    hook = errors.ErrorHook(app)
    hook.caught.connect(lambda error: errors.show(window, error))
    hook.install()
    logging.getLogger(__name__).info("tldesk %s, log in %s", __version__, log_file)
    window.show()
    # Once the event loop runs, so that the window appears before anything slow starts.
    QTimer.singleShot(0, window, lambda: _begin(window, arguments))
    return app.exec()


def share_interpreter() -> None:
    """Let the interface thread get the interpreter lock quickly while the compute thread runs Python code.

    Painting a plot acquires the lock about a hundred times and may wait for this interval each time; with
    Python's default of 5 ms the window stutters.
    """
    sys.setswitchinterval(0.0002)


def make_application() -> QApplication:
    """Create the Qt application with its names and translations."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["tldesk"])
    app.setApplicationName("tldesk")
    app.setApplicationDisplayName("tldesk")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("tldesk")
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(), "qtbase", "_", folder):
        app.installTranslator(translator)
    return app


def make_window(app: QApplication) -> MainWindow:
    """Create the main window with its own session."""
    settings = Settings()
    theme().apply(app, settings.text("theme", "system"))
    tasks = Tasks()
    session = Session(tasks, settings)
    window = MainWindow(session, tasks)
    session.setParent(window)
    tasks.setParent(window)
    return window


def start_log() -> Path:
    """Log to a file in the user's folder, since there may be no terminal; return the file."""
    from logging.handlers import RotatingFileHandler  # it imports sockets, so it is imported only when needed

    file = user_dir() / "logs" / "tldesk.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return file


def _begin(window: MainWindow, arguments: Sequence[str]) -> None:
    window.session.load_torch()
    if arguments:
        window.opener.open_paths([Path(arguments[0]).absolute()])


if __name__ == "__main__":
    sys.exit(main())
