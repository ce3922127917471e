"""What folders and classes no longer share: images moved to another class folder, classes without images."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tldesk.dataset.store import class_table as classes
from tldesk.dataset.store import folder_says
from tldesk.dataset.store.sql_conditions import USABLE


@dataclass(frozen=True, slots=True)
class MovedImage:
    """An image that lies in another class folder than the one that labelled it, or in none.

    Attributes:
        image_id: the image.
        path: its file.
        label: its class.
        word: the class that its folder names; "" if it is in no class folder any more.
        renames: whether accepting it renames the class, because all its images lie in the folder by now.
    """

    image_id: int
    path: Path
    label: str
    word: str
    renames: bool = False


@dataclass(frozen=True, slots=True)
class EmptyClass:
    """A class without a readable image, which no training can learn.

    Attributes:
        class_id: the class.
        name: its name.
        missing: its images whose files are missing.
        away: those of them whose folder of pictures has no file left; its drive may not be connected.
    """

    class_id: int
    name: str
    missing: int
    away: int = 0

    @property
    def key(self) -> str:
        """The key of the finding about it, by which it is dismissed."""
        return f"empty_class:{self.name}"


def moved_images(connection: sqlite3.Connection, roots: Mapping[int, Path]) -> tuple[MovedImage, ...]:
    """Return the images that lie in another class folder than the one that labelled them, or in none."""
    words = {one.image_id: one for one in folder_says.present(connection)}
    renamed = folder_says.renamings(connection, list(words.values()))
    names = {one.id: one.name for one in classes.all_classes(connection)}
    rows = connection.execute(
        """SELECT id, source_id, path FROM images WHERE id IN (SELECT value FROM json_each(?))
        ORDER BY source_id, path""",
        (json.dumps(list(words)),),
    )
    return tuple(
        MovedImage(number, roots[source] / path, names[one.class_id], one.word, one.class_id in renamed)
        for number, source, path in rows
        for one in [words[number]]
    )


def empty_classes(connection: sqlite3.Connection) -> tuple[EmptyClass, ...]:
    """Return the classes without a usable image, in their order."""
    rows = connection.execute(
        f"""SELECT id, name, (SELECT COUNT(*) FROM images WHERE class_id = classes.id AND missing),
            (SELECT COUNT(*) FROM images WHERE class_id = classes.id AND missing
                AND source_id NOT IN (SELECT source_id FROM images WHERE NOT missing))
        FROM classes WHERE position IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM images WHERE class_id = classes.id AND {USABLE}) ORDER BY position"""  # noqa: S608
    )
    return tuple(EmptyClass(*row) for row in rows)
