"""The project's folder on disk: creating and opening it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.dataset.files.walk import PROJECT_SUFFIX
from tldesk.dataset.store.database import Database

DATABASE_NAME = "project.sqlite"
_FOLDERS = ("runs", "cache")


def project_path(path: Path | str) -> Path:
    """Return the absolute path of a project's folder, with ".tldesk" appended if missing."""
    path = Path(path).absolute()
    return path if path.name.endswith(PROJECT_SUFFIX) else path.with_name(path.name + PROJECT_SUFFIX)


def project_name(path: Path) -> str:
    """Return the name of a project: the name of its folder without ".tldesk"."""
    return path.name.removesuffix(PROJECT_SUFFIX)


def must_be_new(path: Path) -> None:
    """Raise a ``ProblemError`` if something has this path already."""
    if path.exists():
        raise ProblemError(
            Problem(str(path), "there is a project already", "Open it, or choose another name")
        )


def make_folder(path: Path) -> Database:
    """Create the folder and the database; a failed attempt leaves nothing behind.

    Raises:
        ProblemError: the path exists already, or cannot be written.
    """
    must_be_new(path)
    try:
        for name in _FOLDERS:
            (path / name).mkdir(parents=True)
        return Database.create(path / DATABASE_NAME)
    except OSError as error:
        _remove(path)
        raise ProblemError(
            Problem(
                str(path),
                f"the project cannot be made there ({error.strerror})",
                "Choose a place where you may write",
            )
        ) from error
    except ProblemError:
        _remove(path)
        raise


def open_folder(path: Path | str) -> tuple[Path, Database]:
    """Find and open a project; ".tldesk" may be omitted from the path.

    Raises:
        ProblemError: there is no project at ``path``, or its database cannot be used.
    """
    given = Path(path).absolute()
    place = next((one for one in (given, project_path(given)) if (one / DATABASE_NAME).is_file()), None)
    if place is None:
        what = "this folder is not a project" if given.is_dir() else "there is no project"
        fix = f"Choose a folder whose name ends in {PROJECT_SUFFIX}, or create a project"
        raise ProblemError(Problem(str(given), what, fix, command="tldesk new PROJECT --images DIR"))
    database = Database.open(place / DATABASE_NAME)
    for name in _FOLDERS:
        (place / name).mkdir(exist_ok=True)
    return place, database


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path)
