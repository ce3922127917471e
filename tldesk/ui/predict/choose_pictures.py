"""File dialogs for the pictures to predict and for a model file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tldesk.imaging import IMAGE_SUFFIXES
from tldesk.ui.settings import Settings
from tldesk.ui.widgets.ask_for_files import ask_for_files

Use = Callable[[list[Path]], None]


def ask_for_pictures(page: QWidget, settings: Settings, use: Use) -> None:
    """Ask for picture files."""
    known = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
    kinds = _tr("Pictures ({0});;All files (*)").format(known)
    mode = QFileDialog.FileMode.ExistingFiles
    ask_for_files(page, settings, _tr("Open pictures"), kinds, use, mode=mode)


def ask_for_folder(page: QWidget, settings: Settings, use: Use) -> None:
    """Ask for a folder of pictures."""
    mode = QFileDialog.FileMode.Directory
    ask_for_files(page, settings, _tr("Open a folder of pictures"), "", use, mode=mode)


def ask_for_model(page: QWidget, settings: Settings, use: Callable[[Path], None]) -> None:
    """Ask for a model file."""
    kinds = _tr("Model files (*.tlmodel)")
    ask_for_files(page, settings, _tr("Open model file"), kinds, lambda paths: use(paths[0]))


def _tr(text: str) -> str:
    return QCoreApplication.translate("PredictPage", text)
