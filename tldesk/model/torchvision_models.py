"""torchvision's networks, imported without torch's compiler.

``torchvision.ops.roi_align`` asks the compiler one question that only detection networks ever come to, and
importing the compiler to ask takes three seconds: as long as torch itself, in every program that predicts.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch  # noqa: F401 - so that the lines below stand for nothing but the compiler

_COMPILER = "torch._dynamo.utils"


def _imported() -> ModuleType:
    """``torchvision.models``; a stand-in answers for the compiler meanwhile, unless it is there already."""
    if _COMPILER in sys.modules:
        return importlib.import_module("torchvision.models")
    stand_in = ModuleType(_COMPILER)
    stand_in.is_compile_supported = lambda _device: False  # type: ignore[attr-defined]
    sys.modules[_COMPILER] = stand_in
    try:
        return importlib.import_module("torchvision.models")
    except ImportError:
        pass  # another version that asks for more
    finally:
        del sys.modules[_COMPILER]
    return importlib.import_module("torchvision.models")


models = _imported()
