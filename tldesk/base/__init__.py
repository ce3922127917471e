"""Helpers shared by every package: problems, files, paths, seeds, progress, wording."""

from __future__ import annotations

from tldesk.base.files import atomic_path, write_atomic
from tldesk.base.paths import machine_weights_dir, resource, user_dir, user_weights_dir
from tldesk.base.problem import ClosedProjectError, Problem, ProblemError
from tldesk.base.progress import Progress, ProgressMeter
from tldesk.base.seeding import derive_seed
from tldesk.base.wording import duration, file_size, percent, plural, rough_duration

__all__ = [
    "ClosedProjectError",
    "Problem",
    "ProblemError",
    "Progress",
    "ProgressMeter",
    "atomic_path",
    "derive_seed",
    "duration",
    "file_size",
    "machine_weights_dir",
    "percent",
    "plural",
    "resource",
    "rough_duration",
    "user_dir",
    "user_weights_dir",
    "write_atomic",
]
