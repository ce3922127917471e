"""A search for a recipe: its folder, its tries, the best of them. Loads neither torch nor Optuna.

``NAME.tldesk/searches/0001`` holds ``recipe.toml`` (what was begun with), ``snapshot.json`` (training and
validation images; the test images are not in it, so that no try can see them), ``search.json`` (what is
searched, how often) and ``tries.jsonl`` (a line a try that ended). docs/adr/0022-search.md says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tldesk.base import Problem, ProblemError, write_atomic
from tldesk.base.project_lock import is_held
from tldesk.dataset import Snapshot, Split
from tldesk.model import card
from tldesk.recipe import Recipe
from tldesk.recipe.search_space import Choice, Space, space_of
from tldesk.run.history import append_line, read_lines
from tldesk.run.run_folder import RunFolder, new_run_folder, run_folders

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.trainer.plan import Plan

MOST_TRIES = 1000


@dataclass(frozen=True)
class Try:
    """One recipe that was tried.

    Attributes:
        number: from 1.
        settings: what was chosen, by the names of ``recipe.space.OVER``.
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

    def __init__(self, project: Project, folder: RunFolder) -> None:
        self.project = project
        self._files = folder

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
            "recipe.toml": plan.recipe.to_toml(),
            "snapshot.json": replace(snapshot, items=learning).to_json(),
            "search.json": json.dumps(about) + "\n",
        }
        return cls(project, new_run_folder(_folder(project), files))

    @classmethod
    def last(cls, project: Project) -> Search | None:
        """The newest search of the project."""
        found = run_folders(_folder(project))
        return cls(project, found[-1]) if found else None

    @property
    def number(self) -> int:
        """From 1."""
        return self._files.number

    @property
    def folder(self) -> Path:
        """``NAME.tldesk/searches/0001``."""
        return self._files.path

    @property
    def lock(self) -> Path:
        """Held by the process that searches."""
        return self._files.lock

    @property
    def running(self) -> bool:
        """Whether some process searches here now."""
        return is_held(self.lock)

    @property
    def recipe(self) -> Recipe:
        """What the search began with."""
        return Recipe.load(self._files.recipe)

    @property
    def snapshot(self) -> Snapshot:
        """Training and validation images as they were when it began; no test images."""
        return Snapshot.from_json(self._files.snapshot.read_text(encoding="utf-8"))

    @property
    def space(self) -> Space:
        """What may be chosen."""
        recipe = self.recipe
        images = len(self.snapshot.of(Split.TRAIN))
        return space_of(recipe, card(recipe.backbone).stage_names, images, self._about()["over"])

    @property
    def wanted(self) -> int:
        """How many tries there are to be."""
        return int(self._about()["tries"])

    def want(self, tries: int) -> None:
        """Make more of it, or fewer."""
        _refuse_count(tries)
        self._write_about(self._about() | {"tries": tries})

    @property
    def tries(self) -> tuple[Try, ...]:
        """Those that ended, in order."""
        return tuple(_try(values) for values in read_lines(self.folder / "tries.jsonl"))

    def add(self, one: Try) -> None:
        """Keep a try, on disk when this returns, and the best recipe as ``best.toml``."""
        append_line(self.folder / "tries.jsonl", asdict(one))
        best = self.best
        if best is not None and best.number == one.number:
            self.recipe_of(best).save(self.folder / "best.toml")

    @property
    def best(self) -> Try | None:
        """The finished try with the highest score; of equals the one with the least loss."""
        finished = [one for one in self.tries if one.state == "finished" and one.score is not None]
        return max(finished, key=lambda one: (one.score, -(one.loss or 0.0), -one.number), default=None)

    def recipe_of(self, one: Try) -> Recipe:
        """The recipe that was tried."""
        return self.space.made(one.settings)

    def _about(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((self.folder / "search.json").read_text(encoding="utf-8"))
        return values

    def _write_about(self, values: Mapping[str, Any]) -> None:
        write_atomic(self.folder / "search.json", json.dumps(values) + "\n")


def _folder(project: Project) -> Path:
    return project.path / "searches"


def _refuse_count(tries: int) -> None:
    if not 2 <= tries <= MOST_TRIES:
        fix = f"Choose a number from 2 to {MOST_TRIES:,}; 20 is a good beginning"
        raise ProblemError(Problem("trials", f"{tries:,} tries are no search", fix))


def _try(values: Mapping[str, Any]) -> Try:
    reports = tuple((int(step), float(score)) for step, score in values["reports"])
    return Try(**{**values, "reports": reports})
