"""Trains the run of a bundle again, on pictures found by their content, and says what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Snapshot, SnapshotItem
from tldesk.model.library import WeightsLibrary
from tldesk.run.environment import EnvironmentChange, changes
from tldesk.run.run import Run
from tldesk.run.run_bundle import Digits, RunBundle, digits_of
from tldesk.trainer.plan import Plan, plan_for

if TYPE_CHECKING:
    from tldesk.dataset import Project


@dataclass(frozen=True)
class Repetition:
    """The comparison of a run with its repetition.

    Attributes:
        same: whether every number is the same to the last digit.
        missing: number of pictures of the first run that were not found: absent or changed since.
        environment: what differs in versions, processor, threads, engine, device.
        first_apart: the first epoch with another number; None if there is none.
        apart: the largest difference of a loss or an accuracy, over all epochs; None if their numbers differ.
        answers: split -> whether its logits are the same to the last bit.
        first, second: the numbers of both.
    """

    same: bool
    missing: int
    environment: tuple[EnvironmentChange, ...]
    first_apart: int | None
    apart: float | None
    answers: Mapping[str, bool]
    first: Digits
    second: Digits

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return asdict(self)


def plan_of_bundle(project: Project, bundle: RunBundle, device: str | None) -> tuple[Plan, int]:
    """Return the plan of the run on the project's pictures, and how many of its pictures are not there.

    Raises:
        ProblemError: none of the pictures is there, or the weights are missing or others.
    """
    snapshot = _found(project, bundle.snapshot)
    missing = len(bundle.snapshot.items) - len(snapshot.items)
    if not snapshot.items:
        raise ProblemError(
            Problem(
                "images", "none of the run's pictures is in this folder", "Give the folder that holds them"
            )
        )
    library = WeightsLibrary(project=project.path)
    plan = plan_for(snapshot, bundle.recipe, project.cache_dir, device, library)
    if plan.recipe.weights == "pretrained":
        began_with = (bundle.environment.get("weights") or {}).get("sha256")
        if library.sha256(plan.card.name) != began_with:
            raise ProblemError(
                Problem(
                    plan.card.title,
                    f"the run began with other weights than the library holds (SHA-256 {began_with})",
                    "Import the file with that hash",
                    command="tldesk weights import FILE",
                )
            )
    return plan, missing


def compared(bundle: RunBundle, run: Run, missing: int) -> Repetition:
    """Compare a finished repetition with the numbers of the first run."""
    first, second = bundle.digits, digits_of(run)
    differing = [
        number
        for number, (one, other) in enumerate(zip(first.epochs, second.epochs, strict=False), start=1)
        if one != other
    ]
    answers = {split: second.answers.get(split) == found for split, found in first.answers.items()}
    return Repetition(
        first == second and not missing,
        missing,
        changes(bundle.environment, run.environment),
        differing[0] if differing else None,
        _apart(first, second),
        answers,
        first,
        second,
    )


def _found(project: Project, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the pictures' ids and paths in the project; those not there are left out."""
    there: dict[str, list[SnapshotItem]] = {}
    wanted = {item.content: item for item in snapshot.items}
    for image in project.images(project.ids()):
        known = wanted.get(image.content)
        if known is not None and image.reason is None:
            there.setdefault(image.content, []).append(replace(known, image_id=image.id, path=image.path))
    items = []
    for item in snapshot.items:
        copies = there.get(item.content, [])
        if copies:
            here = copies.pop(0) if len(copies) > 1 else copies[0]
            items.append(replace(item, image_id=here.image_id, path=here.path))
    return replace(snapshot, items=tuple(items), class_ids=())


def _apart(first: Digits, second: Digits) -> float | None:
    if len(first.epochs) != len(second.epochs):
        return None
    pairs = [
        (value, other[name])
        for one, other in zip(first.epochs, second.epochs, strict=True)
        for name, value in one.items()
    ]
    return max(
        (abs(one - other) for one, other in pairs if one is not None and other is not None), default=0.0
    )
