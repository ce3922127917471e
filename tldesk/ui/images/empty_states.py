"""The texts of the Images page if no image is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from tldesk.ui.widgets.state_panel import StatePanel


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("ImagesPage", text)


def tell(
    panel: StatePanel,
    images: int | None,
    scanning: bool,
    add: Callable[[], object],
    show_all: Callable[[], object],
) -> None:
    """Show why there are no images.

    The project is being scanned, the number is not known yet (``images`` is None), there are none, or none
    match.
    """
    if scanning:
        words = tr("They appear here as they are read. You can already look at them.")
        panel.tell("images", tr("Reading the pictures…"), words)
    elif images is None:
        panel.tell("images", tr("Loading the images…"), "")
    elif images == 0:
        words = tr("Drop a folder of pictures here. One subfolder per class labels them automatically.")
        panel.tell("drop", tr("No images in this project yet"), words, (tr("Add pictures…"), add))
    else:
        words = tr("No image matches the choices on the left and the text in the search field.")
        panel.tell("search", tr("No matching images"), words, (tr("Show all images"), show_all))
