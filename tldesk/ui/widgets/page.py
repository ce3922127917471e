"""The common base of the pages: the state line, and requests to the window."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from tldesk.model.import_files import ImportResult


class PageName(IntEnum):
    """The pages of the rail, in its order."""

    IMAGES = 0
    MODEL = 1
    TRAIN = 2
    EVALUATE = 3
    PREDICT = 4


class Page(QWidget):
    """Base class of all pages.

    The window connects these signals of every page; a page emits those it needs.
    """

    stateLineChanged = Signal()
    said = Signal(str)  # for the status line
    pageAsked = Signal(object)  # PageName: show this page
    imagesAsked = Signal(object, str)  # ids of images and a title: show them on the Images page
    addAsked = Signal()  # add a folder of pictures to the project
    trainingAsked = Signal()  # train with the session's recipe
    weightsAsked = Signal(str)  # show the weights library; name of the backbone, "" for none
    weightFilesAsked = Signal()  # choose weight files to import
    weightFolderAsked = Signal()  # choose a folder of weight files to import

    @property
    def state_line(self) -> str:
        """Return a few words for the rail; "" for none."""
        return ""

    def focus_first(self) -> None:
        """Focus the control that is used first; called whenever the page is shown."""

    def weights_imported(self, outcomes: Sequence[ImportResult]) -> None:
        """Handle the end of an import of weights, whichever page or dialog started it."""
