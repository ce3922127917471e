"""Guesses the use of a table's columns by headers and contents, and says what a choice of them gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.wording import first_of
from tldesk.dataset.files.split_words import split_named
from tldesk.dataset.files.unpack import files_of, folder_of
from tldesk.dataset.name_order import folded, natural_key
from tldesk.dataset.records import ColumnGuess, Columns
from tldesk.dataset.tables.camera_trap import NO_MEDIA, lacks_media, refuse_media
from tldesk.dataset.tables.column_words import class_word, folder_rank, group_rank, image_rank
from tldesk.dataset.tables.guess_class import ClassGuess, guess_class
from tldesk.dataset.tables.match_table import joined, match_table, named_files
from tldesk.dataset.tables.named_files import FileNames
from tldesk.dataset.tables.table import Table, is_file_name, read_table

_SHOWN_ROWS = 20
_JUDGED_ROWS = 2000


def guess_columns(
    table: Path, images: Path, *, image: str | None = None, classes: Sequence[str] = ()
) -> ColumnGuess:
    """Guess which columns are the image, the class, the group and the split, by header and content.

    Args:
        table: the table.
        images: the folder of pictures, or a zip file.
        image: the column of file names, if it is known.
        classes: the column of the class, or one column a class, if it is known.

    Raises:
        ProblemError: the table or the folder cannot be read, or the table has no such column.
    """
    names, content = _read(table, images)
    if not content.rows:
        fix = "Fill in a row for each picture, or choose another table"
        raise ProblemError(Problem(str(table), "the table has no rows below the names of its columns", fix))
    for name in (*([image] if image else []), *classes):
        content.column(name)
    image, folder = guess_naming(content, names, image, classes)
    if lacks_media(table, content.headers) and not named_files(content, image, folder, names).matched:
        raise ProblemError(Problem(str(table), *NO_MEDIA))
    others = [one for one in content.headers if one != image and (one != folder or class_word(one))]
    split = next((one for one in others if one not in classes and _is_split(content, one)), None)
    others = [header for header in others if header != split]
    guess = (
        ClassGuess(tuple(classes), (tuple(classes),))
        if classes
        else guess_class({name: content.cells(name) for name in others if not _names_files(content, name)})
    )
    if not guess.columns:
        refuse_media(table, content.headers)
    free = [header for header in others if header not in guess.columns]
    columns = Columns(image=image, label="", split=split, folder=folder).with_classes(guess.columns)
    columns = replace(columns, group=_guess_group(content, free, columns.classes))
    return _described(content, columns, names, guess.candidates)


def describe_columns(table: Path, images: Path, columns: Columns) -> ColumnGuess:
    """Return what a choice of columns gives; see ``guess_columns``."""
    names, content = _read(table, images, columns)
    for name in columns.all():
        content.column(name)
    return _described(content, columns, names, (columns.classes,) if columns.classes else ())


def doubt(table: Path, guess: ColumnGuess) -> Problem:
    """Return the question that a doubtful guess leaves open, or why it cannot be answered."""
    if not guess.matched:
        return _no_file(table, guess)
    listed = "; ".join(classes_named(one) for one in guess.candidates)
    return Problem(
        str(table),
        "it is not clear which column of the table is the class",
        f"Choose one of: {listed}" if listed else "Give the table a column with the class of each picture",
    )


def _no_file(table: Path, guess: ColumnGuess) -> Problem:
    place = guess.headers.index(guess.columns.image)
    names = list(dict.fromkeys(row[place] for row in guess.rows if row[place]))
    first = "the first name is" if len(names) == 1 else "the first names are"
    what = "no row of the table names a picture in that folder"
    said = f'{what}; {first} {first_of(names, 3)} (column "{guess.columns.image}")' if names else what
    return Problem(str(table), said, "Choose the folder that these names are in, or the column of file names")


def classes_named(columns: Sequence[str]) -> str:
    """Return the columns of the class as a user names them: the name, or the names with commas between."""
    return ",".join(columns)


def class_columns_named(text: str, headers: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the class that a user named: a header, or several with commas between."""
    if text in headers:
        return (text,)
    several = tuple(name.strip() for name in text.split(","))
    return several if len(several) > 1 and all(name in headers for name in several) else (text,)


def read_columns(
    table: Path, images: Path, *, image: str | None = None, classes: str | None = None
) -> ColumnGuess:
    """Guess the columns that a user did not name; see ``guess_columns`` and ``class_columns_named``."""
    if not classes:
        return guess_columns(table, images, image=image)
    _, content = _read(table, images)
    return guess_columns(table, images, image=image, classes=class_columns_named(classes, content.headers))


