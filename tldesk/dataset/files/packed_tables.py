"""Tables inside zip files, named as if the zip file were a folder: ``pictures.zip/set/labels.csv``."""

from __future__ import annotations

from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.regular_files import must_be_file, read_regular
from tldesk.dataset.files.packed import is_zip
from tldesk.dataset.files.unpack import member_bytes, member_names

_MOST_NAMED = 5


def zip_with(table: Path) -> Path | None:
    """Return the zip file that a path leads into; None if it leads into none."""
    return next((one for one in table.parents if is_zip(one) and one.is_file()), None)


def inside_of(table: Path, archive: Path) -> str:
    """Return the path of a table inside the zip file that it is packed in, with forward slashes."""
    return table.relative_to(archive).as_posix()


def packed_tables(archive: Path, suffixes: frozenset[str]) -> list[Path]:
    """Return the paths of the files with these suffixes in a zip file, those at the top first.

    Raises:
        ProblemError: as ``unpack.packed_files``.
    """
    names = (name for name in member_names(archive, suffixes) if Path(name).suffix.lower() in suffixes)
    return [archive / name for name in sorted(names, key=lambda name: (name.count("/"), name))]


def table_bytes(table: Path) -> bytes:
    """Return the content of a table, packed in a zip file or not.

    Raises:
        OSError: it cannot be read.
        ProblemError: the zip file does not hold it, is damaged or unsafe.
    """
    archive = zip_with(table)
    return read_regular(table) if archive is None else member_bytes(archive, inside_of(table, archive))


def is_table(table: Path) -> bool:
    """Return whether a table is there, as a file or packed in a zip file.

    Raises:
        ProblemError: as ``unpack.packed_files``.
    """
    archive = zip_with(table)
    if archive is None:
        return table.is_file()
    return inside_of(table, archive) in member_names(archive, frozenset({table.suffix.lower()}))


def must_be_table(table: Path) -> None:
    """Check that a table that a user named is a file, or one in a zip file.

    Raises:
        ProblemError: it is neither.
    """
    archive = zip_with(table)
    if archive is None:
        must_be_file(table)
    elif not is_table(table):
        others = packed_tables(archive, frozenset({table.suffix.lower()}))
        named = ", ".join(inside_of(one, archive) for one in others[:_MOST_NAMED])
        fix = f"It holds {named}" if named else "Check the spelling"
        raise ProblemError(Problem(str(archive), f"this zip file holds no {inside_of(table, archive)}", fix))
