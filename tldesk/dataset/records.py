"""The records returned by a project: frozen, and independent of the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from tldesk.dataset.left_out import NOTHING_LEFT_OUT, LeftOut

Role = Literal["label", "image", "group", "split"]


class Split(StrEnum):
    """The use of an image: for training, for choosing the best epoch, or for testing."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Mark(StrEnum):
    """A mark that a user can set on an image, in addition to its label.

    ``EXCLUDED`` images are kept and shown, but not used for training or testing. ``UNSURE`` images are used
    like any other; the mark says that their label needs a second check.
    """

    UNSURE = "unsure"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class of the project.

    Attributes:
        id: stable number in this project's database.
        name: as the user wrote it.
        position: position in the order of classes, from 0; also the label index in a snapshot.
        colour: "#rrggbb".
    """

    id: int
    name: str
    position: int
    colour: str


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image of the project.

    Attributes:
        id: stable number in this project's database; unchanged if the file is moved.
        path: current or last known path of the file.
        content: hash of the bytes, hex; "" if the file was not read yet. Identical files have the same hash.
        width: upright width in px, 0 if unknown.
        height: upright height in px, 0 if unknown.
        format: the decoder's name of the format, "" if unknown.
        class_id: the label, None if unlabelled.
        class_name: the class name of the label.
        split: None before the project was split.
        group: images with the same group are always in the same split; None if in no group.
        reason: why the image is in quarantine, in plain words; None if it is not.
        metadata: the image's row in the table of labels, overridden by notes; column -> text.
        facts: metadata from the file (camera, date, patient number, bits …).
        marks: marks set by a user.
        readings: the classes given by further readers; reader -> class id.
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
        """Whether the file has been read and is readable; a scan lists all files before it reads them."""
        return self.reason is None and bool(self.content)

    @property
    def picture(self) -> str:
        """A key for the picture: its content hash, or its path if it has not been read yet."""
        return self.content or str(self.path)


@dataclass(frozen=True, slots=True)
class Reading:
    """The classes that several readers have given one image.

    Attributes:
        image_id: the image.
        class_id: its label, None if unlabelled.
        others: the classes given by further readers; reader -> class id.
    """

    image_id: int
    class_id: int | None
    others: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ImageEvent:
    """One event in an image's history.

    Attributes:
        at: time of the event, with time zone.
        author: who caused it.
        how: "folder", "table", "person", "undo", "redo", "changed" (the file's content changed, the label
            was kept) or "joined" (added to a split after the project was split).
        before: class name, or the field's value, before the event; None if there was none.
        after: the same after the event.
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
    """An action that the Undo menu shows and undoes in one step.

    Attributes:
        id: stable number.
        verb: the action in words.
        at: time of the action.
        image_ids: the images it changed; empty if it changed more than 1,000 images, or classes, splits or
            groups, so that any image may be affected.
    """

    id: int
    verb: str
    at: datetime
    image_ids: tuple[int, ...]


@dataclass(frozen=True)
class Columns:
    """The columns of a table of labels, by use; names as in ``ColumnGuess.headers``.

    Attributes:
        image: the file name, or the whole path.
        label: the class; "" if ``one_hot`` gives it, or if it is not known.
        group: what belongs together, e.g. the patient.
        split: train, validation or test.
        folder: the folder of the file in ``image``, if that is a column of its own.
        one_hot: two or more columns, one a class, of which the class's own says yes.
    """

    image: str
    label: str
    group: str | None = None
    split: str | None = None
    folder: str | None = None
    one_hot: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The columns that give the class: one, or one a class; empty if that is not known."""
        return self.one_hot or ((self.label,) if self.label else ())

    def with_classes(self, names: Sequence[str]) -> Columns:
        """Return these columns with the class in one column, or in one column a class."""
        single = names[0] if len(names) == 1 else ""
        return replace(self, label=single, one_hot=tuple(names) if len(names) > 1 else ())

    def all(self) -> tuple[str, ...]:
        """Return the names of all the columns."""
        others = (self.image, self.folder, self.group, self.split)
        return tuple(name for name in (*others, *self.classes) if name is not None)

    def to_json(self) -> str:
        """Return the text that the database stores."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Columns:
        """Return the columns stored in a text."""
        stored = json.loads(text)
        return cls(**{**stored, "one_hot": tuple(stored.get("one_hot", ()))})


