"""A search for a recipe: its folder, its tries and the best of them. Loads neither torch nor Optuna.

``NAME.tldesk/searches/0001`` contains ``recipe.toml`` (the starting recipe), ``snapshot.json`` (training and
validation images; test images are left out so that no try can use them), ``search.json`` (what is searched
and how many tries) and ``tries.jsonl`` (one line per finished try). For the reasons see
docs/adr/0022-search.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Snapshot, Split
from tldesk.model import card
from tldesk.recipe import Recipe
from tldesk.recipe.search_space import Choice, Space, space_of
from tldesk.run.record_folder import RECIPE, SNAPSHOT, RecordFolder, new_record_folder, newest_record

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.trainer.plan import Plan

MOST_TRIES = 1000
_SETTINGS = "search.json"
_TRIES = "tries.jsonl"


@dataclass(frozen=True)
class Try:
    """One recipe that was tried.

    Attributes:
        number: number of the try, from 1.
        settings: the chosen values, by the names in ``recipe.search_space.OVER``.
        state: "finished", "pruned" (stopped because worse than most) or "failed" (see ``message``).
        score: compares tries, larger is better; None if nothing was measured.
        balanced_accuracy, loss: on the validation images at the best epoch; None like ``score``.
        epochs, best_epoch: number of epochs trained, and the epoch these metrics are from.
        seconds: duration of the try.
        reports: (step, score so far), by which later tries are pruned.
        message: why the try failed.
    """

    number: int
    settings: Choice
    state: Literal["finished", "pruned", "failed"]
    score: float | None
    balanced_accuracy: float | None
    loss: float | None
    epochs: int
    best_epoch: int
    seconds: float
    reports: tuple[tuple[int, float], ...] = ()
    message: str = ""


class Search:
    """One search in a project's ``searches`` folder. Cheap to create; everything is read on request."""

    def __init__(self, project: Project, record: RecordFolder) -> None:
        self.project = project
        self.record = record

    @classmethod
    def create(cls, project: Project, plan: Plan, tries: int, over: Sequence[str]) -> Search:
        """Create a search that starts with the plan's recipe.

        Raises:
            ProblemError: there are no validation images or nothing to search, or the number of tries is
                invalid.
        """
        snapshot = plan.snapshot
        images = len(snapshot.of(Split.TRAIN))
        space_of(plan.recipe, plan.card.stage_names, images, over)
        _refuse_count(tries)
        if not snapshot.of(Split.VALIDATION):
            what = "there are no validation images, by which recipes could be compared"
            raise ProblemError(Problem("split", what, "Split the images into train, validation and test"))
        learning = tuple(item for item in snapshot.items if item.split != Split.TEST)
        about = {"version": 1, "tries": tries, "over": list(over)}
        files = {
            RECIPE: plan.recipe.to_toml(),
            SNAPSHOT: replace(snapshot, items=learning).to_json(),
            _SETTINGS: json.dumps(about) + "\n",
        }
        return cls(project, new_record_folder(_folder(project), files))

    @classmethod
    def last(cls, project: Project) -> Search | None:
        """Return the newest search of the project; None if there are none."""
        record = newest_record(_folder(project))
        return None if record is None else cls(project, record)

    @property
    def number(self) -> int:
        """The search's number, from 1."""
        return self.record.number

    @property
    def folder(self) -> Path:
        """``NAME.tldesk/searches/0001``."""
        return self.record.path

    @property
    def running(self) -> bool:
        """Whether a process is running the search now."""
        return self.record.running

    @property
    def recipe(self) -> Recipe:
        """The recipe that the search started with."""
        return self.record.recipe()

    @property
    def snapshot(self) -> Snapshot:
        """Training and validation images as they were when the search began; no test images."""
        return self.record.snapshot()

    @property
    def space(self) -> Space:
        """The values that may be chosen."""
        recipe = self.recipe
        images = len(self.snapshot.of(Split.TRAIN))
        return space_of(recipe, card(recipe.backbone).stage_names, images, self._about()["over"])

    @property
    def wanted(self) -> int:
        """The number of tries to make."""
        return int(self._about()["tries"])

    def want(self, tries: int) -> None:
        """Change the number of tries to make."""
        _refuse_count(tries)
        self.record.write_json(_SETTINGS, self._about() | {"tries": tries})

    @property
    def tries(self) -> tuple[Try, ...]:
        """Return the finished, pruned and failed tries, in order."""
        return tuple(_try(values) for values in self.record.lines(_TRIES))

    def add(self, one: Try) -> None:
        """Write a finished try to disk, and the best recipe as ``best.toml``."""
        self.record.append(_TRIES, asdict(one))
        best = self.best
        if best is not None and best.number == one.number:
            self.recipe_of(best).save(self.folder / "best.toml")

    @property
    def best(self) -> Try | None:
        """Return the finished try with the highest score; ties are decided by the lowest loss."""
        finished = [one for one in self.tries if one.state == "finished" and one.score is not None]
        return max(finished, key=lambda one: (one.score, -(one.loss or 0.0), -one.number), default=None)

    def recipe_of(self, one: Try) -> Recipe:
        """Return the recipe of a try."""
        return self.space.made(one.settings)

    def _about(self) -> dict[str, Any]:
        values = self.record.read_json(_SETTINGS)
        if values is None:
            what = f"{_SETTINGS} is missing, so the search cannot go on"
            raise ProblemError(Problem(f"search {self.number}", what, "Start a new search"))
        return values


def _folder(project: Project) -> Path:
    return project.path / "searches"


def _refuse_count(tries: int) -> None:
    if not 2 <= tries <= MOST_TRIES:
        fix = f"Choose a number from 2 to {MOST_TRIES:,}; 20 is a good beginning"
        raise ProblemError(Problem("trials", f"{tries:,} tries are not a search", fix))


def _try(values: Mapping[str, Any]) -> Try:
    reports = tuple((int(step), float(score)) for step, score in values["reports"])
    return Try(**{**values, "reports": reports})
