"""Reads a file once for its hash, facts and fingerprint, or the reason why it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tldesk.dataset.files.fingerprint import Fingerprint, fingerprint_of
from tldesk.imaging import PictureFacts, PreparedCache, UnreadableImage, content_hash

IDENTIFYING = "identifying"
"""Name of the fact that lists the traces of a person in the file; see ``imaging.identifying_tags``."""
_FINGERPRINT_SIDE = 64  # px


@dataclass(frozen=True)
class FileReading:
    """The result of reading a file; ``reason`` says why it cannot be read, None if it can."""

    content: str
    facts: PictureFacts | None
    fingerprint: Fingerprint | None
    reason: str | None

    @property
    def facts_json(self) -> str:
        """The file's metadata as stored in the database (JSON)."""
        if self.facts is None:
            return "{}"
        own = {"mode": self.facts.mode, "bits": str(self.facts.bits)}
        if self.facts.frames > 1:
            own["frames"] = str(self.facts.frames)
        if self.facts.orientation != 1:
            own["orientation"] = str(self.facts.orientation)
        if self.facts.traces or "PatientID" in self.facts.tags:  # "": checked, and none declared
            own[IDENTIFYING] = ", ".join(self.facts.traces)
        return json.dumps({**own, **self.facts.tags}, ensure_ascii=False)


def file_reader(prepared: PreparedCache) -> Callable[[Path], FileReading]:
    """Return a function that reads, hashes and decodes a file; it raises no exception for a bad file."""
    read = prepared.first_reader(_FINGERPRINT_SIDE)

    def read_once(path: Path) -> FileReading:
        found = read(path)
        if found.picture is None:
            return FileReading(found.content, None, None, found.reason)
        return FileReading(found.content, found.picture.facts, fingerprint_of(found.picture.pixels), None)

    return read_once


def hash_or_none(path: Path) -> str | None:
    """Return the content hash, None if the file cannot be read."""
    try:
        return content_hash(path)
    except UnreadableImage:
        return None
