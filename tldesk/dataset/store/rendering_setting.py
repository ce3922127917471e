"""The setting of how a project's deep pictures and stacks are read; changes are recorded in the journal."""

from __future__ import annotations

import sqlite3

from tldesk.base import Problem, ProblemError
from tldesk.dataset.store import meta
from tldesk.dataset.store.changes import Edit
from tldesk.imaging import AS_STORED, Rendering

VERB = "Change how pictures are read"
MATTERS = """(format = 'DICOM' OR json_extract(facts, '$.bits') + 0 > 8
    OR json_extract(facts, '$.frames') + 0 > 1)"""
"""SQL condition for the images for which ``imaging.matters_for`` is true."""

_KEY = "rendering"


def of_project(connection: sqlite3.Connection) -> Rendering:
    """Return the project's rendering; the default if it is not set.

    Raises:
        ProblemError: the setting was written by a newer version of the program.
    """
    text = meta.get(connection, _KEY)
    try:
        return AS_STORED if text is None else Rendering.of(text)
    except ProblemError as error:
        what = (
            f"the project reads pictures in a way that this version does not know ({error.problems[0].what})"
        )
        raise ProblemError(Problem("rendering", what, "Install the newer version of tldesk")) from error


def edits(connection: sqlite3.Connection, wanted: Rendering) -> list[Edit]:
    """Return the edits that set this rendering; none if it is already set."""
    before, after = meta.get(connection, _KEY), None if wanted == AS_STORED else wanted.text
    return [Edit("setting", 0, _KEY, before, after)] if before != after else []