@dataclass(frozen=True)
class ColumnGuess:
    """The use of a table's columns, guessed or chosen, with a preview, for the user to check and correct.

    Attributes:
        columns: the guess; without classes if it is in doubt which column gives them.
        headers: all column names, in order.
        rows: the first 20 rows, each as long as ``headers``.
        matched: number of rows that name exactly one file that exists.
        total: number of rows.
        candidates: columns that may give the class, the likeliest first: one column, or one a class.
        classes: (class name, files) as the columns give them, in natural order; empty if that is in doubt.
        notes: how the table was read and what is odd about it, one sentence each without a closing stop.
    """

    columns: Columns
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    matched: int
    total: int
    candidates: tuple[tuple[str, ...], ...] = ()
    classes: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a person has to say which column gives the class."""
        return not self.columns.classes


@dataclass(frozen=True, slots=True)
class LayoutChoice:
    """How a user wants the folders to be taken.

    Attributes:
        depth: which folders are the classes: 1 = the outer ones, 2 = those inside them …, 0 = none; folders
            around everything and folders that are splits do not count. None leaves it to the program.
        splits: whether splits given by folders are kept.
    """

    depth: int | None = None
    splits: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of pictures, with its table of labels if it has one.

    Attributes:
        id: stable number in this project's database.
        images: the folder.
        labels: the table.
        columns: the use of the table's columns.
        layout: how the user wants the folders to be taken.
    """

    id: int
    images: Path
    labels: Path | None
    columns: Columns | None
    layout: LayoutChoice = LayoutChoice()


@dataclass(frozen=True)
class ScanReport:
    """The result of the last scan; the counts are numbers of images.

    Attributes:
        added: read for the first time.
        moved: known content at a new path; label, split and history were kept.
        changed: same path, new content; the label was kept, and the history records the change.
        missing: the file no longer exists (all such images, not only new ones).
        quarantined: the file exists but is unreadable (all such images).
        unchanged: neither of these.
        rows_without_file: image names in tables of labels for which there is no file.
        files_without_row: files (relative paths) that are not listed in their table of labels.
        notes: further remarks, one sentence each.
        understood: the notes that say how folders and tables were interpreted.
        identifying: a sentence if some images may identify a person, else "".
        changed_ids: ids of the changed images, 10,000 at most.
        left_out: what lies among the pictures and was not brought in.
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
    left_out: LeftOut = NOTHING_LEFT_OUT


@dataclass(frozen=True)
class Facts:
    """The counts and median sizes of a project that are needed to choose a recipe.

    Attributes:
        images: all images, readable or not.
        labelled: readable images with a label, without the excluded ones.
        quarantined: images that cannot be read, missing files included.
        class_counts: (class name, labelled readable images), in the order of classes.
        split_counts: labelled readable images in each split.
        groups: number of different groups.
        median_width: px, of the readable images; 0 if there are none.
        median_height: px.
        grey: whether at least 95 % of the readable images contain no colour.
        excluded: readable images that a user excluded.
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
    """Facts about a metadata column, over the usable, labelled images.

    Attributes:
        name: the column name.
        images: number of usable, labelled images.
        filled: number of them that have a value.
        words: number of different values.
        numeric: whether all values are numbers.
        role: use of the column: the class, the file, the group or the split; None for any other.
        tells: how well the column alone predicts the class, 0..1: the fraction of a class's images for which
            most other images with the same value are of that class, averaged over the classes.
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
    """Selects images; an image must meet all conditions that are set.

    Quarantined images are selected only with ``quarantined=True`` (then only they are), by an empty filter,
    or by id. Excluded images are selected only by their mark, by an empty filter, or by id. Forgotten images
    are selected only by id, until their files reappear.

    Attributes:
        class_id: images with this label.
        unlabelled: images without a label.
        quarantined: images that cannot be read.
        missing: images whose file no longer exists.
        split: images in this split.
        mark: images with this mark.
        text: images with this text in their path, ignoring case.
        values: images with these (column, text) values.
        reader: use the classes given by this further reader instead of the labels.
        rendered: images that the project's rendering (of deep pictures and stacks) affects.
        ids: only these images.
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
