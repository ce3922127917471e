"""Actions on a class: rename, recolour, move, merge, delete; each can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMenu, QWidget

from tldesk.base import plural
from tldesk.dataset import OKABE_ITO
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo

_CLASSES = OperationChanges(classes=True)
_CLASSES_AND_LABELS = OperationChanges(images=True, classes=True)


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("ClassEditing", text)


class ClassEditing:
    """Edits the classes of the open project; a class is given by its position in their order."""

    def __init__(
        self,
        page: QWidget,
        session: Session,
        classes: Callable[[], Sequence[tuple[ClassInfo, int]]],
        say: Callable[[str], object],
    ) -> None:
        self._page = page
        self._session = session
        self._classes = classes  # returns the classes with their numbers of images
        self._say = say

    def fill(self, menu: QMenu, place: int) -> None:
        """Fill a menu with the actions on the class at a position."""
        menu.clear()
        classes = self._classes()
        if not 0 <= place < len(classes):
            menu.addAction(tr("Select a class on the left first")).setEnabled(False)
            return
        menu.addAction(tr("Rename…") + "\tF2", partial(self.rename, place))
        menu.addAction(tr("Change colour…"), partial(self.recolour, place))
        menu.addSeparator()
        menu.addAction(tr("Move up") + "\tAlt+Up", partial(self.move, place, -1)).setEnabled(place > 0)
        down = menu.addAction(tr("Move down") + "\tAlt+Down", partial(self.move, place, 1))
        down.setEnabled(place < len(classes) - 1)
        menu.addSeparator()
        merge = menu.addMenu(tr("Merge into"))
        for other, (one, _count) in enumerate(classes):
            if other != place:
                merge.addAction(one.name, partial(self.merge, place, other))
        merge.setEnabled(len(classes) > 1)
        menu.addAction(tr("Delete"), partial(self.delete, place))

    def add(self, name: str) -> None:
        """Add a class at the end."""
        self._session.change(tr("Add class “{0}”").format(name), lambda edit: edit.add_class(name), _CLASSES)

    def rename(self, place: int) -> None:
        """Ask for a new name."""
        one = self._class(place)
        if one is None:
            return
        dialog = QInputDialog(self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Rename class"))
        dialog.setLabelText(tr("New name for “{0}”:").format(one.name))
        dialog.setTextValue(one.name)
        dialog.textValueSelected.connect(lambda name: self.rename_to(one, name.strip()))
        dialog.open()

    def rename_to(self, one: ClassInfo, name: str) -> None:
        """Rename a class."""
        if name and name != one.name:
            verb = tr("Rename class “{0}”").format(one.name)
            self._session.change(verb, lambda edit: edit.rename_class(one.id, name), _CLASSES)

    def recolour(self, place: int) -> None:
        """Ask for a new colour; a palette safe for colour-blind people is offered first."""
        one = self._class(place)
        if one is None:
            return
        for number, colour in enumerate(OKABE_ITO):
            QColorDialog.setCustomColor(number, QColor(colour))
        dialog = QColorDialog(QColor(one.colour), self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Colour of “{0}”").format(one.name))
        dialog.colorSelected.connect(lambda colour: self.recolour_to(one, colour.name()))
        dialog.open()

    def recolour_to(self, one: ClassInfo, colour: str) -> None:
        """Change the colour of a class to ``colour``, "#rrggbb"."""
        verb = tr("Recolour class “{0}”").format(one.name)
        self._session.change(verb, lambda edit: edit.recolour_class(one.id, colour), _CLASSES)

    def move(self, place: int, by: int) -> None:
        """Move a class up (-1) or down (1) in the order used for keys and tables."""
        one = self._class(place)
        if one is not None and 0 <= place + by < len(self._classes()):
            verb = tr("Move class “{0}”").format(one.name)
            self._session.change(verb, lambda edit: edit.move_class(one.id, place + by), _CLASSES)

    def merge(self, place: int, into: int) -> None:
        """Move all images of a class to another one."""
        one, other = self._class(place), self._class(into)
        if one is not None and other is not None:
            verb = tr("Merge class “{0}” into “{1}”").format(one.name, other.name)
            self._session.change(verb, lambda edit: edit.merge_classes(one.id, other.id), _CLASSES_AND_LABELS)

    def delete(self, place: int) -> None:
        """Delete a class; its images become unlabelled."""
        one = self._class(place)
        if one is None:
            return
        images = plural(self._classes()[place][1], tr("image"), tr("images"))
        verb = tr("Delete class “{0}”").format(one.name)
        self._session.change(verb, lambda edit: edit.delete_class(one.id), _CLASSES_AND_LABELS)
        words = tr("“{0}” deleted; {1} now unlabelled. Can be undone (Ctrl+Z)")
        self._say(words.format(one.name, images))

    def _class(self, place: int) -> ClassInfo | None:
        classes = self._classes()
        return classes[place][0] if 0 <= place < len(classes) else None
