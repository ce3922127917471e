"""The folders of the program's own files and of the user's files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from tldesk.base.problem import Problem, ProblemError


def user_dir() -> Path:
    """The folder of settings, weights and recent projects: ``TLDESK_HOME``, else the system's data folder.

    Raises:
        ProblemError: neither is known, as for an account without a home folder.
    """
    home = os.environ.get("TLDESK_HOME")
    if home:
        return Path(home)
    try:
        folder = Path(platformdirs.user_data_dir("tldesk", appauthor=False))
    except RuntimeError as error:
        raise _no_home() from error
    if not folder.is_absolute():  # what older versions of platformdirs say: "~/.local/share/tldesk"
        raise _no_home()
    return folder


def _no_home() -> ProblemError:
    what = "this account has no home folder, in which tldesk keeps settings and weights"
    return ProblemError(Problem("", what, "Set TLDESK_HOME to a folder where you may write"))


def user_weights_dir() -> Path:
    """The user's own weights library."""
    return user_dir() / "weights"


def machine_weights_dir() -> Path:
    """The weights library shared by all users of this computer; an administrator puts files there."""
    return Path(platformdirs.site_data_dir("tldesk", appauthor=False)) / "weights"


def resource(*parts: str) -> Path:
    """The path of a file shipped with the program: in a source tree, a wheel or a frozen program."""
    return _resources_root().joinpath(*parts)


def _resources_root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "tldesk" / "resources"
    package = Path(__file__).resolve().parent.parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
