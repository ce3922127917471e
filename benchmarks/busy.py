"""The utilisation of the GPU, sampled by nvidia-smi."""

from __future__ import annotations

import shutil
import subprocess
from types import TracebackType
from typing import Self

_EVERY_MS = 100


class BusyCard:
    """Samples GPU utilisation between ``start`` and ``stop``, or within a ``with`` statement.

    Attributes:
        share: mean of the samples, 0..1; None if there are none.
    """

    def __init__(self) -> None:
        self.share: float | None = None
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start sampling; a second call does nothing."""
        program = shutil.which("nvidia-smi")
        if program is None or self._process is not None:
            return
        query = [
            "--query-gpu=utilization.gpu",
            "--format=csv,noheader,nounits",
            "--id=0",
            f"--loop-ms={_EVERY_MS}",
        ]
        self._process = subprocess.Popen([program, *query], stdout=subprocess.PIPE, text=True)

    def stop(self) -> None:
        """Stop sampling; a second call does nothing."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        output, _ = self._process.communicate()
        samples = [int(line) for line in output.split() if line.isdigit()]
        self.share = sum(samples) / len(samples) / 100 if samples else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
