"""The records that a project returns: frozen, and independent of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

Role = Literal["label", "image", "group", "split"]


class Split(StrEnum):
    """What an image is used for: training, choosing the best epoch, or testing."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Mark(StrEnum):
    """What a person may mark an image as, beside its label.

    ``EXCLUDED`` images are kept and shown, but not used for training or testing; ``UNSURE`` ones are
    used like any other and wait for a second look.
    """

    UNSURE = "unsure"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """One of the permitted answers.

    Attributes:
        id: stable number in this project's database.
        name: as the user wrote it.
        position: place in the fixed order, from 0; also the label index in a snapshot.
        colour: "#rrggbb".
    """

    id: int
    name: str
    position: int
    colour: str


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One picture file as the project knows it.

    Attributes:
        id: stable number in this project's database; survives a move of the file.
        path: where the file is (or last was).
        content: hash of the bytes, hex; "" if the file was not read yet. Two files may share it.
        width: upright width in px, 0 if unknown.
        height: upright height in px, 0 if unknown.
        format: as the decoder names it, "" if unknown.
        class_id: the label, None if there is none.
        class_name: the label's name.
        split: None before the project was split.
        group: images with the same group never straddle a split.
        reason: why the image is in quarantine, in plain words; None = readable.
        metadata: the image's row in the table of labels, with what people noted over it; column to text.
        facts: the file's own metadata (camera, date, patient number, bits …).
        marks: set by a person, beside the label.
        readings: the classes given by further readers: reader to class id.
    """

    id: int
    path: Path
    content: str
    width: int
    height: int
    format: str
    class_id: int | None
    class_name: str | None
    split: Split | None
    group: str | None
    reason: str | None
    metadata: Mapping[str, str]
    facts: Mapping[str, str]
    marks: frozenset[Mark] = frozenset()
    readings: Mapping[str, int] = field(default_factory=dict)

    @property
    def was_read(self) -> bool:
        """Whether its file was read and is readable; a scan lists files before it reads them."""
        return self.reason is None and bool(self.content)

    @property
    def picture(self) -> str:
        """A key for the picture: its content hash, or its path until it was read."""
        return self.content or str(self.path)


@dataclass(frozen=True, slots=True)
class Reading:
    """The classes that several readers give one image.

    Attributes:
        image_id: the image.
        class_id: its label, None if it has none.
        others: further reader to class id.
    """

    image_id: int
    class_id: int | None
    others: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ImageEvent:
    """One line of an image's history.

    Attributes:
        at: when, with time zone.
        author: who.
        how: "folder", "table", "person", "undo", "redo", "changed" (the file's content changed, the label
            was kept) or "joined" (it came after the split).
        before: class name, or the field's value, before; None = there was none.
        after: the same after.
        verb: the action in words.
        field: "label", "split", "group" (by hand), "unsure", "excluded", "forgotten", "noted:COLUMN",
            "reading:READER" or "dismissed:FINDING".
    """

    at: datetime
    author: str
    how: str
    before: str | None
    after: str | None
    verb: str
    field: str = "label"


@dataclass(frozen=True, slots=True)
class Action:
    """One undoable action: what the Undo menu names and takes back in one step.

    Attributes:
        id: stable number.
        verb: in words.
        at: when.
        image_ids: the images it changed; empty where it changed more than 1,000, or classes, splits or
            groups: then anything may look different.
    """

    id: int
    verb: str
    at: datetime
    image_ids: tuple[int, ...]


@dataclass(frozen=True)
class Columns:
    """The columns of a table of labels by their use; names as in ``ColumnGuess.headers``."""

    image: str
    label: str
    group: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class ColumnGuess:
    """What a table of labels looks like, to be shown to and corrected by the user.

    Attributes:
        columns: the guess.
        headers: all column names, in order.
        rows: the first 20 rows, each as long as ``headers``.
        matched: rows whose image was found.
        total: rows.
    """

    columns: Columns
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    matched: int
    total: int


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of pictures, and the table of labels that belongs to it, if any."""

    id: int
    images: Path
    labels: Path | None
    columns: Columns | None


@dataclass(frozen=True)
class ScanReport:
    """What the last scan found; the numbers are images.

    Attributes:
        added: read for the first time.
        moved: known content at a new place; label, split and history were kept.
        changed: same place, new content; the label was kept, which the history records.
        missing: known, but no longer there (all of them, not only the new ones).
        quarantined: there, but unreadable (all of them).
        unchanged: as they were.
        rows_without_file: image names in tables of labels for which there is no file.
        files_without_row: files (relative paths) that their table of labels does not name.
        notes: anything else worth knowing, one sentence each.
        understood: those of the notes that tell how folders and tables were understood.
        identifying: a sentence if there are images that may identify a person.
        changed_ids: the images that changed, 10,000 at most.
    """

    added: int = 0
    moved: int = 0
    changed: int = 0
    missing: int = 0
    quarantined: int = 0
    unchanged: int = 0
    rows_without_file: tuple[str, ...] = ()
    files_without_row: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    identifying: str = ""
    changed_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Facts:
    """The project in numbers, as far as a recipe needs them.

    Attributes:
        images: all images, readable or not.
        labelled: readable images with a label, excluded ones apart.
        quarantined: images that cannot be read, missing files included.
        class_counts: (class name, labelled readable images), in the classes' order.
        split_counts: labelled readable images in each split.
        groups: number of different groups.
        median_width: px, of the readable images; 0 if there are none.
        median_height: px.
        grey: at least 95 % of the readable images hold no colour.
        excluded: readable images that a person left out.
        unread: images that a scan has listed but not read yet.
    """

    images: int
    labelled: int
    quarantined: int
    class_counts: tuple[tuple[str, int], ...]
    split_counts: Mapping[Split, int]
    groups: int
    median_width: int
    median_height: int
    grey: bool
    excluded: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Facts about a column of the images' table and notes, over the usable, labelled images.

    Attributes:
        name: the column's.
        images: all these images.
        filled: those that have a value.
        words: different values.
        numeric: everything known is a number.
        role: what the column is used for: the class, the file, the group, the split; None for any other.
        tells: how well it alone predicts the class, 0..1: the mean share of each class's images whose class
            most other images with the same value have.
    """

    name: str
    images: int
    filled: int
    words: int
    numeric: bool
    role: Role | None
    tells: float


@dataclass(frozen=True)
class Filter:
    """Which images are wanted; all given conditions hold.

    Quarantined images appear only with ``quarantined=True`` (then only they do) or when nothing is asked for,
    or by number; excluded ones only with that mark, when nothing is asked for, or by number. Forgotten ones
    appear by number only, until their files are back.

    Attributes:
        class_id: with this label.
        unlabelled: without a label.
        quarantined: that cannot be read.
        missing: whose file is no longer there.
        split: in this split.
        mark: so marked.
        text: in the path, upper and lower case alike.
        values: with these values of columns (column, text).
        reader: labels are those of this further reader.
        rendered: for which it matters how the project reads deep pictures and stacks.
        ids: only these.
    """

    class_id: int | None = None
    unlabelled: bool = False
    quarantined: bool = False
    missing: bool = False
    split: Split | None = None
    mark: Mark | None = None
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    reader: str | None = None
    rendered: bool = False
    ids: tuple[int, ...] | None = None
