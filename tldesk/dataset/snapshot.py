"""A snapshot: the labelled, readable images with a split at one moment; stored with the run trained on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tldesk.base import Problem, ProblemError
from tldesk.dataset.records import Split
from tldesk.imaging import AS_STORED, Rendering

_VERSION = 1
_OWN = ("image_id", "path", "content", "label", "split", "group")


@dataclass(frozen=True, slots=True)
class SnapshotItem:
    """One image of a snapshot.

    Attributes:
        label: index into the snapshot's classes.
        values: one text per column of the snapshot; "" if the image has no value.
    """

    image_id: int
    path: Path
    content: str
    label: int
    split: Split
    group: str | None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Images with their labels and splits, in a fixed order, independent of the database.

    Attributes:
        classes: class names in the project's order.
        items: the images in the project's order (by path).
        rendering: how deep pictures and stacks are read.
        class_ids: ids of the classes in the project, which identify them even after a renaming; empty in
            snapshots of earlier versions.
        columns: names of the metadata columns used as extra inputs.
    """

    classes: tuple[str, ...]
    items: tuple[SnapshotItem, ...]
    rendering: Rendering = AS_STORED
    class_ids: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Hash of classes, contents, labels, splits, rendering and columns; ignores paths and order."""
        rows = sorted((item.content, item.label, str(item.split), *item.values) for item in self.items)
        # The defaults add nothing, so that older snapshots, from before these settings, keep their hash.
        how: list[object] = [self.rendering.text] if self.rendering != AS_STORED else []
        how += [self.columns] if self.columns else []
        text = json.dumps([self.classes, rows, *how], ensure_ascii=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()

    def of(self, split: Split) -> tuple[SnapshotItem, ...]:
        """Return the items of one split."""
        return tuple(item for item in self.items if item.split == split)

    def to_json(self) -> str:
        """Return the text of a run folder's ``snapshot.json``."""
        items = [
            [
                item.image_id,
                str(item.path),
                item.content,
                item.label,
                str(item.split),
                item.group,
                *item.values,
            ]
            for item in self.items
        ]
        document = {
            "version": _VERSION,
            "fingerprint": self.fingerprint,
            "classes": list(self.classes),
            "rendering": self.rendering.text,
            "class_ids": list(self.class_ids),
            "columns": [*_OWN, *self.columns],
            "items": items,
        }
        return json.dumps(document, ensure_ascii=False, indent=None, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, where: str = "snapshot.json") -> Snapshot:
        """Parse the text written by ``to_json``.

        Raises:
            ProblemError: the text is not a snapshot, was written by a newer version, or does not match its
                fingerprint.
        """
        try:
            snapshot, fingerprint = _parse(json.loads(text))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise _damaged(where, "it is not a list of images that this version can read") from error
        if fingerprint != snapshot.fingerprint:
            raise _damaged(where, "its content does not match its own fingerprint")
        return snapshot


def _parse(document: Mapping[str, Any]) -> tuple[Snapshot, str]:
    if document["version"] != _VERSION:
        raise ValueError(f"version {document['version']}")
    items = tuple(
        SnapshotItem(
            int(row[0]),
            Path(row[1]),
            str(row[2]),
            int(row[3]),
            Split(row[4]),
            row[5],
            tuple(map(str, row[6:])),
        )
        for row in document["items"]
    )
    rendering = Rendering.of(document.get("rendering", AS_STORED.text))
    ids = tuple(map(int, document.get("class_ids", ())))
    columns = tuple(map(str, document.get("columns", _OWN)[len(_OWN) :]))
    if any(len(item.values) != len(columns) for item in items):
        raise ValueError("an image has more or fewer values than there are columns")
    snapshot = Snapshot(tuple(map(str, document["classes"])), items, rendering, ids, columns)
    return snapshot, str(document["fingerprint"])


def _damaged(where: str, what: str) -> ProblemError:
    return ProblemError(
        Problem(where, f"the snapshot cannot be used: {what}", "Start a new run; this one cannot be resumed")
    )
