"""Open the projects and runs that the arguments name."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError
from tldesk.base.shell_words import typed

if TYPE_CHECKING:
    from tldesk.cli.console import Console
    from tldesk.dataset import Project
    from tldesk.run import Run

SUFFIX = ".tldesk"


def add_project(parser: ArgumentParser) -> None:
    """Add the argument PROJECT."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the project's folder (NAME.tldesk)")


def open_project(path: Path) -> Project:
    """Open the project at ``path``, which may be given without its suffix.

    Raises:
        ProblemError: there is no project, or it is damaged or was written by a newer tldesk.
    """
    from tldesk.dataset import Project

    return Project.open(with_suffix(path))


def read_on(project: Project, console: Console) -> None:
    """Finish a scan that was interrupted."""
    if project.scan_was_cut_off:
        console.note("The last scan was interrupted; resuming it.")
        console.follow(project.scan())


def read_changes(project: Project, console: Console) -> int:
    """Finish an interrupted scan and read pictures again that were changed since; return their number."""
    read_on(project, console)
    found = console.result_of(project.folders.catching_up())
    if found.words:
        moved = "".join(
            f" If it has moved: tldesk folders {typed(project.path)} --moved {typed(folder)} NEW"
            for folder in found.absent
        )
        accept = f" To accept the folders: tldesk classes {typed(project.path)} --accept-folders"
        console.note(found.words + moved + (accept if found.elsewhere else ""))
    if found.left_words:
        console.note(f"{found.left_words} To scan: tldesk check {typed(project.path)} --rescan")
    return found.changed


def read_and_split(project: Project, console: Console) -> None:
    """Prepare for training: read what has changed, and split the images if they are not split."""
    read_changes(project, console)
    facts = project.facts()
    if facts.labelled and not any(facts.split_counts.values()):
        console.note("The images had not been split yet; they are split now.")
        project.split()


def with_suffix(path: Path) -> Path:
    """Return ``leaves`` or ``leaves.tldesk``, whichever exists."""
    named = path.with_name(path.name + SUFFIX)
    return named if path.suffix != SUFFIX and not path.exists() and named.exists() else path


def finished_run(project: Project, which: str | None) -> Run:
    """Return the run ``which``, or the last one that has a model file; folds only if there are no others.

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
                "no run of this project has a model yet",
                f"Train one with: tldesk train {typed(project.path)}",
            )
        )
    return runs[0]
