"""All edits that a user makes in a project: labels, marks, notes, readings, classes; with undo and redo."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.class_names import class_name
from tldesk.dataset.queries import refuse_unknown
from tldesk.dataset.records import Action, ClassInfo, Mark
from tldesk.dataset.splits import split_rule
from tldesk.dataset.store import class_table as classes
from tldesk.dataset.store import folder_says, hand_groups, journal, rendering_setting
from tldesk.dataset.store.changes import (
    DISMISSED,
    FORGOTTEN,
    GROUP,
    Changes,
    Edit,
    LabelChange,
    dismissed_field,
    image_edits,
    noted_field,
    reading_field,
    setting_edits,
    settings_gone,
)
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.journal import JournalEntry, JournalLine
from tldesk.imaging import Rendering

_COLOUR = re.compile(r"#[0-9a-f]{6}")


class Edits:
    """The edits of a project, available as ``project.edit``. Each call writes one action to the journal.

    Images are given by their ids. If an edit is invalid (no images, an unknown image or class, an empty or
    duplicate name), a ProblemError is raised and nothing is changed.
    """

    def __init__(self, database: Database, rejoin: Callable[[], None]) -> None:
        self._database = database
        self._rejoin = rejoin  # assigns images without a split to one, after an undo or unlock
        self._journal = journal.Journal()

    # --- images -----------------------------------------------------------------------------------

    def label(
        self,
        ids: Sequence[int],
        class_id: int | None,
        *,
        author: str | None = None,
        verb: str | None = None,
    ) -> Action:
        """Label images with a class (None removes the label).

        Images that already have the class are part of the action too: the user has confirmed the label.
        """
        with self._database.write() as connection:
            now, name = _now(connection, ids, "class_id"), _name(connection, class_id)
            changes = [LabelChange(number, before, class_id) for number, before in now.items()]
            verb = verb or _label_verb(len(now), name)
            return journal.record(connection, JournalEntry(verb, author=author), Changes(changes))

    def read_as(
        self, reader: str, ids: Sequence[int], class_id: int | None, *, verb: str | None = None
    ) -> Action:
        """Record the class that a further reader gives images; labels are unchanged (None removes it)."""
        reader = _reader(reader)
        with self._database.write() as connection:
            known = _now(connection, ids, "id")
            name = _name(connection, class_id)
            rows = connection.execute(
                """SELECT image_id, class_id FROM readings
                WHERE reader = ? AND image_id IN (SELECT value FROM json_each(?))""",
                (reader, json.dumps(list(known))),
            )
            was = {number: str(before) for number, before in rows}
            after = None if class_id is None else str(class_id)
            edits = image_edits(reading_field(reader), [(one, was.get(one), after) for one in known])
            verb = verb or f"{reader}: {_label_verb(len(known), name)}"
            return journal.record(connection, JournalEntry(verb, author=reader), Changes((), edits))

    def mark(self, ids: Sequence[int], mark: Mark, on: bool = True) -> Action:
        """Mark images, or remove the mark."""
        with self._database.write() as connection:
            now = _now(connection, ids, str(mark))
            after = "yes" if on else None
            rows = [(number, "yes" if before else None, after) for number, before in now.items()]
            images = plural(len(now), "image")
            verb = f"Mark {images} as {mark}" if on else f"Mark {images} as not {mark}"
            return journal.record(connection, JournalEntry(verb), Changes((), image_edits(str(mark), rows)))

    def forget(self, ids: Sequence[int]) -> Action:
        """Forget images with missing files: they are no longer shown, but their labels are kept.

        If a file reappears, so does its image. Images whose files exist cannot be forgotten.
        """
        with self._database.write() as connection:
            now, gone = _now(connection, ids, FORGOTTEN), _now(connection, ids, "missing")
            if not all(gone.values()):
                what = "the file of one of these images is there"
                raise ProblemError(Problem("images", what, "Exclude an image that is of no use"))
            rows = [(number, "yes" if before else None, "yes") for number, before in now.items()]
            verb = f"Forget {plural(len(now), 'missing image')}"
            return journal.record(connection, JournalEntry(verb), Changes((), image_edits(FORGOTTEN, rows)))

    def note(self, ids: Sequence[int], column: str, value: str | None) -> Action:
        """Set the value of a metadata column for images; None clears it.

        The value overrides the one in the table of labels, even after the table is re-imported.
        """
        column = column.strip()
        if not column:
            raise ProblemError(Problem("column", "a column needs a name", "Write one"))
        with self._database.write() as connection:
            now = _now(connection, ids, "noted")
            after = json.dumps(value, ensure_ascii=False)
            rows = []
            for number, text in now.items():
                noted = json.loads(text)
                before = json.dumps(noted[column], ensure_ascii=False) if column in noted else None
                rows.append((number, before, after))
            verb = f"Set {column} of {plural(len(now), 'image')} to {value}" if value else f"Clear {column}"
            return journal.record(
                connection, JournalEntry(verb), Changes((), image_edits(noted_field(column), rows))
            )

    def accept_folders(self, ids: Sequence[int] | None = None) -> Action:
        """Give images that were moved into another class folder the class of that folder; None: all such.

        A class all of whose images lie in one folder with a new name is renamed; images outside all class
        folders lose their label; a class that is left without images is removed. Images in the folder of
        their class are left out.
        """
        with self._database.write() as connection:
            wanted = None if ids is None else set(ids)
            moved = folder_says.present(connection)
            words = [one for one in moved if wanted is None or one.image_id in wanted]
            if not words:
                what = "no image is outside the folder of its class"
                raise ProblemError(Problem("images", what, "Scan the folders again"))
            verb = f"Accept the folder's word for {plural(len(words), 'image')}"
            return journal.record(
                connection, JournalEntry(verb, "folder"), folder_says.acceptance(connection, words)
            )

    # --- how pictures are read --------------------------------------------------------------------

    def read_pictures(self, how: Rendering) -> Action:
        """Set how deep pictures and stacks of the whole project are read from now on."""
        with self._database.write() as connection:
            changes = Changes((), rendering_setting.edits(connection, how))
            return journal.record(connection, JournalEntry(rendering_setting.VERB), changes)

    # --- splits -----------------------------------------------------------------------------------

    def lock_test(self, locked: bool = True) -> None:
        """Lock or unlock the test set. While locked, its images do not change when the project is split or
        images are added.

        Raises:
            ProblemError: there is no test image to lock.
        """
        with self._database.write() as connection:
            edits = split_rule.lock_edits(connection, locked)
            verb = "Lock the test set" if locked else "Unlock the test set"
            journal.record(connection, JournalEntry(verb), Changes((), edits))
        if not locked:
            self._rejoin()  # images that could not join a split while the test set was locked

    def put_together(self, sets: Sequence[Sequence[int]]) -> Action:
        """Put the images of each set in one group, regardless of the group rule.

        From the next split on they stay together. Groups already made by hand are kept and joined.
        """
        with self._database.write() as connection:
            chosen = {number for images in sets for number in images}
            _now(connection, list(chosen), "id")
            rows = hand_groups.put_together(connection, sets)
            verb = f"Put {plural(len(chosen), 'image')} in the same group"
            if len(sets) > 1:
                verb = f"Put {plural(len(chosen), 'image')} in {plural(len(sets), 'group')}"
            return journal.record(connection, JournalEntry(verb), Changes((), image_edits(GROUP, rows)))

    def take_apart(self, ids: Sequence[int]) -> Action:
        """Take images out of the groups made by hand; the group rule then applies to them again."""
        with self._database.write() as connection:
            now = _now(connection, ids, "hand_group")
            edits = image_edits(GROUP, [(number, name, None) for number, name in now.items()])
            if not edits:
                what = "none of these images was put in a group by hand"
                raise ProblemError(Problem("images", what, "Choose others, or change the rule in Split"))
            verb = f"Take {plural(len(edits), 'image')} out of the group made by hand"
            return journal.record(connection, JournalEntry(verb), Changes((), edits))

    # --- findings ---------------------------------------------------------------------------------

    def dismiss(self, finding: str, ids: Sequence[int] = ()) -> Action:
        """Dismiss a finding, given by its key, for these images or (without images) for the whole project.

        Checks do not list it again until ``bring_back`` is called.
        """
        with self._database.write() as connection:
            field = dismissed_field(finding)
            if not ids:
                edits = setting_edits(connection, {field: "yes"})
                return journal.record(connection, JournalEntry("Leave a finding"), Changes((), edits))
            now = _now(connection, ids, "id")
            left = _dismissed(connection, finding)
            edits = image_edits(field, [(one, "yes" if one in left else None, "yes") for one in now])
            verb = f"Leave a finding about {plural(len(now), 'image')}"
            return journal.record(connection, JournalEntry(verb), Changes((), edits))

    def bring_back(self) -> Action:
        """Restore all dismissed findings, so that checks list them again."""
        with self._database.write() as connection:
            rows = connection.execute("SELECT finding, image_id FROM dismissed ORDER BY 1, 2")
            edits = [Edit("image", image, dismissed_field(name), "yes", None) for name, image in rows]
            edits += settings_gone(connection, DISMISSED)
            return journal.record(connection, JournalEntry("Bring findings back"), Changes((), edits))

    # --- classes ----------------------------------------------------------------------------------

    def add_class(self, name: str) -> ClassInfo:
        """Add a class, last in the order."""
        with self._database.write() as connection:
            name = classes.free_name(connection, name)
            there = classes.all_classes(connection)
            new = classes.insert(connection, name, None)
            self._reorder(connection, f"Add class {name}", (*there, new))
            return new

    def rename_class(self, class_id: int, name: str) -> None:
        """Rename a class. Position, colour and images are kept; the old folder name still belongs to it."""
        with self._database.write() as connection:
            old = classes.the_class(connection, class_id)
            same = class_name(old.name) == class_name(name)
            new = replace(old, name=class_name(name) if same else classes.free_name(connection, name))
            self._replace(connection, f"Rename class {old.name} to {new.name}", new)

    def recolour_class(self, class_id: int, colour: str) -> None:
        """Set the colour, "#rrggbb", of a class."""
        if not _COLOUR.fullmatch(colour):
            raise ProblemError(Problem("colour", f"{colour} is not a colour", "Write it like #0072b2"))
        with self._database.write() as connection:
            old = classes.the_class(connection, class_id)
            self._replace(connection, f"Recolour class {old.name}", replace(old, colour=colour))

    def move_class(self, class_id: int, place: int) -> None:
        """Move a class to a position (from 0) in the order that is used for keys, tables and curves."""
        with self._database.write() as connection:
            moved = classes.the_class(connection, class_id)
            rest = [one for one in classes.all_classes(connection) if one.id != class_id]
            rest.insert(max(0, place), moved)
            self._reorder(connection, f"Move class {moved.name}", rest)

    def merge_classes(self, class_id: int, into: int) -> Action:
        """Move all images of a class into another one; folders with the old name belong to that one too."""
        if class_id == into:
            raise ProblemError(Problem("class", "a class cannot be merged with itself", "Choose another one"))
        with self._database.write() as connection:
            gone, kept = classes.the_class(connection, class_id), classes.the_class(connection, into)
            return self._remove(connection, f"Merge class {gone.name} into {kept.name}", gone, into)

    def delete_class(self, class_id: int) -> Action:
        """Delete a class; its images are kept, without a label."""
        with self._database.write() as connection:
            gone = classes.the_class(connection, class_id)
            return self._remove(connection, f"Delete class {gone.name}", gone, None)

    def _remove(self, connection: sqlite3.Connection, verb: str, gone: ClassInfo, to: int | None) -> Action:
        there = classes.all_classes(connection)
        labels, readings = classes.relabel(connection, gone.id, to)
        edits = classes.order_edits(there, [one for one in there if one.id != gone.id])
        if to is not None:
            edits.append(Edit("class", gone.id, "merged", None, str(to)))
        return journal.record(connection, JournalEntry(verb), Changes(labels, [*readings, *edits]))

    def _replace(self, connection: sqlite3.Connection, verb: str, new: ClassInfo) -> None:
        there = classes.all_classes(connection)
        self._reorder(connection, verb, [new if one.id == new.id else one for one in there])

    def _reorder(self, connection: sqlite3.Connection, verb: str, after: Sequence[ClassInfo]) -> None:
        edits = classes.order_edits(classes.all_classes(connection), after)
        journal.record(connection, JournalEntry(verb), Changes((), edits))

    # --- undo -------------------------------------------------------------------------------------

    def undo(self, only: int | None = None) -> Action | None:
        """Undo the last action and return it; None if there is nothing to undo. Works across restarts.

        Raises:
            ProblemError: ``only`` is given and the last action has another id: another program has changed
                the project.
        """
        return self._reverse("undo", only)

    def redo(self, only: int | None = None) -> Action | None:
        """Redo the last undone action and return it; None if there is nothing to redo.

        Raises:
            ProblemError: as ``undo``.
        """
        return self._reverse("redo", only)

    def journal(self, most: int | None = None) -> tuple[JournalLine, ...]:
        """Return the last ``most`` actions of people and scans (None: all), the latest first."""
        with self._database.read() as connection:
            return self._journal.lines(connection, most)

    def last(self) -> int:
        """Return the id of the last action of any kind, 0 if none; it changes with every edit."""
        with self._database.read() as connection:
            return int(connection.execute("SELECT COALESCE(MAX(id), 0) FROM actions").fetchone()[0])

    def undo_stack(self) -> tuple[Action, ...]:
        """Return the actions that can be undone, the next one last."""
        with self._database.read() as connection:
            return self._journal.stacks(connection)[0]

    def redo_stack(self) -> tuple[Action, ...]:
        """Return the actions that can be redone, the next one last."""
        with self._database.read() as connection:
            return self._journal.stacks(connection)[1]

    def _reverse(self, how: str, only: int | None) -> Action | None:
        with self._database.write() as connection:
            action = self._journal.reverse(connection, how, only)
            if action is None or not split_rule.undo_late_joins(connection, action.id):
                return action
        self._rejoin()
        return action


def _now(connection: sqlite3.Connection, ids: Sequence[int], column: str) -> dict[int, Any]:
    """Return the current value of a column by image id, in the order of ``ids``, without duplicates."""
    ids = list(dict.fromkeys(ids))
    if not ids:
        raise ProblemError(Problem("images", "no image is chosen", "Choose at least one"))
    rows = connection.execute(
        f"SELECT id, {column} FROM images WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (json.dumps(ids),),
    )
    now = dict(rows.fetchall())
    refuse_unknown(ids, now)
    return {number: now[number] for number in ids}


def _dismissed(connection: sqlite3.Connection, finding: str) -> set[int]:
    rows = connection.execute("SELECT image_id FROM dismissed WHERE finding = ?", (finding,))
    return {number for (number,) in rows}


def _name(connection: sqlite3.Connection, class_id: int | None) -> str | None:
    return None if class_id is None else classes.the_class(connection, class_id).name


def _label_verb(number: int, name: str | None) -> str:
    images = plural(number, "image")
    return f"Remove the label of {images}" if name is None else f"Label {images} as {name}"


def _reader(name: str) -> str:
    name = name.strip()
    if not name:
        raise ProblemError(Problem("reader", "a reader needs a name", "Write one"))
    return name
