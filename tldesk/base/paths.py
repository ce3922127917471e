"""Where the program's own files and the user's files lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def user_dir() -> Path:
    """The folder of settings, weights and recent projects: ``TLDESK_HOME``, or the system's place for it."""
    home = os.environ.get("TLDESK_HOME")
    return Path(home) if home else Path(platformdirs.user_data_dir("tldesk", appauthor=False))


def user_weights_dir() -> Path:
    """The user's own weights library."""
    return user_dir() / "weights"


def machine_weights_dir() -> Path:
    """Weights for everybody on this computer: only an administrator puts files there."""
    return Path(platformdirs.site_data_dir("tldesk", appauthor=False)) / "weights"


def resource(*parts: str) -> Path:
    """The path of a file that ships with the program: from a source tree, a wheel or a frozen program."""
    return _resources_root().joinpath(*parts)


def _resources_root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "tldesk" / "resources"
    package = Path(__file__).resolve().parent.parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
