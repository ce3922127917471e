"""The pages of the rail: titles and icons, and creating each page when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from tldesk.ui.widgets.page import Page, PageName

if TYPE_CHECKING:
    from tldesk.ui.evaluate.page import EvaluatePage
    from tldesk.ui.images.page import ImagesPage
    from tldesk.ui.lane.tasks import Tasks
    from tldesk.ui.model.page import ModelPage
    from tldesk.ui.predict.page import PredictPage
    from tldesk.ui.session.session import Session
    from tldesk.ui.train.page import TrainPage

P = TypeVar("P", bound=Page)

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
    """The entry of a page in the rail."""

    name: PageName
    icon: str
    title: str
    needs_project: bool = True


def page_specs() -> tuple[PageSpec, ...]:
    """Return the pages in the order of the work."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("MainWindow", text)

    return (
        PageSpec(PageName.IMAGES, "images", tr("Images")),
        PageSpec(PageName.MODEL, "model", tr("Model")),
        PageSpec(PageName.TRAIN, "train", tr("Train")),
        PageSpec(PageName.EVALUATE, "evaluate", tr("Evaluate")),
        PageSpec(PageName.PREDICT, "predict", tr("Predict"), needs_project=False),
    )


class Pages:
    """Creates each page at its first use.

    This way the window is shown before the pages' modules are imported.
    """

    def __init__(
        self, session: Session, tasks: Tasks, place: QWidget, made: Callable[[PageName, Page], None]
    ) -> None:
        """Set what every page gets.

        Args:
            session: the state that the pages share.
            tasks: the background work.
            place: the widget that will contain the pages; each is created in it.
            made: called once with every page, before the page is returned for the first time.
        """
        self._session = session
        self._tasks = tasks
        self._place = place
        self._tell = made
        self._made: dict[PageName, Page] = {}

    @cached_property
    def images(self) -> ImagesPage:
        """The Images page."""
        from tldesk.ui.images.page import ImagesPage

        return self._keep(PageName.IMAGES, ImagesPage(self._session, self._tasks, self._place))

    @cached_property
    def model(self) -> ModelPage:
        """The Model page."""
        from tldesk.ui.model.page import ModelPage

        return self._keep(PageName.MODEL, ModelPage(self._session, self._tasks, self._place))

    @cached_property
    def train(self) -> TrainPage:
        """The Train page."""
        from tldesk.ui.train.page import TrainPage

        return self._keep(PageName.TRAIN, TrainPage(self._session, self._tasks, self._place))

    @cached_property
    def evaluate(self) -> EvaluatePage:
        """The Evaluate page."""
        from tldesk.ui.evaluate.page import EvaluatePage

        return self._keep(PageName.EVALUATE, EvaluatePage(self._session, self._tasks, self._place))

    @cached_property
    def predict(self) -> PredictPage:
        """The Predict page."""
        from tldesk.ui.predict.page import PredictPage

        return self._keep(PageName.PREDICT, PredictPage(self._session, self._tasks, self._place))

    def page(self, name: PageName) -> Page:
        """Return a page by its name."""
        match name:
            case PageName.IMAGES:
                return self.images
            case PageName.MODEL:
                return self.model
            case PageName.TRAIN:
                return self.train
            case PageName.EVALUATE:
                return self.evaluate
            case PageName.PREDICT:
                return self.predict

    def made(self, name: PageName) -> Page | None:
        """Return a page if it already exists, else None."""
        return self._made.get(name)

    def missing(self) -> tuple[PageName, ...]:
        """Return the names of the pages that do not exist yet."""
        return tuple(name for name in PageName if name not in self._made)

    def _keep(self, name: PageName, page: P) -> P:
        self._made[name] = page
        self._tell(name, page)
        return page


def import_rooms() -> None:
    """Import what the pages need except Qt; runs on its own thread.

    The modules of the pages themselves are imported on the interface thread: two threads importing from Qt at
    the same time can crash the program.
    """
    for name in _ROOMS:
        import_module(name)
