"""Access to timm (the extra ``tldesk[timm]``), imported only when it is needed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError

if TYPE_CHECKING:
    from types import ModuleType

INSTALL = 'python -m pip install "tldesk[timm]"'
"""What brings timm."""


def is_installed() -> bool:
    """Whether timm is there; it is not imported for the answer."""
    try:
        return importlib.util.find_spec("timm") is not None
    except ValueError:  # half removed
        return False


def timm() -> ModuleType:
    """The library; its import takes a second or two beside torch's.

    Raises:
        ProblemError: it is damaged or a version that this torch does not go with.
    """
    import tldesk.model.torchvision_models  # noqa: F401 - timm imports torchvision, and with it the compiler

    try:
        return importlib.import_module("timm")
    except ImportError as error:
        what = f"timm is installed but does not start ({error})"
        raise ProblemError(Problem("timm", what, f"Install it again: {INSTALL}")) from error


def missing(name: str, title: str) -> Problem:
    """The problem of using one of timm's networks without timm."""
    what = f"{title} is a network of the library timm, which is not installed here"
    return Problem(name, what, f"Install it ({INSTALL}), or choose another network")
