"""File dialogs that do not block, and queries in the reading pool of which only the latest result is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QFileDialog, QWidget

from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.settings import Settings

T = TypeVar("T")


class LatestAnswers:
    """Queries by kind: a new query cancels an older one of the same kind."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._tickets: dict[str, Ticket] = {}

    def ask(
        self,
        kind: str,
        fn: Callable[[], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[Exception], None] | None = None,
        *,
        behind: bool = False,
    ) -> None:
        """Call ``fn`` like ``Tasks.read``; its result is passed to ``on_done`` on the interface thread."""
        self.forget(kind)
        self._tickets[kind] = self._tasks.read(fn, on_done=on_done, on_failed=on_failed, behind=behind)

    def forget(self, kind: str) -> None:
        """Cancel the query of this kind."""
        ticket = self._tickets.pop(kind, None)
        if ticket is not None:
            ticket.cancel()


def ask_for_files(
    parent: QWidget,
    settings: Settings,
    title: str,
    kinds: str,
    use: Callable[[list[Path]], None],
    *,
    mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile,
    save_as: str = "",
    name: str = "",
) -> QFileDialog:
    """Open a file dialog and return at once; ``use`` gets the selected paths.

    Args:
        parent: the page.
        settings: stores the last folder.
        title: title of the dialog.
        kinds: file types in Qt's notation: ``Recipes (*.toml)``.
        use: called with the selected paths.
        mode: one file, several, or a folder.
        save_as: suffix of the file to save; empty to open.
        name: suggested file name.
    """
    dialog = QFileDialog(parent, title, str(settings.folder()), kinds)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile if save_as else mode)
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(save_as)
        dialog.selectFile(name)

    def chosen(names: list[str]) -> None:
        paths = [Path(name) for name in names]
        settings.put("folder", str(paths[0].parent))
        use(paths)

    dialog.filesSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
