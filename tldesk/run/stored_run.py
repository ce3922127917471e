"""The interface of a run for training, finishing and evaluating, which need not import ``Run``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tldesk.dataset import Snapshot
from tldesk.recipe import Recipe
from tldesk.run.run_files import RunFiles
from tldesk.run.run_status import RunState

if TYPE_CHECKING:
    from tldesk.dataset import Project


class StoredRun(Protocol):
    """A run in its folder; every attribute and method is as in ``Run``."""

    project: Project

    @property
    def name(self) -> str:
        """``run 3``."""
        ...

    @property
    def files(self) -> RunFiles:
        """The files in the run's folder."""
        ...

    @property
    def recipe(self) -> Recipe:
        """The recipe as it was when the run began."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """The classes and images as they were when the run began."""
        ...

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, computer, device and weights."""
        ...

    @property
    def status(self) -> RunState:
        """The state of the run."""
        ...

    @property
    def model(self) -> Path | None:
        """The model file; None if there is none yet."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """Hold the run's lock."""
        ...
