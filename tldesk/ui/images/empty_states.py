"""What the Images page says where no image is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from tldesk.ui.widgets.state_panel import StatePanel


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("ImagesPage", text)


def tell(
    panel: StatePanel,
    images: int | None,
    scanning: bool,
    add: Callable[[], object],
    show_all: Callable[[], object],
) -> None:
    """Say why nothing is shown: being read, not known yet (``images`` None), no images, none that match."""
    if scanning:
        words = tr("They appear here as they are read. You can look at them meanwhile.")
        panel.tell("images", tr("Reading the pictures…"), words)
    elif images is None:
        panel.tell("images", tr("Looking up the images…"), "")
    elif images == 0:
        words = tr("Drop a folder of pictures here. A folder for each class labels them at once.")
        panel.tell("drop", tr("No pictures in this project yet"), words, (tr("Add pictures…"), add))
    else:
        words = tr("No image has all of what is chosen on the left and typed in the search field.")
        panel.tell("search", tr("No image matches"), words, (tr("Show all images"), show_all))
