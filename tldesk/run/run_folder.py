"""Where the parts of a run lie, and how a new run folder comes to be: whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Problem, ProblemError, write_atomic

_DIGITS = 4
_NEW = ".new-"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The places inside ``NAME.tldesk/runs/0001``.

    Attributes:
        path: the run's own folder.
    """

    path: Path

    @property
    def number(self) -> int:
        """The run's number, from 1."""
        return int(self.path.name)

    @property
    def recipe(self) -> Path:
        """The resolved recipe, TOML, written before the first step."""
        return self.path / "recipe.toml"

    @property
    def snapshot(self) -> Path:
        """Classes and images with their labels and splits as they were when the run began."""
        return self.path / "snapshot.json"

    @property
    def environment(self) -> Path:
        """Versions, machine, device and weights."""
        return self.path / "environment.json"

    @property
    def columns(self) -> Path:
        """How columns of the table became numbers, from the training images; only there if some are used."""
        return self.path / "columns.json"

    @property
    def fold(self) -> Path:
        """Which fold of a cross-validation the run is; only there if it is one."""
        return self.path / "fold.json"

    @property
    def status(self) -> Path:
        """How far the run is."""
        return self.path / "status.json"

    @property
    def metrics(self) -> Path:
        """One JSON line an epoch."""
        return self.path / "metrics.jsonl"

    @property
    def events(self) -> Path:
        """One JSON line for each phase, notice and end."""
        return self.path / "events.jsonl"

    @property
    def lock(self) -> Path:
        """Locked by the process that trains."""
        return self.path / "lock"

    @property
    def last(self) -> Path:
        """The checkpoint from which training goes on."""
        return self.path / "checkpoints" / "last.pt"

    @property
    def best(self) -> Path:
        """The best weights of the stages and the head that were trained."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def model(self) -> Path:
        """The model file that prediction uses."""
        return self.path / "model.tlmodel"

    @property
    def calibration(self) -> Path:
        """Temperature and unsure threshold."""
        return self.path / "calibration.json"

    def predictions(self, split: str) -> Path:
        """Image contents, logits and labels of a split."""
        return self.path / f"predictions-{split}.npz"

    def evaluation(self, split: str) -> Path:
        """Metrics of a split."""
        return self.path / f"evaluation-{split}.json"


def run_folders(runs_dir: Path) -> list[RunFolder]:
    """All runs, oldest first. Anything else in the folder is ignored."""
    if not runs_dir.is_dir():
        return []
    found = [RunFolder(entry) for entry in runs_dir.iterdir() if _is_run(entry)]
    return sorted(found, key=lambda folder: folder.number)


def new_run_folder(runs_dir: Path, files: Mapping[str, str]) -> RunFolder:
    """The next free number, made with its first ``files`` (name -> text) in one step.

    Raises:
        ProblemError: the folder cannot be written.
    """
    try:
        return _new_run_folder(runs_dir, files)
    except OSError as error:
        raise ProblemError(
            Problem(
                str(runs_dir),
                f"a folder for the run could not be made ({error.strerror or error})",
                "Check that the disk is not full and that you may write there",
            )
        ) from error


def _new_run_folder(runs_dir: Path, files: Mapping[str, str]) -> RunFolder:
    runs_dir.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_NEW, dir=runs_dir))
    try:
        # mkdtemp makes a folder for its maker alone; runs are shared like the rest of the project.
        fresh.chmod(runs_dir.stat().st_mode & 0o777)
        for name, text in files.items():
            write_atomic(fresh / name, text)
        return RunFolder(_into_place(fresh, runs_dir))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _into_place(fresh: Path, runs_dir: Path) -> Path:
    number = max((folder.number for folder in run_folders(runs_dir)), default=0) + 1
    while True:
        place = runs_dir / f"{number:0{_DIGITS}d}"
        if not place.exists():
            try:
                return fresh.rename(place)
            except OSError:
                # Another process took the number in between; any other reason is the user's to know.
                if not place.exists():
                    raise
        number += 1


def _is_run(entry: Path) -> bool:
    return entry.name.isdecimal() and (entry / "recipe.toml").is_file()
