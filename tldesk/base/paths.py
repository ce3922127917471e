"""The folders of the program's own files and of the user's files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def user_dir() -> Path:
    """The folder of settings, weights and recent projects: ``TLDESK_HOME``, else the system's data folder."""
    home = os.environ.get("TLDESK_HOME")
    return Path(home) if home else Path(platformdirs.user_data_dir("tldesk", appauthor=False))


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
