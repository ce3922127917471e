"""tldesk as on a computer where some packages are not installed, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

WINDOW = ("PySide6", "shiboken6", "pyqtgraph")
"""What the extra ``tldesk[ui]`` brings."""


class _Others:
    """Finds what is installed, as Python's own finder does, but for some packages."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = packages
        self._begins = tuple(name.lower() for name in packages)  # PySide6 comes as PySide6_Essentials

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if name in self._packages else PathFinder.find_spec(name, path, target)

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        for one in MetadataPathFinder.find_distributions(context):
            if not one.metadata["Name"].lower().startswith(self._begins):
                yield one


def hide(*packages: str) -> None:
    """Make this process find neither these packages nor their versions. Call it before they are imported."""
    assert not [name for name in packages if name in sys.modules], "some were imported already"
    sys.meta_path[sys.meta_path.index(PathFinder)] = _Others(packages)


def run_without(
    packages: tuple[str, ...], code: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that begins by hiding packages; ``arguments`` are its ``sys.argv[1:]``."""
    begin = f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n"
    begin += f"from missing_packages import hide; hide(*{packages!r})\n"
    command: list[Any] = [sys.executable, "-c", begin + code, *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"} | environment,
        check=False,
        timeout=280,
    )
