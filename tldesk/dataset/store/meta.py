"""Single values stored in the project: key and text."""

from __future__ import annotations

import sqlite3


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """The value, None if it was never put."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def drop(connection: sqlite3.Connection, key: str) -> None:
    """Forget a value; the caller holds the transaction."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a value; the caller holds the transaction."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def beginning_with(connection: sqlite3.Connection, prefix: str) -> list[tuple[str, str]]:
    """The keys that begin with a text, with their values, in order."""
    rows = connection.execute(
        "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", (len(prefix), prefix)
    )
    return [(str(key), str(value)) for key, value in rows]
