"""Waiting until the window shows what a test is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tldesk.ui.window.main_window import MainWindow


def wait_for_images(window: MainWindow, qtbot: QtBot, number: int) -> None:
    """Wait until the grid shows this many images, with their records."""

    def there() -> None:
        images = window.pages.images.grid.images
        assert images.rowCount() == number
        assert not number or images.record(0) is not None

    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: _passes(there), timeout=20_000)


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return False
    return True
