"""torchvision's networks, imported without torch's compiler.

``torchvision.ops.roi_align`` imports the compiler for a single check that only matters for detection
networks. That import takes three seconds, as long as torch itself, in every program that predicts. So a
stand-in for the compiler is used during the import.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch  # noqa: F401 - imported first, so that only the compiler is replaced below

_COMPILER = "torch._dynamo.utils"


def _imported() -> ModuleType:
    """Import ``torchvision.models`` with a stand-in for the compiler, unless that is already loaded."""
    if _COMPILER in sys.modules:
        return importlib.import_module("torchvision.models")
    stand_in = ModuleType(_COMPILER)
    stand_in.is_compile_supported = lambda _device: False  # type: ignore[attr-defined]
    sys.modules[_COMPILER] = stand_in
    try:
        return importlib.import_module("torchvision.models")
    except ImportError:
        pass  # a version that needs more of the compiler: import it normally
    finally:
        del sys.modules[_COMPILER]
    return importlib.import_module("torchvision.models")


models = _imported()
