"""Finds the runs of a project that started from the weights in the library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tldesk.model.import_record import file_sha256
from tldesk.run.run import Run

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.model.library import WeightsEntry


def runs_by_weights(project: Project, entries: Iterable[WeightsEntry]) -> dict[str, tuple[str, ...]]:
    """Return the names of the runs that started from each backbone's file.

    Backbones without such runs are omitted.

    A file without a recorded hash is hashed, but only if there is a run of its backbone.
    """
    began: dict[str, list[tuple[str, str]]] = {}
    for run in Run.runs(project):
        facts = _environment(run)
        weights = facts.get("weights")
        sha256 = weights.get("sha256") if isinstance(weights, dict) else None
        if sha256:
            began.setdefault(str(facts.get("backbone")), []).append((run.name, sha256))
    found = {one.name: _same(began[one.name], _hash(one)) for one in entries if one.name in began}
    return {name: runs for name, runs in found.items() if runs}


def _environment(run: Run) -> dict[str, Any]:
    """Return the environment; empty if the run's folder is damaged, so that the library is still shown."""
    try:
        facts: object = run.environment
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _same(began: Iterable[tuple[str, str]], sha256: str | None) -> tuple[str, ...]:
    return tuple(run for run, began_with in began if began_with == sha256)


def _hash(entry: WeightsEntry) -> str | None:
    return entry.sha256 or (None if entry.path is None else file_sha256(entry.path))
