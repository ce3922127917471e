"""On Linux torch fetches memory in large pages, unless the environment says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_BYTES = 64 * 2**20

# Ten tensors of 64 MiB, one after the other; prints how many pages the system handed out.
_PROGRAM = f"""
import resource
import tldesk
import torch

def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

before = pages()
for _ in range(10):
    torch.ones({_BYTES}, dtype=torch.uint8)
print(pages() - before)
"""


@pytest.mark.skipif(
    not _MODE.exists() or "[madvise]" not in _MODE.read_text(encoding="ascii"),
    reason="this system does not give large pages to who asks for them",
)
@pytest.mark.parametrize(("setting", "large"), [(None, True), ("0", False)])
def test_torch_gets_large_pages(setting: str | None, large: bool) -> None:
    own = {name: value for name, value in os.environ.items() if name != "THP_MEM_ALLOC_ENABLE"}
    chosen = {} if setting is None else {"THP_MEM_ALLOC_ENABLE": setting}
    answer = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env={**own, **chosen}, check=True, capture_output=True
    )
    small_pages = 10 * _BYTES // os.sysconf("SC_PAGE_SIZE")
    assert (int(answer.stdout) < small_pages / 4) == large
