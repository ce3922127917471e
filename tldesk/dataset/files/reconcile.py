"""Matches known images with found files: pure functions, without disk or database.

A label belongs to a picture, so the content takes precedence over the path: after a renumbering (1.jpg
deleted, 2.jpg renamed to 1.jpg …) each label is still on its own picture. A file counts as changed only if
its old content is nowhere else. It keeps its label, because an edited picture most likely still shows the
same; the change is recorded in its history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tldesk.dataset.files.walk import FileStat

Place = tuple[int, str]  # source, relative path
_Sign = str | FileStat | None  # what identifies the file of a known image after a move


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image as stored in the database."""

    id: int
    place: Place
    stat: FileStat
    content: str
    missing: bool
    readable: bool

    @property
    def unread(self) -> bool:
        """Whether it was listed by a scan that was stopped before reading it."""
        return self.readable and not self.content


@dataclass
class Comparison:
    """Known images compared with found files, by path, size and time only.

    Attributes:
        unchanged: same path, size and time.
        returned: missing before, now back unchanged.
        retry: unchanged, but not read or unreadable last time.
        altered: same path, different size or time.
        vanished: no file at their path.
        new: files at new paths.
    """

    unchanged: list[KnownImage] = field(default_factory=list)
    returned: list[KnownImage] = field(default_factory=list)
    retry: list[KnownImage] = field(default_factory=list)
    altered: list[KnownImage] = field(default_factory=list)
    vanished: list[KnownImage] = field(default_factory=list)
    new: list[Place] = field(default_factory=list)

    @property
    def needs_hashes(self) -> bool:
        """Whether content hashes are needed, because known content may have moved to another path."""
        return any(not image.unread for image in (self.altered + self.vanished if self.new else self.altered))


def compare(known: Iterable[KnownImage], found: Mapping[Place, FileStat]) -> Comparison:
    """Sort known images and found files into the categories of ``Comparison``.

    A missing image returns only if the file at its path is unchanged; otherwise the file is a new image.
    """
    result = Comparison()
    taken: set[Place] = set()
    for image in sorted(known, key=lambda one: one.missing):  # existing images come before missing ones
        stat = found.get(image.place)
        if stat is None or image.place in taken or (image.missing and stat != image.stat):
            result.vanished.append(image)
            continue
        taken.add(image.place)
        _kind(result, image, stat).append(image)
    result.new = [place for place in found if place not in taken]
    return result


def _kind(result: Comparison, image: KnownImage, stat: FileStat) -> list[KnownImage]:
    if stat != image.stat:
        return result.altered
    if image.unread or not image.readable:
        return result.retry
    return result.returned if image.missing else result.unchanged


@dataclass
class Decision:
    """The changes to write for each image.

    Attributes:
        same: same content at the same path; only size and time are updated.
        moved: known content at a new path.
        changed: new content at the same path; the image keeps its label.
        added: new images.
        gone: images whose content was not found.
    """

    same: list[KnownImage] = field(default_factory=list)
    moved: list[tuple[KnownImage, Place]] = field(default_factory=list)
    changed: list[KnownImage] = field(default_factory=list)
    added: list[Place] = field(default_factory=list)
    gone: list[KnownImage] = field(default_factory=list)


def decide(
    comparison: Comparison, hashes: Mapping[Place, str | None], found: Mapping[Place, FileStat]
) -> Decision:
    """Match altered and vanished images with altered and new files by content.

    Images that were never read have no content hash, so size and time are used instead.

    Args:
        comparison: result of ``compare``.
        hashes: content hashes of the files at altered and new paths; None or absent if not readable or read.
        found: size and time of the found files.
    """
    same = {
        image.id for image in comparison.altered if image.content and hashes.get(image.place) == image.content
    }
    loose = [image for image in comparison.altered if image.id not in same]
    targets = [image.place for image in loose] + comparison.new
    lost = loose + comparison.vanished
    moved = _pairs(
        [(image, image.content) for image in lost if not image.unread],
        [(place, hashes.get(place)) for place in targets],
    )
    taken = {place for _, place in moved}
    moved += _pairs(
        [(image, image.stat) for image in lost if image.unread],
        [(place, found[place]) for place in targets if place not in taken],
    )
    ids = {image.id for image, _ in moved}
    taken = {place for _, place in moved}
    changed = [image for image in loose if image.id not in ids and image.place not in taken]
    kept = {image.place for image in changed}
    stay = {image.id for image in changed}
    return Decision(
        same=[image for image in comparison.altered if image.id in same],
        moved=moved,
        changed=changed,
        added=[place for place in targets if place not in taken and place not in kept],
        gone=[image for image in lost if image.id not in ids and image.id not in stay],
    )


def _pairs(
    images: Sequence[tuple[KnownImage, _Sign]], places: Iterable[tuple[Place, _Sign]]
) -> list[tuple[KnownImage, Place]]:
    """Pair images and places with the same sign; equal file names are preferred, then the order."""
    free: dict[_Sign, list[Place]] = defaultdict(list)
    for place, sign in places if images else ():
        if sign:
            free[sign].append(place)
    pairs = []
    for image, sign in images:
        # The content of an unreadable image is "", which matches no file.
        candidates = free.get(sign)
        if candidates:
            name = _name(image.place)
            place = next((one for one in candidates if _name(one) == name), candidates[0])
            candidates.remove(place)
            pairs.append((image, place))
    return pairs


def _name(place: Place) -> str:
    return place[1].rpartition("/")[2]
