"""What folders say of images that an earlier folder labelled: kept by a scan, accepted by a person.

A file moved into another class folder, or out of all of them, keeps its label, because a label belongs to the
picture. The folder's word is kept beside it, so that it can be accepted, for one image or for all.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import ClassInfo
from tldesk.dataset.store import class_table as classes
from tldesk.dataset.store import meta
from tldesk.dataset.store.changes import Changes, LabelChange
from tldesk.dataset.store.sql_conditions import KEPT

_KEY = "folder_words:"
GIVEN_BY_FOLDERS = frozenset({"folder"})
"""How a label may have been given that a folder may contradict; what a person said last is not questioned."""
NO_CLASS_FOLDER = ""
"""The word of an image that was moved out of all class folders."""


class FolderWord(NamedTuple):
    """An image that lies in another class folder than the one that labelled it.

    Attributes:
        image_id: the image.
        class_id: its label.
        word: the class that its present folder names, perhaps none of the project's yet; "" if it lies in no
            class folder any more.
    """

    image_id: int
    class_id: int
    word: str


def keep(connection: sqlite3.Connection, source: int, words: Mapping[int, str]) -> None:
    """Record the folders' words for images of a source, by image id; the caller holds the transaction."""
    if words:
        meta.put(connection, f"{_KEY}{source}", json.dumps(words, ensure_ascii=False))
    else:
        meta.drop(connection, f"{_KEY}{source}")


def present(connection: sqlite3.Connection) -> list[FolderWord]:
    """Return the images whose label still is another one than their folder's word, ordered by id."""
    words: dict[int, str] = {}
    for _, text in meta.beginning_with(connection, _KEY):
        words |= {int(number): word for number, word in json.loads(text).items()}
    known = classes.known_names(connection)
    rows = connection.execute(
        f"""SELECT id, class_id, label_how FROM images WHERE NOT missing AND class_id IS NOT NULL AND {KEPT}
        AND id IN (SELECT value FROM json_each(?)) ORDER BY id""",  # noqa: S608 - fixed text
        (json.dumps(list(words)),),
    )
    return [
        FolderWord(number, class_id, words[number])
        for number, class_id, how in rows
        if how in GIVEN_BY_FOLDERS and known.get(words[number]) != class_id
    ]


def renamings(connection: sqlite3.Connection, words: Sequence[FolderWord]) -> dict[int, str]:
    """Return the classes whose folder was renamed: class id -> the folder's new name.

    All images of such a class lie in one folder whose name is no class yet, and in which no other class lies.
    """
    known = classes.known_names(connection)
    by_class: dict[int, Counter[str]] = defaultdict(Counter)
    for one in words:
        by_class[one.class_id][one.word] += 1
    whole = {
        class_id: next(iter(said))
        for class_id, said in by_class.items()
        if len(said) == 1 and _is_new(next(iter(said)), known) and _size(connection, class_id) == said.total()
    }
    claimed = Counter(word for said in by_class.values() for word in said)
    return {class_id: word for class_id, word in whole.items() if claimed[word] == 1}


def acceptance(connection: sqlite3.Connection, words: Sequence[FolderWord]) -> Changes:
    """Return the changes that give images their folders' words; the caller holds the transaction.

    A class whose folder was renamed is renamed; other images are relabelled, or lose their label outside all
    class folders, new classes are added, and classes removed that no image has any more.
    """
    renamed = renamings(connection, words)
    moved = [one for one in words if one.class_id not in renamed]
    before = classes.all_classes(connection)
    after = [replace(one, name=renamed.get(one.id, one.name)) for one in before]
    known = classes.known_names(connection)
    for word in sorted({one.word for one in moved} - {NO_CLASS_FOLDER} - known.keys(), key=natural_key):
        new = classes.insert(connection, word, None)
        after.append(new)
        known[word] = new.id
    labels = [LabelChange(one.image_id, one.class_id, known.get(one.word)) for one in moved]
    kept = [one for one in after if not _is_left(connection, one, labels)]
    return Changes(labels, classes.order_edits(before, kept))


def _is_new(word: str, known: Mapping[str, int]) -> bool:
    return word != NO_CLASS_FOLDER and word not in known


def _is_left(connection: sqlite3.Connection, one: ClassInfo, labels: Sequence[LabelChange]) -> bool:
    """Return whether these changes leave a class without any image or reading."""
    if all(change.before != one.id for change in labels) or any(change.after == one.id for change in labels):
        return False
    return not classes.is_used(connection, one.id, but_for=labels)


def _size(connection: sqlite3.Connection, class_id: int) -> int:
    row = connection.execute("SELECT COUNT(*) FROM images WHERE class_id = ?", (class_id,)).fetchone()
    return int(row[0])
