"""The files in the folder of one run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tldesk.run.record_folder import RecordFolder


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Paths of the files of a run, in a folder such as ``NAME.tldesk/runs/0001``.

    Attributes:
        record: the folder, which also has recipe, snapshot and lock.
    """

    record: RecordFolder

    @property
    def environment(self) -> Path:
        """Versions, computer, device and weights."""
        return self._path("environment.json")

    @property
    def columns(self) -> Path:
        """The encoding of table columns, fitted on the training images; only if columns are used."""
        return self._path("columns.json")

    @property
    def fold(self) -> Path:
        """The fold of a cross-validation; only if the run is one."""
        return self._path("fold.json")

    @property
    def status(self) -> Path:
        """State and progress of the run."""
        return self._path("status.json")

    @property
    def metrics(self) -> Path:
        """One JSON line per epoch."""
        return self._path("metrics.jsonl")

    @property
    def events(self) -> Path:
        """One JSON line for each phase, each notice and the end."""
        return self._path("events.jsonl")

    @property
    def last(self) -> Path:
        """The checkpoint from which training resumes."""
        return self._path("checkpoints") / "last.pt"

    @property
    def best(self) -> Path:
        """The best weights of the trained stages and the head."""
        return self._path("checkpoints") / "best.safetensors"

    @property
    def model(self) -> Path:
        """The model file that prediction uses."""
        return self._path("model.tlmodel")

    @property
    def calibration(self) -> Path:
        """Temperature and unsure threshold."""
        return self._path("calibration.json")

    def predictions(self, split: str) -> Path:
        """Image ids, content hashes, logits and labels of a split."""
        return self._path(f"predictions-{split}.npz")

    def evaluation(self, split: str) -> Path:
        """Metrics of a split."""
        return self._path(f"evaluation-{split}.json")

    def _path(self, name: str) -> Path:
        return self.record.path / name
