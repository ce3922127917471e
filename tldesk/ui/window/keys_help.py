"""What the keys do, for the Help menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def words_of_keys() -> str:
    """One line per key, page by page."""
    return QCoreApplication.translate(
        "keys",
        "On the Images page\n"
        "1 to 9, then a to z: label the selected images; one image goes on to the next\n"
        "0 or Backspace: take the label away\n"
        "?: unsure; Delete: exclude, or use again\n"
        "Enter or a double click: see one picture large; Esc: back\n"
        "Arrows, Home, End, Page up and down: move; + and - zoom the large picture\n"
        "Alt+Up, Alt+Down in the list of classes: move a class\n"
        "Shift + arrows: select several; Ctrl+A: all\n"
        "Ctrl+G, Ctrl+Delete, Ctrl+Shift+L: group, exclude or leave the images of a finding\n"
        "\nOn the Model page\n"
        "Left and right, Home, End: move the freeze line, where it has the keys\n"
        "Up and down in a field: a larger or smaller number\n"
        "Enter on the eight views: see them large\n"
        "\nEverywhere\n"
        "Ctrl+Z, Ctrl+Shift+Z: undo, redo\n"
        "Ctrl+1 to Ctrl+5: the five pages\n\n"
        "All other keys stand in the menus.",
    )
