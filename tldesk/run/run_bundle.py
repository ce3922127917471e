"""A run in one file, without pictures: what is needed to train it again, and the digits it reached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, write_atomic
from tldesk.dataset import Snapshot, Split
from tldesk.recipe import Recipe

if TYPE_CHECKING:
    from tldesk.run.run import Run

_FORMAT = "tldesk run"
_VERSION = 1
_MOST_BYTES = 500 * 2**20
_NUMBERS = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "strength")
_SPLITS = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True)
class Digits:
    """The numbers that a run reached.

    Attributes:
        epochs: losses and accuracies, epoch by epoch; None where there is none.
        best_epoch: the epoch that was kept, from 1.
        answers: split -> hash of the bytes of its logits; only of splits with images.
    """

    epochs: tuple[Mapping[str, float | None], ...]
    best_epoch: int
    answers: Mapping[str, str]


@dataclass(frozen=True)
class RunBundle:
    """The content of the file.

    Attributes:
        name: the run's name in its project, ``run 3``.
        recipe: its recipe.
        snapshot: classes, labels and splits; pictures are known by their content hash alone: paths are empty,
            and groups have numbers in the order of their names.
        environment: versions, computer, engine, device and weights.
        digits: what it reached.
    """

    name: str
    recipe: Recipe
    snapshot: Snapshot
    environment: Mapping[str, Any]
    digits: Digits

    def save(self, path: Path) -> None:
        """Write the file.

        Raises:
            ProblemError: it cannot be written.
        """
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "name": self.name,
            "recipe": self.recipe.to_toml(),
            "snapshot": json.loads(self.snapshot.to_json()),
            "environment": dict(self.environment),
            "digits": asdict(self.digits),
        }
        write_atomic(path, json.dumps(document, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> RunBundle:
        """Read the file.

        Raises:
            ProblemError: it is missing, is no such file, or was written by a newer version.
        """
        try:
            document = json.loads(_text(path))
            if document["format"] != _FORMAT or document["version"] != _VERSION:
                raise ValueError("another format")
            digits, environment = document["digits"], document["environment"]
            return cls(
                str(document["name"]),
                Recipe.from_toml(str(document["recipe"]), str(path)),
                Snapshot.from_json(json.dumps(document["snapshot"]), str(path)),
                {**environment, "packages": dict(environment["packages"])},
                Digits(
                    tuple(_numbers(epoch) for epoch in digits["epochs"]),
                    int(digits["best_epoch"]),
                    {str(split): str(found) for split, found in digits["answers"].items()},
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ProblemError(
                Problem(
                    str(path),
                    "this is no file of a run that this version can read",
                    "Write it anew from the run, with this version or an older one",
                    command="tldesk runs PROJECT --bundle RUN FILE",
                )
            ) from error


def bundle_of(run: Run) -> RunBundle:
    """Return what is needed to repeat a run.

    Raises:
        ProblemError: the run has not been finished, so it has no digits to be compared with.
    """
    if run.model is None:
        raise ProblemError(
            Problem(run.name, "it is not finished, so there is nothing to repeat", "Resume it first")
        )
    return RunBundle(run.name, run.recipe, _without_names(run.snapshot), run.environment, digits_of(run))


def digits_of(run: Run) -> Digits:
    """Return the numbers that a finished run reached."""
    history = run.history()
    answers = {}
    for split in _SPLITS:
        found = run.predictions(split)
        if found is not None and len(found.labels):
            answers[str(split)] = hashlib.blake2b(found.logits.tobytes(), digest_size=16).hexdigest()
    best = max((one.epoch for one in history if one.best), default=0)
    return Digits(tuple(_numbers(asdict(one)) for one in history), best, answers)


def _numbers(epoch: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: None if epoch.get(name) is None else float(epoch[name]) for name in _NUMBERS}


def _without_names(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot without what may name a person: file names and names of groups.

    The numbers of groups sort as their names did, because folds depend on that order.
    """
    names = sorted({item.group for item in snapshot.items if item.group})
    numbers = {name: f"group {place:07d}" for place, name in enumerate(names)}
    items = tuple(
        replace(item, path=Path(), group=numbers[item.group] if item.group else None)
        for item in snapshot.items
    )
    return replace(snapshot, items=items)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("larger than any run's")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ProblemError(Problem(str(path), f"it cannot be read ({reason})", "Check the path")) from error
