"""Changes how deep pictures and stacks are rendered: dialog, edit, and update of the pictures."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.imaging import AS_STORED, Rendering
from tldesk.ui.images.deep.rendering_dialog import RenderingDialog
from tldesk.ui.images.grid.image_grid import ImageGrid
from tldesk.ui.images.large_picture import LargePicture
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session


class RenderingController(QObject):
    """Opens the dialog with the grid's current image as example, then updates all pictures."""

    said = Signal(str)

    def __init__(
        self, page: QWidget, session: Session, tasks: Tasks, grid: ImageGrid, large: LargePicture
    ) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._tasks = tasks
        self._grid = grid
        self._large = large
        session.preparedChanged.connect(self.forget_pictures)

    def ask(self) -> None:
        """Open the dialog on how to read pictures."""
        project = self._session.project
        if project is not None:
            dialog = RenderingDialog(project, self._tasks, self._grid.current_id(), self._page)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.wanted.connect(self._read_so)
            dialog.open()

    def forget_pictures(self) -> None:
        """Read all pictures again, because the rendering has changed or another project was opened."""
        prepared = self._session.prepared
        self._grid.thumbnails.set_cache(prepared)
        self._grid.viewport().update()
        self._large.rendering = AS_STORED if prepared is None else prepared.rendering
        self._large.forget()

    def _read_so(self, wanted: Rendering) -> None:
        verb = self.tr("Change how images are read")
        changes = OperationChanges(images=True, rendering=True)
        self._session.change(verb, lambda edit: edit.read_pictures(wanted), changes, images=0)
        self.said.emit(
            self.tr("Images are now read differently; the next training run recomputes their features")
        )
