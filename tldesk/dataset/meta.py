"""Single values that the project keeps."""

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
