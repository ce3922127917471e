"""The splits of pictures that have a table of labels: by its column of splits, else by their folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tldesk.base import plural
from tldesk.dataset.files.layout import Layout
from tldesk.dataset.records import Columns, Split
from tldesk.dataset.tables.match_table import TableMatch


@dataclass(frozen=True)
class TableSplits:
    """The splits that a table and the folders give.

    Attributes:
        of: the split of each picture by its relative path; pictures without one are not in it.
        notes: where they come from, one sentence each without a closing stop.
    """

    of: Mapping[str, Split]
    notes: tuple[str, ...]


def table_splits(match: TableMatch, columns: Columns, paths: Iterable[str], layout: Layout) -> TableSplits:
    """Return the splits of pictures; where table and folders differ, the table is followed.

    Args:
        match: the table's rows.
        columns: the use of its columns.
        paths: the relative paths of all pictures of the source.
        layout: what the folders say beside a table (``Layout.only_splits``).
    """
    said = {path: row.split for path, row in match.rows.items() if row.split is not None}
    folders = {path: split for path in paths if (split := layout.split_of(_folders(path))) is not None}
    notes = list(layout.notes) if folders.keys() - said.keys() else []
    against = sorted(path for path, split in said.items() if folders.get(path, split) != split)
    if against:
        notes.append(
            f'The column "{columns.split}" puts {plural(len(against), "image")} into another split than the'
            f" folders do; the column was followed, the first: {against[0]}"
        )
    return TableSplits({**folders, **said}, tuple(notes))


def _folders(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[:-1])
