"""A search for a recipe: its folder, its tries and the best of them. Loads neither torch nor Optuna.

``NAME.tldesk/searches/0001`` holds ``recipe.toml`` (what was begun with), ``snapshot.json`` (training and
validation images; the test images are not in it, so that no try can see them), ``search.json`` (what is
searched, how often) and ``tries.jsonl`` (a line per finished try). docs/adr/0022-search.md says why.
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
        number: from 1.
        settings: what was chosen, by the names of ``recipe.search_space.OVER``.
        state: "finished", "pruned" (given up as worse than most), "failed" (``message`` says why).
        score: by which tries are compared, larger is better; None where nothing was measured.
        balanced_accuracy, loss: of the validation images at its best epoch; None as ``score``.
        epochs, best_epoch: done, and whose numbers these are.
        seconds: it took.
        reports: (step, score so far) by which later tries are given up.
        message: why it failed.
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
    """One search in a project's ``searches`` folder. Cheap to make; everything is read when asked for."""

    def __init__(self, project: Project, record: RecordFolder) -> None:
        self.project = project
        self.record = record

    @classmethod
    def create(cls, project: Project, plan: Plan, tries: int, over: Sequence[str]) -> Search:
        """A new search that begins with the plan's recipe.

        Raises:
            ProblemError: there are no validation images, nothing to search, or no sensible number of tries.
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
        """The newest search of the project."""
        record = newest_record(_folder(project))
        return None if record is None else cls(project, record)

    @property
    def number(self) -> int:
        """From 1."""
        return self.record.number

    @property
    def folder(self) -> Path:
        """``NAME.tldesk/searches/0001``."""
        return self.record.path

    @property
    def running(self) -> bool:
        """Whether a process is searching here now."""
        return self.record.running

    @property
    def recipe(self) -> Recipe:
        """What the search began with."""
        return self.record.recipe()

    @property
    def snapshot(self) -> Snapshot:
        """Training and validation images as they were when it began; no test images."""
        return self.record.snapshot()

    @property
    def space(self) -> Space:
        """What may be chosen."""
        recipe = self.recipe
        images = len(self.snapshot.of(Split.TRAIN))
        return space_of(recipe, card(recipe.backbone).stage_names, images, self._about()["over"])

    @property
    def wanted(self) -> int:
        """How many tries the search is to make."""
        return int(self._about()["tries"])

    def want(self, tries: int) -> None:
        """Change how many tries the search is to make."""
        _refuse_count(tries)
        self.record.write_json(_SETTINGS, self._about() | {"tries": tries})

    @property
    def tries(self) -> tuple[Try, ...]:
        """The tries that ended, in order."""
        return tuple(_try(values) for values in self.record.lines(_TRIES))

    def add(self, one: Try) -> None:
        """Write a finished try to disk, and the best recipe as ``best.toml``."""
        self.record.append(_TRIES, asdict(one))
        best = self.best
        if best is not None and best.number == one.number:
            self.recipe_of(best).save(self.folder / "best.toml")

    @property
    def best(self) -> Try | None:
        """The finished try with the highest score; among equals the one with the lowest loss."""
        finished = [one for one in self.tries if one.state == "finished" and one.score is not None]
        return max(finished, key=lambda one: (one.score, -(one.loss or 0.0), -one.number), default=None)

    def recipe_of(self, one: Try) -> Recipe:
        """The recipe that was tried."""
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
