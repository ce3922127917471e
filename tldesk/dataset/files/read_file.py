"""Reads one file once: its hash, its facts and its fingerprint, or the reason why it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tldesk.dataset.files.fingerprint import Fingerprint, fingerprint_of
from tldesk.imaging import PictureFacts, PreparedCache, UnreadableImage, content_hash

IDENTIFYING = "identifying"
"""The fact that names what in the file may identify a person; see ``imaging.identifying_tags``."""
_FINGERPRINT_SIDE = 64  # px


@dataclass(frozen=True)
class FileReading:
    """The result of reading a file; ``reason`` tells why it cannot be read, None if it can."""

    content: str
    facts: PictureFacts | None
    fingerprint: Fingerprint | None
    reason: str | None

    @property
    def facts_json(self) -> str:
        """The file's metadata (JSON), as stored."""
        if self.facts is None:
            return "{}"
        own = {"mode": self.facts.mode, "bits": str(self.facts.bits)}
        if self.facts.frames > 1:
            own["frames"] = str(self.facts.frames)
        if self.facts.orientation != 1:
            own["orientation"] = str(self.facts.orientation)
        if self.facts.traces or "PatientID" in self.facts.tags:  # empty: looked for, and the file denies it
            own[IDENTIFYING] = ", ".join(self.facts.traces)
        return json.dumps({**own, **self.facts.tags}, ensure_ascii=False)


def file_reader(prepared: PreparedCache) -> Callable[[Path], FileReading]:
    """A function that reads a file once, hashes and decodes it; it raises nothing for a bad file."""
    read = prepared.first_reader(_FINGERPRINT_SIDE)

    def read_once(path: Path) -> FileReading:
        found = read(path)
        if found.picture is None:
            return FileReading(found.content, None, None, found.reason)
        return FileReading(found.content, found.picture.facts, fingerprint_of(found.picture.pixels), None)

    return read_once


def hash_or_none(path: Path) -> str | None:
    """The content hash, None if the file cannot be read."""
    try:
        return content_hash(path)
    except UnreadableImage:
        return None
