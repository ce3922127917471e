"""Stalls of the window's event loop during training: a timer fires every 5 ms, the gaps are recorded.

The window runs in a separate program, offscreen or on the platform of QT_QPA_PLATFORM, and really trains.
Usage: IMAGES PRESET
"""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.places import BACKBONE

_BEAT_MS = 5
_LIMIT_SECONDS = 600


def _probe(folder: Path, name: str) -> dict[str, float]:
    from PySide6.QtCore import Qt, QTimer

    from tldesk import Project
    from tldesk.model import card
    from tldesk.recipe import preset
    from tldesk.ui.app import make_application, make_window, share_interpreter

    project = Path(os.environ["TLDESK_HOME"]) / "probe.tldesk"
    with Project.create(project, images=folder) as made:
        made.split()
    share_interpreter()
    app = make_application()
    window = make_window(app)
    window.resize(1366, 768)
    window.show()
    window.opener.open_paths([project])
    _wait(lambda: window.session.project is not None and not window.tasks.busy)
    window.session.set_recipe(preset(name, BACKBONE, stages=card(BACKBONE).stage_names))
    window.session.load_torch()
    _wait(lambda: not window.tasks.busy)
    gaps: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1000 - _BEAT_MS)
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    window.pages.train.start()
    timer.start(_BEAT_MS)
    _wait(lambda: len(gaps) > 10 and not window.tasks.busy)
    timer.stop()
    window.close()
    window.tasks.shutdown()
    return {
        "beats": len(gaps),
        "median_ms": float(np.median(gaps)),
        "p99_ms": float(np.percentile(gaps, 99)),
        "worst_ms": float(max(gaps)),
    }


def _wait(ready: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.monotonic() + _LIMIT_SECONDS
    # The measured loop itself: events are handled as exec() would, one wake-up after the other.
    while not ready() and time.monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


if __name__ == "__main__":
    emit(**_probe(Path(sys.argv[1]), sys.argv[2]))
