"""Each source's setting of how its folders are taken, and where lists of DICOM media (DICOMDIR) lie in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict

from tldesk.dataset.records import LayoutChoice
from tldesk.dataset.store import meta


def layout_choice(connection: sqlite3.Connection, source: int) -> LayoutChoice:
    """Return what the user chose for a source."""
    text = meta.get(connection, f"layout:{source}")
    return LayoutChoice() if text is None else LayoutChoice(**json.loads(text))


def put_layout_choice(connection: sqlite3.Connection, source: int, choice: LayoutChoice) -> None:
    """Store the user's choice; the caller holds the transaction."""
    meta.put(connection, f"layout:{source}", json.dumps(asdict(choice)))


def media_lists(connection: sqlite3.Connection, source: int) -> tuple[str, ...]:
    """Return the paths of the lists of DICOM media that the last scan found in a source."""
    text = meta.get(connection, f"media:{source}")
    return () if text is None else tuple(json.loads(text))


def put_media_lists(connection: sqlite3.Connection, source: int, paths: Iterable[str]) -> None:
    """Store these paths; the caller holds the transaction."""
    found = sorted(paths)
    if found:
        meta.put(connection, f"media:{source}", json.dumps(found))
    else:
        meta.drop(connection, f"media:{source}")
