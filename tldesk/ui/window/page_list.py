"""Which pages the rail has, and what they need that takes long to import."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import QCoreApplication

_ROOMS = (
    "numpy",
    "PIL.Image",
    "tldesk.dataset",
    "tldesk.recipe",
    "tldesk.evaluation",
    "tldesk.run",
    "tldesk.prediction",
)


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page of the rail: its module is imported when it is first needed, so that the window shows sooner."""

    name: str  # of module and icon
    title: str
    maker: str  # class in tldesk.ui.NAME.page, made with (session, tasks, parent)
    project: bool = True  # whether it needs an open project


def page_specs() -> tuple[PageSpec, ...]:
    """The pages in the order of the work."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("MainWindow", text)

    return (
        PageSpec("images", tr("Images"), "ImagesPage"),
        PageSpec("model", tr("Model"), "ModelPage"),
        PageSpec("train", tr("Train"), "TrainPage"),
        PageSpec("evaluate", tr("Evaluate"), "EvaluatePage"),
        PageSpec("predict", tr("Predict"), "PredictPage", project=False),
    )


def import_rooms() -> None:
    """Import what the pages need beside Qt; for a thread of its own.

    Pages themselves are left to the interface thread: two threads that import from Qt at a time can crash the
    program.
    """
    for name in _ROOMS:
        import_module(name)
