"""A project opened in the window until its first screen of images is painted, then scrolled at 60 Hz.

The window runs without torch, offscreen or on the platform named by QT_QPA_PLATFORM. A frame is the time
between two ticks of a timer that scrolls, including all painting and other work in between.
Usage: PROJECT SECONDS ("-" for no project, 0 for no scrolling)
"""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldesk.ui.images.grid.image_grid import ImageGrid
    from tldesk.ui.window.main_window import MainWindow

_FRAME_MS = 1000 / 60
_STEP = 80  # px per frame: 4,800 per second, two screens of a small window in a quarter of a second
_LIMIT_SECONDS = 120


def main(place: str, seconds: float) -> None:
    """Open, show, wait, scroll as with the wheel, then drag the bar from top to bottom."""
    from tldesk.ui.app import make_application, make_window, share_interpreter

    share_interpreter()
    window = make_window(make_application())
    window.resize(1366, 768)
    window.show()
    if place == "-":
        _wait(lambda: not window.pages.missing())
        _close(window)
        emit()
        return
    window.opener.open_paths([Path(place)])
    _wait(lambda: _painted(window))
    if not _painted(window):
        sys.exit("the project's pictures did not come")
    opened = time.time()
    found: dict[str, object] = {}
    if seconds:
        _wait(lambda: not window.tasks.busy)
        grid = window.pages.images.grid
        found["still"] = _frames(grid, seconds, lambda _number: 0)
        found["wheel"] = _frames(grid, seconds, lambda number: number * _STEP)
        found["bar"] = _frames(grid, seconds, lambda number: _dragged(grid, number, seconds))
    _close(window)
    emit(opened=opened, **found)


def _painted(window: MainWindow) -> bool:
    """Return whether all images of the first screen are painted."""
    if window.session.project is None or len(window.pages.missing()) == len(window.page_specs):
        return False
    grid = window.pages.images.grid
    first, last = grid.rows_in_sight()
    records = [grid.images.record(row) for row in range(first, last + 1)]
    return bool(records) and all(
        record is not None and (record.reason or grid.thumbnails.get(record.picture)) for record in records
    )


def _dragged(grid: ImageGrid, number: int, seconds: float) -> int:
    return round(grid.verticalScrollBar().maximum() * number / (seconds * 60))


def _frames(grid: ImageGrid, seconds: float, place: Callable[[int], int]) -> dict[str, float]:
    import numpy as np
    from PySide6.QtCore import Qt, QTimer

    ends: list[float] = []
    missing = 0

    def frame() -> None:
        nonlocal missing
        ends.append(time.perf_counter())
        grid.verticalScrollBar().setValue(place(len(ends)))
        first, last = grid.rows_in_sight()
        record = grid.images.record((first + last) // 2)
        missing += record is None or grid.thumbnails.get(record.picture) is None

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(frame)
    timer.start(round(_FRAME_MS))
    end = time.perf_counter() + seconds
    _wait(lambda: time.perf_counter() > end)
    timer.stop()
    gaps = np.diff(ends) * 1000
    return {
        "frames": len(ends),
        "median_ms": float(np.median(gaps)),
        "p99_ms": float(np.percentile(gaps, 99)),
        "worst_ms": float(gaps.max()),
        "over_33": int((gaps > 33.4).sum()),
        "without_picture": missing / len(ends),
    }


def _wait(ready: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

    beat = QTimer()  # something always wakes the loop up
    beat.start(5)
    end = time.monotonic() + _LIMIT_SECONDS
    while not ready() and time.monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _close(window: MainWindow) -> None:
    window.close()
    window.tasks.shutdown()


if __name__ == "__main__":
    from tldesk.cli.quick_exit import QuickExit

    end = QuickExit()  # as the program itself ends
    main(sys.argv[1], float(sys.argv[2]))
    end.code = 0
