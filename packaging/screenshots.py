"""Writes docs/screenshots/PAGE-light.png and -dark.png from the sample project, by the real window.

Run by ``make screenshots``; works with or without a display. All files go into a temporary
folder, if possible the home of a user called Anna, so that paths look as users see them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldesk.ui.widgets.page import PageName

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_HERE = Path(__file__).resolve().parent.parent
_TARGET = _HERE / "docs" / "screenshots"
# Real weights where they lie beside the checkout: training is then a matter of seconds.
os.environ.setdefault("TLDESK_WEIGHTS", str(_HERE.parent / "shared" / "weights"))
_MINUTES = 60.0
_WHO = "anna"
_HOMES = (Path("/home") / _WHO, Path("/Users") / _WHO)


def main() -> int:
    """Make the sample, train on it, and take a picture of every page in both colours."""
    with _home() as home:
        os.environ["TLDESK_HOME"] = str(home / "tldesk")
        os.environ["LOGNAME"] = _WHO  # who edits, as the journal asks the system
        sys.path.insert(0, str(_HERE))
        shots = _Shots()
        try:
            shots.take_all()
        finally:
            shots.end()
    return 0


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """A home folder of our own, or a temporary folder where homes cannot be made."""
    home = next((one for one in _HOMES if one.parent.is_dir() and not one.exists()), None)
    try:
        if home is None:
            raise PermissionError
        home.mkdir()
    except OSError:
        with tempfile.TemporaryDirectory(prefix="tldesk-") as folder:
            yield Path(folder)
        return
    try:
        yield home
    finally:
        shutil.rmtree(home)


class _Shots:
    """Drives the window as a user would and grabs it."""

    def __init__(self) -> None:
        from tldesk.ui.app import make_application, make_window

        self.app = make_application()
        self.window = make_window(self.app)
        self.window.resize(1366, 768)
        self.window.show()
        self.window.session.load_torch()
        _TARGET.mkdir(parents=True, exist_ok=True)

    def take_all(self) -> None:
        """All pages, in the order of the work."""
        from tldesk.ui.widgets.page import PageName

        window, session = self.window, self.window.session
        self.wait(lambda: not window.tasks.busy)
        self.rest()  # the pages are made in idle moments
        self.both("welcome")
        window.opener.try_sample()
        self.wait(lambda: session.project is not None and not session.scanning and not window.tasks.busy)
        self.rest()
        window.pages.images.grid.go_to(8)
        self.both("images")
        self.page(PageName.MODEL)
        if session.recipe is None:
            window.pages.model.use_recommended()
        self.wait(lambda: session.recipe is not None, 60)
        freeze = window.pages.model.freeze
        self.wait(
            lambda: not freeze.epoch_card.accessibleDescription().startswith("–")
        )  # what it costs here is measured first
        self.both("model")
        self.train()
        self.page(PageName.EVALUATE)
        self.wait(lambda: not window.tasks.busy)
        self.both("evaluate")
        self.predict()
        self.both("predict")

    def train(self) -> None:
        """One run with the recommended recipe, shown when it is done."""
        from tldesk.ui.widgets.page import PageName

        window = self.window
        self.page(PageName.TRAIN)
        window.pages.train.start()
        self.rest(2)
        self.wait(lambda: not window.tasks.busy)
        self.rest()
        self.both("train")

    def predict(self) -> None:
        """A few pictures of each class."""
        from tldesk.ui.widgets.page import PageName

        window = self.window
        project = window.session.project
        assert project is not None
        ids = project.ids()
        paths = [record.path for record in project.images(ids[:: max(1, len(ids) // 8)])]
        self.page(PageName.PREDICT)
        window.pages.predict.open_paths(paths)
        self.rest(1)
        self.wait(lambda: not window.tasks.busy)
        self.rest(2)

    def page(self, name: PageName) -> None:
        """Show a page and let it settle."""
        self.window.show_page(name)
        self.rest()

    def both(self, name: str) -> None:
        """Grab the window in light and in dark."""
        for shade in ("light", "dark"):
            self.window.wear(shade)
            self.rest()
            file = _TARGET / f"{name}-{shade}.png"
            self.window.grab().save(str(file))
            print(file.relative_to(_HERE), flush=True)
        self.window.wear("light")
        self.rest(0.2)

    def wait(self, done: Callable[[], bool], seconds: float = 15 * _MINUTES) -> None:
        """Let the window work until something is so."""
        until = time.monotonic() + seconds
        while not done():
            self.rest(0.1)
            if time.monotonic() > until:
                raise TimeoutError("the window did not get there")

    def rest(self, seconds: float = 1.0) -> None:
        """Let the window work for a moment."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def end(self) -> None:
        """End the threads and close."""
        self.window.tasks.shutdown()
        self.window.close()


if __name__ == "__main__":
    sys.exit(main())
