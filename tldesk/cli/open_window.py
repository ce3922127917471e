"""Open the window from the shell; Qt is not imported before that."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from tldesk.base import Problem, ProblemError

_NOT_SEEN = ("offscreen", "minimal", "vnc")


def no_display() -> str | None:
    """Return why no window can be shown, e.g. ``there is no display``, or None if it can."""
    if sys.platform in ("win32", "darwin"):
        return None
    if os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"


def window_can_be_seen() -> bool:
    """Return whether a window would be visible: there is a display, and Qt does not draw off-screen."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return no_display() is None and platform not in _NOT_SEEN


def open_window(project: Path | None = None) -> int:
    """Open the window, with ``project`` if given, and return its exit code when it is closed.

    Raises:
        ProblemError: there is no display, or Qt is not installed.
    """
    reason = no_display()
    if reason is not None:
        fix = "Use the commands listed by tldesk --help, or start tldesk on a computer with a screen"
        raise ProblemError(Problem("the window", reason, fix))
    try:
        app = importlib.import_module("tldesk.ui.app")
    except ImportError as error:
        raise ProblemError(_missing(error)) from error
    return int(app.main([] if project is None else [str(project)]))


def _missing(error: ImportError) -> Problem:
    if (error.name or "").startswith(("PySide6", "pyqtgraph", "shiboken6")) and "cannot" not in str(error):
        fix = "Install it with: pip install 'tldesk[ui]'"
        return Problem("the window", f"{error.name} is not installed", fix)
    fix = "On Debian and Ubuntu: apt install libegl1 libgl1 libxkbcommon0 libxcb-cursor0"
    return Problem("the window", f"Qt cannot be loaded ({error})", fix)


def project_to_open(word: str, commands: Iterable[str]) -> Path:
    """Return the project folder that ``tldesk WORD`` means.

    Raises:
        ProblemError: ``word`` is neither a command nor a folder.
    """
    for path in (Path(word), Path(word + ".tldesk")):
        if path.is_dir():
            return path
    near = difflib.get_close_matches(word, list(commands), n=1)
    fix = f"Did you mean: tldesk {near[0]}" if near else "tldesk --help lists the commands"
    raise ProblemError(Problem(word, "this is neither a command nor a project", fix))
