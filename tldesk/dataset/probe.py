"""Reads one file once: its hash, its facts and its look, or the reason why it cannot be read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tldesk.dataset.looks import Look, look_of
from tldesk.imaging import PictureFacts, UnreadableImage, content_hash, read_picture

_LOOK_SIDE = 64  # px; large JPEGs are decoded at an eighth for this


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
        return json.dumps({**own, **self.facts.tags}, ensure_ascii=False)


def probe(path: Path) -> Probe:
    """Hash and decode a file; never raises for what the file is."""
    content = ""
    try:
        content = content_hash(path)
        picture = read_picture(path, min_side=_LOOK_SIDE)
    except UnreadableImage as error:
        return Probe(content, None, None, str(error))
    return Probe(content, picture.facts, look_of(picture.pixels), None)


def hash_or_none(path: Path) -> str | None:
    """The content hash, None if the file cannot be read."""
    try:
        return content_hash(path)
    except UnreadableImage:
        return None