def _read(table: Path, images: Path, wanted: Columns | None = None) -> tuple[FileNames, Table]:
    names = FileNames(files_of(images).paths, folder_of(images))
    return names, read_table(table, names, wanted)


def _described(
    table: Table, columns: Columns, names: FileNames, candidates: tuple[tuple[str, ...], ...]
) -> ColumnGuess:
    match = match_table(table, columns, names)
    counts = Counter(row.label for row in match.rows.values() if row.label)
    return ColumnGuess(
        columns,
        table.headers,
        table.rows[:_SHOWN_ROWS],
        match.matched,
        len(table.rows),
        candidates,
        tuple((name, counts[name]) for name in sorted(counts, key=natural_key)),
        (*table.notes, *match.notes),
    )


def _sample(table: Table) -> Table:
    """Return a table of rows from all over the table, at most as many as are looked at."""
    step = -(-len(table.rows) // _JUDGED_ROWS) or 1
    return replace(table, rows=table.rows[::step], lines=table.lines[::step], sheets=table.sheets[::step])


def guess_naming(
    table: Table, names: FileNames, image: str | None = None, classes: Sequence[str] = ()
) -> tuple[str, str | None]:
    """Return the column of file names, and that of their folders if that is a column of its own.

    Args:
        table: the table.
        names: the files.
        image: the column of file names, if it is known.
        classes: columns that are known to be something else.
    """
    image = image or _guess_image(table, names)
    others = [header for header in table.headers if header != image and header not in classes]
    return image, _guess_folder(table, image, others, names)


def _guess_image(table: Table, names: FileNames) -> str:
    """Return the column that names the most files; of equal ones, the one that is called so."""
    sample = _sample(table)

    def fitness(header: str) -> tuple[bool, int, float, int]:
        cells = sample.cells(header)
        found = set(names.named_by(cells).files) - {None}
        said = [cell for cell in cells if cell]
        files = sum(map(is_file_name, said)) / max(1, len(said))
        if not image_rank(header) and _count_something(said, len(found)):
            found = set()
        return bool(found) and files > 0.5, len(found), files, image_rank(header)

    return max(table.headers, key=fitness)


def _count_something(cells: Sequence[str], files: int) -> bool:
    """Return whether cells are numbers of which most occur again: 1, 1, 2 are no names of 1.jpg and 2.jpg."""
    return files < len(cells) / 2 and all(cell.isdecimal() for cell in cells)


def _guess_folder(table: Table, image: str, others: Sequence[str], names: FileNames) -> str | None:
    """Return the column of folders that, before the names of the image column, finds more files than none."""
    sample = _sample(table)
    cells = sample.cells(image)
    if sum("/" in cell or "\\" in cell for cell in cells) > len(cells) / 2:
        return None
    alone = names.named_by(cells)
    best, most = None, len(set(alone.files) - {None})
    there = names.folders()
    for header in sorted(others, key=folder_rank, reverse=True):
        folders = sample.cells(header)
        last = {folded(cell.replace("\\", "/").rstrip("/").rpartition("/")[2]) for cell in folders} - {""}
        if not (last & there) and not folder_rank(header):
            continue
        found = len(set(names.named_by(joined(folders, cells), whole=True).files) - {None})
        if found > most or (found == most > 0 and best is None and _is_plainly_folder(header, last, there)):
            best, most = header, found
    return best


def _is_plainly_folder(header: str, last: set[str], there: set[str]) -> bool:
    """Return whether a column is called a folder and holds nothing but folders that exist."""
    return folder_rank(header) > 0 and bool(last) and last <= there


def _names_files(table: Table, header: str) -> bool:
    """Return whether most cells of a column end like the names of pictures, so that it is not the class."""
    said = [cell for cell in table.cells(header) if cell]
    return sum(map(is_file_name, said)) > len(said) / 2


def _is_split(table: Table, header: str) -> bool:
    values = set(table.cells(header)) - {""}
    return bool(values) and all(split_named(value) is not None for value in values)


def _guess_group(table: Table, headers: Sequence[str], classes: Sequence[str]) -> str | None:
    """Return the column called a group, with more values than there are classes and fewer than rows."""
    least = len(classes) if len(classes) > 1 else _variety(table, classes[0]) if classes else 1
    ranked = [(group_rank(header), header) for header in headers if _variety(table, header) > least]
    best = max(ranked, key=lambda one: one[0], default=(0, ""))
    return best[1] if best[0] else None


def _variety(table: Table, header: str) -> int:
    """Return the number of different values in a column."""
    return len(set(table.cells(header)) - {""})


def checked(table: Path, guess: ColumnGuess) -> Columns:
    """Return the guessed columns.

    Raises:
        ProblemError: it is in doubt which column gives the class.
    """
    if guess.doubtful:
        raise ProblemError(doubt(table, guess))
    return guess.columns
