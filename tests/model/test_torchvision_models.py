"""torchvision's networks come without torch's compiler, and also where it is there already."""

from __future__ import annotations

import subprocess
import sys

import pytest

_USE = """
import sys
from tldesk.model.torchvision_models import models
assert len(models.list_models()) > 50
models.mobilenet_v3_small(weights=None)
print("torch._dynamo" in sys.modules)
"""
# Another version of torchvision that asks the compiler for something that the stand-in does not have.
_ASKS_FOR_MORE = """
import importlib, sys
real = importlib.import_module
def asking(name, *rest, **named):
    if name == "torchvision.models" and "torch._dynamo" not in sys.modules:
        from torch._dynamo.utils import counters
    return real(name, *rest, **named)
importlib.import_module = asking
"""


# The compiler is still there for those who ask for it afterwards.
_WORKS_AFTERWARDS = """
import torch._dynamo.utils
assert hasattr(torch._dynamo.utils, 'counters')
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "compiler", "after"),
    [("", False, _WORKS_AFTERWARDS), ("import torch._dynamo", True, ""), (_ASKS_FOR_MORE, True, "")],
    ids=["alone", "compiler there", "asks for more"],
)
def test_networks_come_with_the_compiler_only_where_they_have_to(
    before: str, compiler: bool, after: str
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", f"{before}\n{_USE}\n{after}"], check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip() == str(compiler)
