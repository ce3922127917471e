"""Opening what the arguments name: projects and runs."""

from __future__ import annotations

import shlex
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError

if TYPE_CHECKING:
    from tldesk.cli.console import Console
    from tldesk.dataset import Project
    from tldesk.run import Run

SUFFIX = ".tldesk"


def add_project(parser: ArgumentParser) -> None:
    """The argument PROJECT."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the project's folder (NAME.tldesk)")


def open_project(path: Path) -> Project:
    """The project at ``path``, with or without its ending.

    Raises:
        ProblemError: there is none, or it is damaged or too new.
    """
    from tldesk.dataset import Project

    return Project.open(with_suffix(path))


def read_on(project: Project, console: Console) -> None:
    """Finish a scan that died before its end."""
    if project.scan_was_cut_off:
        console.note("The pictures were not read to the end last time; reading goes on.")
        console.follow(project.scan())


def read_and_split(project: Project, console: Console) -> None:
    """What has to be there before anything is learnt: all pictures read, and the labelled ones split."""
    read_on(project, console)
    facts = project.facts()
    if facts.labelled and not any(facts.split_counts.values()):
        console.note("The images were not split yet; they are now.")
        project.split()


def with_suffix(path: Path) -> Path:
    """``leaves`` or ``leaves.tldesk``, whichever is there."""
    named = path.with_name(path.name + SUFFIX)
    return named if path.suffix != SUFFIX and not path.exists() and named.exists() else path


def typed(word: Path | str) -> str:
    """``word`` as it must be typed into a shell: in quotation marks where it holds spaces and the like."""
    return subprocess.list2cmdline([str(word)]) if sys.platform == "win32" else shlex.quote(str(word))


def finished_run(project: Project, which: str | None) -> Run:
    """The run ``which``, or the last one that has a model file (and is no fold, if there is such a one).

    Raises:
        ProblemError: there is no such run, or none with a model yet.
    """
    from tldesk.run import Run

    if which is not None:
        return Run.open(project, which)
    runs = Run.with_model(project)
    if not runs:
        raise ProblemError(
            Problem(
                str(project.path),
                "no run has a model yet",
                f"Train one with: tldesk train {typed(project.path)}",
            )
        )
    return runs[0]
