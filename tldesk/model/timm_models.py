"""Access to timm (the optional extra ``tldesk[timm]``), imported only when needed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError

if TYPE_CHECKING:
    from types import ModuleType

INSTALL = 'python -m pip install "tldesk[timm]"'
"""The command that installs timm."""


def is_installed() -> bool:
    """Return whether timm is installed, without importing it."""
    try:
        return importlib.util.find_spec("timm") is not None
    except ValueError:  # a broken, half-removed installation
        return False


def timm() -> ModuleType:
    """Import and return timm; this takes a second or two in addition to torch's import.

    Raises:
        ProblemError: timm is damaged or incompatible with the installed torch.
    """
    import tldesk.model.torchvision_models  # noqa: F401 - timm imports torchvision; this avoids the compiler

    try:
        return importlib.import_module("timm")
    except ImportError as error:
        what = f"timm is installed but does not start ({error})"
        raise ProblemError(Problem("timm", what, f"Install it again: {INSTALL}")) from error


def missing(name: str, title: str) -> Problem:
    """Return the problem that a timm network is used without timm."""
    what = f"{title} is a network of the library timm, which is not installed here"
    return Problem(name, what, f"Install it ({INSTALL}), or choose another network")
