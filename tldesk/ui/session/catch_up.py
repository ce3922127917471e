"""Reads changed pictures again before work that trains on them. No Qt in here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldesk.base import Progress
    from tldesk.dataset import Project
    from tldesk.dataset.files.caught_up import CaughtUp


def catching_up(project: Project, stop: threading.Event) -> Iterator[Progress | CaughtUp]:
    """Yield progress, and at the end what was read again or is not there, if anything.

    Raises:
        ProblemError: another program is scanning the project, or the database cannot be written.
    """
    found = yield from project.folders.catching_up(stop)
    if found.words:
        yield found
