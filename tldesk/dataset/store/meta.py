"""Single settings stored in the project: key and text."""

from __future__ import annotations

import sqlite3


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """Return the value, None if it is not set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def drop(connection: sqlite3.Connection, key: str) -> None:
    """Delete a value; the caller holds the transaction."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Store a value; the caller holds the transaction."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def beginning_with(connection: sqlite3.Connection, prefix: str) -> list[tuple[str, str]]:
    """Return the keys that begin with ``prefix``, with their values, sorted by key."""
    rows = connection.execute(
        "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", (len(prefix), prefix)
    )
    return [(str(key), str(value)) for key, value in rows]
