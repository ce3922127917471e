"""The project's folder on disk: creating and opening it."""

from __future__ import annotations

import shutil
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.files import sync_folder
from tldesk.dataset.files.walk import PROJECT_SUFFIX
from tldesk.dataset.store.database import Database

DATABASE_NAME = "project.sqlite"
_FOLDERS = ("runs", "cache")
_UNBORN = ".new-"
"""How the name of a folder begins in which a project is being made."""
_MAKING_SECONDS = 3600.0
"""Making one takes far less than a second: older folders were left by a program that was killed."""


def project_path(path: Path | str) -> Path:
    """Return the absolute path of a project's folder, with ".tldesk" appended if missing."""
    path = Path(path).absolute()
    return path if path.name.endswith(PROJECT_SUFFIX) else path.with_name(path.name + PROJECT_SUFFIX)


def project_name(path: Path) -> str:
    """Return the name of a project: the name of its folder without ".tldesk"."""
    return path.name.removesuffix(PROJECT_SUFFIX)


def must_be_new(path: Path) -> None:
    """Raise a ``ProblemError`` if something has this path already.

    Folders in which there is no file, as a program that was killed may leave them, are no obstacle.
    """
    if not path.exists() or _holds_no_file(path):
        return
    if (path / DATABASE_NAME).is_file():
        raise ProblemError(
            Problem(str(path), "there is a project already", "Open it, or choose another name")
        )
    what = "a folder, which is not a project" if path.is_dir() else "a file"
    raise ProblemError(Problem(str(path), f"this is already {what}", "Choose another name"))


def make_folder(path: Path) -> Database:
    """Create the folder and the database: made beside ``path`` and renamed, so that it is there whole or not.

    Raises:
        ProblemError: the path exists already, or cannot be written.
    """
    must_be_new(path)
    unborn: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _tidy(path.parent)
        unborn = path.with_name(f"{_UNBORN}{uuid.uuid4().hex[:12]}{PROJECT_SUFFIX}")
        for name in _FOLDERS:
            (unborn / name).mkdir(parents=True)
        Database.create(unborn / DATABASE_NAME).close()
        if path.exists():  # only folders: rename replaces one that is empty, and on Windows none
            shutil.rmtree(path)
        unborn.rename(path)
        sync_folder(path.parent)
    except ProblemError as error:
        raise ProblemError(*(replace(one, where=str(path)) for one in error.problems)) from error
    except OSError as error:
        raise ProblemError(
            Problem(
                str(path),
                f"the project cannot be made there ({error.strerror})",
                "Choose a place where you may write",
            )
        ) from error
    finally:
        if unborn is not None:
            _remove(unborn)
    return Database(path / DATABASE_NAME)


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


def _holds_no_file(path: Path) -> bool:
    return path.is_dir() and all(one.is_dir() for one in path.rglob("*"))


def _tidy(folder: Path) -> None:
    """Delete what a program left that was killed while it made a project here."""
    for left in folder.glob(f"{_UNBORN}*{PROJECT_SUFFIX}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _MAKING_SECONDS:
                _remove(left)


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path)
