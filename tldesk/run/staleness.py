"""Detects what has changed about a run's images since its snapshot.

The run's metrics refer to the labels of that time.

States are compared, not the journal's entries: a label that was changed and changed back does not count, and
undo makes a run up to date again. Classes are compared by their ids, so renaming a class changes no label;
but the run and its model file know it by another name, so the run is stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset import Split
from tldesk.dataset.current_state import NO_CLASS, CurrentState, short_content, split_code
from tldesk.run.names_today import ClassNames, class_names

if TYPE_CHECKING:
    from tldesk.run.run import Run


@dataclass(frozen=True, slots=True)
class Staleness:
    """Images of a run that have changed, by kind of change; an image may be listed in several.

    Attributes:
        relabelled: images with another label, or none.
        excluded: images that were excluded since.
        moved: images in another split, or in none.
        redrawn: images whose file content has changed.
        renamed: classes that have another name today, as (then, today).
    """

    relabelled: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    redrawn: tuple[int, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of all changed images, each once."""
        return tuple(dict.fromkeys((*self.relabelled, *self.excluded, *self.redrawn, *self.moved)))

    def __bool__(self) -> bool:
        return bool(self.ids or self.renamed)

    def as_dict(self) -> dict[str, int]:
        """Return the number of images per kind, and of renamed classes, for JSON."""
        return {
            "relabelled": len(self.relabelled),
            "excluded": len(self.excluded),
            "moved": len(self.moved),
            "redrawn": len(self.redrawn),
            "renamed": len(self.renamed),
        }


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class _Kept:
    """A snapshot as arrays, in the order of its items; ``labels`` are indices into ``classes``."""

    ids: NDArray[np.int64]
    contents: NDArray[np.uint64]
    labels: NDArray[np.int64]
    splits: NDArray[np.int8]
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]


_shared: WeakValueDictionary[bytes, _Kept] = WeakValueDictionary()


def staleness(run: Run, now: CurrentState, split: str | None = None) -> Staleness:
    """Return what changed about a run's images, or about those of one split.

    If a run's snapshot is damaged, no changes are reported.
    """
    file = run.record.snapshot_file
    try:
        kept = _kept(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return Staleness()
    return _compared(kept, now, split, dealt=run.files.fold.is_file())


def names_of_run(run: Run, now: CurrentState) -> ClassNames | None:
    """Return the names of a run's classes then and today; None if its snapshot is damaged."""
    file = run.record.snapshot_file
    try:
        kept = _kept(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
    return class_names(kept.classes, kept.class_ids, now)


def classes_then(classes: Sequence[str], class_ids: Sequence[int], now: CurrentState) -> tuple[int, ...]:
    """Return the current class id for each of a run's classes; 0 for a deleted or merged class.

    Snapshots of earlier versions have no class ids; their classes are found by name.
    """
    ids = class_ids or [now.class_named(name) for name in classes]
    taken = {number for number in ids if number in now.names}
    found = []
    for number, name in zip(ids, classes, strict=True):
        again = now.class_named(name)  # deleted, and created again with the same name
        there = number if number in now.names else again
        found.append(NO_CLASS if number not in now.names and again in taken else there)
    return tuple(found)


def _compared(kept: _Kept, now: CurrentState, split: str | None, *, dealt: bool) -> Staleness:
    """``dealt``: the run is a fold, so training and validation images count as one split."""
    places = now.places(kept.ids)
    asked = places >= 0
    if split is not None:
        asked &= kept.splits == split_code(split)
    ids, places = kept.ids[asked], places[asked]
    then = np.array(classes_then(kept.classes, kept.class_ids, now), dtype=np.int64)[kept.labels[asked]]
    contents, known = now.contents[places], kept.contents[asked]

    def which(differs: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(ids[differs].tolist())

    return Staleness(
        which((now.labels[places] != then) | (then == NO_CLASS)),
        which(now.excluded[places]),
        which(_learnt(now.splits[places], dealt) != _learnt(kept.splits[asked], dealt)),
        which((contents != known) & (contents != 0)),
        _renamed(kept, now),
    )


def _renamed(kept: _Kept, now: CurrentState) -> tuple[tuple[str, str], ...]:
    """Return the classes with another name today; deleted and merged ones are no such classes."""
    names = class_names(kept.classes, kept.class_ids, now)
    there = dict(zip(names.then, kept.class_ids, strict=False))
    return tuple(pair for pair in names.renamed if there.get(pair[0]) in now.names)


def _learnt(splits: NDArray[np.int8], dealt: bool) -> NDArray[np.int8]:
    if not dealt:
        return splits
    return np.where(splits == split_code(Split.VALIDATION), split_code(Split.TRAIN), splits).astype(np.int8)


@lru_cache(maxsize=64)
def _kept(file: Path, _changed: int) -> _Kept:
    """Load a snapshot.

    It never changes, so runs of the same images share one in memory and it is parsed only once.
    """
    data = file.read_bytes()
    digest = hashlib.blake2b(data, digest_size=16).digest()
    kept = _shared.get(digest)
    if kept is None:
        kept = _shared[digest] = _parsed(data)
    return kept


def _parsed(data: bytes) -> _Kept:
    """Parse only what is compared, without creating 100,000 objects."""
    document = json.loads(data)
    items = document["items"]
    return _Kept(
        np.array([row[0] for row in items], dtype=np.int64),
        np.array([short_content(row[2]) for row in items], dtype=np.uint64),
        np.array([row[3] for row in items], dtype=np.int64),
        np.array([split_code(row[4]) for row in items], dtype=np.int8),
        tuple(map(str, document["classes"])),
        tuple(map(int, document.get("class_ids", ()))),
    )
