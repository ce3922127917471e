"""Reads one file once: its hash, its facts and its look, or the reason why it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tldesk.dataset.files.fingerprint import Look, look_of
from tldesk.imaging import PictureFacts, PreparedCache, UnreadableImage, content_hash

IDENTIFYING = "identifying"
"""The fact that names what in the file may identify a person; see ``imaging.traces``."""
_LOOK_SIDE = 64  # px


@dataclass(frozen=True)
class Probe:
    """What a file turned out to be; ``reason`` is None if it is readable."""

    content: str
    facts: PictureFacts | None
    look: Look | None
    reason: str | None

    @property
    def facts_json(self) -> str:
        """What the file says of itself, as stored."""
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


def prober(prepared: PreparedCache) -> Callable[[Path], Probe]:
    """A function that hashes and decodes a file, once; it never raises for what the file is."""
    look = prepared.first_reader(_LOOK_SIDE)

    def probe(path: Path) -> Probe:
        found = look(path)
        if found.picture is None:
            return Probe(found.content, None, None, found.reason)
        return Probe(found.content, found.picture.facts, look_of(found.picture.pixels), None)

    return probe


def hash_or_none(path: Path) -> str | None:
    """The content hash, None if the file cannot be read."""
    try:
        return content_hash(path)
    except UnreadableImage:
        return None
