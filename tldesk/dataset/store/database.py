"""Connections to a project's database: one per thread, with plain error messages, all closed by ``close``."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tldesk.base import ClosedProjectError, Problem, ProblemError
from tldesk.dataset.store.schema import APPLICATION_ID, MIGRATIONS

_BUSY_SECONDS = 30.0
_EXAMINED_AT_ONCE = 16_000_000  # bytes; checking a larger file would noticeably delay opening
_Migrations = Sequence[Sequence[str]]


class Database:
    """The SQLite file of a project.

    Each thread reads through its own connection; writers take turns. WAL mode lets readers continue while
    one thread writes. A transaction is on disk when ``write`` returns (``synchronous = FULL``), because
    labels are hours of work.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._links: list[_Link] = []
        self._links_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._local = threading.local()
        self._closed = False

    @classmethod
    def create(cls, file: Path) -> Database:
        """Create the file with the newest schema.

        Raises:
            ProblemError: the file exists already or cannot be written.
        """
        if file.exists():
            raise ProblemError(
                Problem(str(file), "there is a project already", "Open it, or choose another name")
            )
        with explained(file), contextlib.closing(_connect(file, create=True)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection, MIGRATIONS)
        return cls(file)

    @classmethod
    def open(cls, file: Path, migrations: _Migrations = MIGRATIONS) -> Database:
        """Open the file and update an older schema (a copy of the old file is kept next to it).

        A large file is not checked for damage: ``examine`` does that.

        Raises:
            ProblemError: there is no project, or it is damaged, written by a newer version, or not writable.
                The file is left unchanged.
        """
        if not file.is_file():
            raise ProblemError(
                Problem(
                    str(file),
                    "the project's database is not there",
                    "Choose a folder NAME.tldesk made by tldesk",
                )
            )
        with explained(file), contextlib.closing(_connect(file)) as connection:
            _check(connection, file, len(migrations))
            _update(connection, file, migrations)
        return cls(file)

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Provide this thread's connection for queries.

        Raises:
            ProblemError: the database cannot be read, or the project was closed.
        """
        link = self._link()
        with link.lock, explained(self.file):
            self._still_open()
            yield link.connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Provide this thread's connection inside a transaction, which is rolled back on any exception.

        Raises:
            ProblemError: the database cannot be written (disk full, read-only, locked by another program).
        """
        with self._write_lock, self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def examine(self) -> None:
        """Check the whole file for damage; small files were already checked when opened.

        Raises:
            ProblemError: it is damaged.
        """
        if self.file.stat().st_size > _EXAMINED_AT_ONCE:
            with self.read() as connection:
                _examine(connection, self.file)

    def close(self) -> None:
        """Close the connections of all threads, waiting for running queries."""
        self._closed = True
        with self._links_lock:
            links, self._links = self._links, []
        for link in links:
            link.close()

    def _link(self) -> _Link:
        link: _Link | None = getattr(self._local, "link", None)
        if link is None:
            self._still_open()
            with explained(self.file):
                link = _Link(_connect(self.file))
            self._local.link = link
            with self._links_lock:
                self._links = [other for other in self._links if not other.closed_for_dead_thread()]
                self._links.append(link)
        return link

    def _still_open(self) -> None:
        if self._closed:
            raise ClosedProjectError(
                Problem(str(self.file.parent), "the project was closed", "Open it again")
            )


class _Link:
    """One thread's connection; its lock prevents ``close`` from closing it during a query."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self._thread = threading.current_thread()

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    def closed_for_dead_thread(self) -> bool:
        if self._thread.is_alive():
            return False
        self.close()
        return True


def _connect(file: Path, *, create: bool = False) -> sqlite3.Connection:
    # mode=rw: a deleted file must not be created again as an empty database.
    uri = f"{file.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check(connection: sqlite3.Connection, file: Path, newest: int) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise _damaged(file, "it is empty or was not written by tldesk")
    version = _pragma(connection, "user_version")
    if version > newest:
        raise ProblemError(
            Problem(
                str(file),
                f"the project was last opened by a newer tldesk (its data have version {version},"
                f" this program knows {newest})",
                "Update tldesk, then open the project again",
            )
        )
    if file.stat().st_size <= _EXAMINED_AT_ONCE:
        _examine(connection, file)


def _examine(connection: sqlite3.Connection, file: Path) -> None:
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding is None or finding[0] != "ok":
        raise _damaged(file, "parts of it cannot be read")


def _update(connection: sqlite3.Connection, file: Path, migrations: _Migrations) -> None:
    # Requesting the write lock detects a read-only folder now rather than at the first label.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
    version = _pragma(connection, "user_version")
    if version < len(migrations):
        copy = file.with_name(f"{file.stem}-version-{version}{file.suffix}")
        with contextlib.closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
        migrate(connection, migrations)


def migrate(connection: sqlite3.Connection, migrations: _Migrations) -> None:
    """Run the missing steps, each in its own transaction together with its version number."""
    # A table can only be replaced while its foreign keys are not checked.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        for number in range(_pragma(connection, "user_version"), len(migrations)):
            _step(connection, number, migrations[number])
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _step(connection: sqlite3.Connection, number: int, statements: Sequence[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
        if dangling is not None:
            raise sqlite3.IntegrityError(f"step {number + 1} leaves {dangling[0]} pointing at nothing")
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into problems that a user can fix; programming errors are not changed."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.DatabaseError as error:
        raise _explain(file, error) from error


def _explain(file: Path, error: sqlite3.DatabaseError) -> ProblemError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    where, folder = str(file), str(file.parent)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _damaged(file, str(error))
    if code == sqlite3.SQLITE_FULL:
        return ProblemError(
            Problem(
                where, "the disk is full; the last change was not saved", "Free some space, then do it again"
            )
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return ProblemError(
            Problem(
                folder,
                "the project cannot be written there",
                "Check the folder's permissions, or copy the project to a place where you may write",
            )
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProblemError(
            Problem(where, "another program is using the project", "Close the other program, then try again")
        )
    return ProblemError(
        Problem(
            where, f"the project's database could not be used ({error})", "Check the disk, then try again"
        )
    )


def _damaged(file: Path, detail: str) -> ProblemError:
    return ProblemError(
        Problem(
            str(file),
            f"the project's database is damaged ({detail}); nothing was changed",
            "Put back a copy from your backup, or make a new project from the same pictures",
        )
    )
