"""A list of the keys, for the Help menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def words_of_keys() -> str:
    """Return one line per key, page by page."""
    return QCoreApplication.translate(
        "keys",
        "On the Images page\n1 to 9, then a to z: label the selected images; a single image "
        "moves on to the next\n0 or Backspace: clear the label\n?: unsure; Delete: exclude or "
        "include\nEnter or double-click: view one image large; Esc: back\nArrow keys, Home, "
        "End, Page Up, Page Down: move; + and -: zoom the large image\nAlt+Up, Alt+Down in "
        "the list of classes: move a class\nShift + arrow keys: select several; Ctrl+A: "
        "select all\nCtrl+G, Ctrl+Delete, Ctrl+Shift+L: group or exclude the images of a "
        "finding, or dismiss it\n\nOn the Model page\nLeft, Right, Home, End: move the freeze "
        "line when it has the focus\nUp, Down in a field: increase or decrease the number\n"
        "Enter on the eight views: enlarge them\n\nEverywhere\nCtrl+Z, Ctrl+Shift+Z: undo, redo\n"
        "Ctrl+1 to Ctrl+5: the five pages\n\nAll other shortcuts are shown in the menus.",
    )
