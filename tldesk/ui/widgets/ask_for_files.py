"""Asking for files without blocking, and asking the reading pool where only the latest answer counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QFileDialog, QWidget

from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.settings import Settings

T = TypeVar("T")


class LatestAnswers:
    """Questions by kind: a newer one of the same kind cancels the older one."""

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
        """Call ``fn`` as ``Tasks.read`` does; ``on_done`` gets its answer on the interface thread."""
        self.forget(kind)
        self._tickets[kind] = self._tasks.read(fn, on_done=on_done, on_failed=on_failed, behind=behind)

    def forget(self, kind: str) -> None:
        """Cancel the question of this kind."""
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
    """Open a file dialog and return at once; ``use`` gets what was chosen.

    Args:
        parent: the page.
        settings: remembers the folder.
        title: of the dialog.
        kinds: file kinds in Qt's way: ``Recipes (*.toml)``.
        use: what to do with the chosen files.
        mode: one file, several, or a folder.
        save_as: suffix of the file to be saved; empty to open.
        name: file name to begin with.
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
