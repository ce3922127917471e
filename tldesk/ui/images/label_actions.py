"""Labels, marks, notes and groups of the selected images, set by key or from a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from tldesk.base import plural
from tldesk.base.file_names import on_disk
from tldesk.dataset import Filter, Mark
from tldesk.ui.images import work
from tldesk.ui.images.image_keys import UNSURE_KEY, class_key
from tldesk.ui.images.note_dialog import NoteDialog
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session
from tldesk.ui.session.undo_history import FEW

if TYPE_CHECKING:
    from tldesk.dataset import ClassInfo, Edits
    from tldesk.ui.images.grid.image_grid import ImageGrid


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("Judging", text)


class Judging(QObject):
    """Turns keys and menus into edits of the selected images.

    Attributes:
        reader: the reader whose labels are set; None: the project's own labels.
    """

    said = Signal(str)
    openAsked = Signal()  # show the current image large

    def __init__(
        self, page: QWidget, session: Session, grid: ImageGrid, classes: Callable[[], Sequence[ClassInfo]]
    ) -> None:
        super().__init__(page)
        self.reader: str | None = None
        self._page = page
        self._session = session
        self._grid = grid
        self._classes = classes

    def judge(self, place: int) -> None:
        """Give the selected images the class at a position, or none (-1); one image advances to the next."""
        ids = self._selected(tr("Select an image first, then press the key of its class"))
        if not ids:
            return
        classes = self._classes()
        if place >= len(classes):
            self.said.emit(tr("There is no class with the key {0}").format(class_key(place) or place + 1))
            return
        chosen = classes[place] if place >= 0 else None
        self._label(ids, chosen)
        if chosen is not None and len(ids) == 1:
            self._grid.advance()

    def _label(self, ids: Sequence[int], chosen: ClassInfo | None) -> None:
        many = plural(len(ids), tr("image"), tr("images"))
        verb = tr("Clear the label of {0}").format(many)
        if chosen is not None:
            verb = tr("Label {0} “{1}”").format(many, chosen.name)
        number, reader = chosen.id if chosen else None, self.reader
        if reader is None:
            self._change(verb, lambda edit: edit.label(ids, number, verb=verb), ids)
        else:
            verb = f"{reader}: {verb}"
            self._change(verb, lambda edit: edit.read_as(reader, ids, number, verb=verb), ids)

    def _change(self, verb: str, what: Callable[[Edits], object], ids: Sequence[int]) -> None:
        self._session.change(verb, what, OperationChanges(labels=tuple(ids)))

    def mark(self, name: str) -> None:
        """Mark the selected images, or remove the mark if all of them have it."""
        ids = self._selected(tr("Select an image first"))
        project = self._session.project
        if not ids or project is None:
            return
        mark = Mark(name)

        def marked() -> int:
            return project.count(Filter(mark=mark, ids=ids))

        def decide(number: int) -> None:
            if project is self._session.project:
                self._mark(ids, mark, on=number < len(ids))

        if len(ids) <= FEW:
            decide(marked())
        else:
            self._session.tasks.read(marked, on_done=decide)

    def _mark(self, ids: Sequence[int], mark: Mark, *, on: bool) -> None:
        many = plural(len(ids), tr("image"), tr("images"))
        verbs = {
            (Mark.UNSURE, True): tr("Mark {0} as unsure"),
            (Mark.UNSURE, False): tr("Mark {0} as sure"),
            (Mark.EXCLUDED, True): tr("Exclude {0}"),
            (Mark.EXCLUDED, False): tr("Include {0} again"),
        }
        verb = verbs[mark, on].format(many)
        self._change(verb, lambda edit: edit.mark(ids, mark, on), ids)
        if mark is Mark.EXCLUDED and on:
            self.said.emit(tr("{0} excluded: kept, but not used for training or testing").format(many))

    def ask_note(self) -> None:
        """Ask for a value of a column for the selected images."""
        ids, project = self._grid.selected_ids(), self._session.project
        if not ids or project is None:
            self.said.emit(tr("Select an image first"))
            return
        many = plural(len(ids), tr("image"), tr("images"))
        dialog = NoteDialog(many, work.columns(project), self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self.note)
        dialog.open()

    def note(self, column: str, value: str) -> None:
        """Give the selected images a value in a column; "" removes it."""
        ids = self._selected(tr("Select an image first"))
        if ids:
            many = plural(len(ids), tr("image"), tr("images"))
            verb = tr("Set {0} of {1}").format(column, many)
            self._change(verb, lambda edit: edit.note(ids, column, value or None), ids)

    def put_together(self) -> None:
        """Put the selected images in one group, regardless of the rule for groups."""
        ids = self._selected(tr("Select images first"))
        if len(ids) == 1:
            self.said.emit(tr("A group needs at least two images: select those that belong together"))
        elif ids:
            verb = tr("Put {0} in the same group").format(plural(len(ids), tr("image"), tr("images")))
            self._session.change(
                verb, lambda edit: edit.put_together([ids]), OperationChanges(images=True), len(ids)
            )
            self.said.emit(tr("{0}: the next split keeps them together").format(verb))

    def take_apart(self) -> None:
        """Remove the selected images from groups that were made by hand."""
        ids = self._selected(tr("Select images first"))
        if ids:
            many = plural(len(ids), tr("image"), tr("images"))
            verb = tr("Remove {0} from their group").format(many)
            self._session.change(
                verb, lambda edit: edit.take_apart(ids), OperationChanges(images=True), len(ids)
            )

    def menu(self, menu: QMenu) -> None:
        """Fill a menu with the actions on the selected images."""
        menu.addAction(tr("View large") + "\tEnter", self.openAsked.emit)
        menu.addSeparator()
        for place, one in enumerate(self._classes()):
            menu.addAction(f"{one.name}\t{class_key(place)}", partial(self.judge, place))
        menu.addAction(tr("Clear the label") + "\t0", partial(self.judge, -1))
        menu.addSeparator()
        menu.addAction(tr("Unsure") + f"\t{UNSURE_KEY}", partial(self.mark, "unsure"))
        menu.addAction(tr("Exclude or include") + "\tDel", partial(self.mark, "excluded"))
        menu.addAction(tr("Note a value…"), self.ask_note)
        menu.addAction(tr("Put in the same group"), self.put_together)
        menu.addAction(tr("Remove from their group"), self.take_apart)
        menu.addSeparator()
        menu.addAction(tr("Show in folder"), self._show_folder)

    def _show_folder(self) -> None:
        project, number = self._session.project, self._grid.current_id()
        if project is not None and number is not None:
            folder = Path(on_disk(project.image(number).path.parent))
            QDesktopServices.openUrl(QUrl.fromEncoded(folder.as_uri().encode()))  # names of any bytes, too

    def _selected(self, without: str) -> tuple[int, ...]:
        ids = self._grid.selected_ids()
        if not ids:
            self.said.emit(without)
        elif not self._session.may_label:
            self.said.emit(tr("Scanning the folder; you can label in a moment"))
            return ()
        return ids
