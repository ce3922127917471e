"""What every page of the window has in common: its state in a line, and what it may ask of the window."""

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
    """Base of all pages. The window connects these signals of every page; a page emits those it needs."""

    stateLineChanged = Signal()
    said = Signal(str)  # for the status line
    pageAsked = Signal(object)  # PageName: show this page
    imagesAsked = Signal(object, str)  # ids of images, and what they are: show them on the Images page
    addAsked = Signal()  # add a folder of pictures to the project
    trainingAsked = Signal()  # train with the session's recipe
    weightsAsked = Signal(str)  # show the weights library; the backbone wanted, "" for none in particular
    weightFilesAsked = Signal()  # choose weight files to import
    weightFolderAsked = Signal()  # choose a folder of weight files to import

    @property
    def state_line(self) -> str:
        """A few words for the rail, "" for none."""
        return ""

    def focus_first(self) -> None:
        """Give the keyboard to what is used first; called whenever the page is shown."""

    def weights_imported(self, outcomes: Sequence[ImportResult]) -> None:
        """An import of weights has ended, whichever page or dialog asked for it."""
