"""Splitting the project's images, and keeping what folders and tables say about it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass

from tldesk.base import Problem, ProblemError
from tldesk.dataset import groups, journal, meta
from tldesk.dataset.bundles import bundle
from tldesk.dataset.changes import Changes, Edit, image_edits, setting_edits
from tldesk.dataset.classes import all_classes
from tldesk.dataset.conditions import READ
from tldesk.dataset.dividing import SPLITS, Candidate, divide
from tldesk.dataset.journal import Entry
from tldesk.dataset.records import Split

Alike = tuple[str, str, float]  # two contents that look alike, and how much


@dataclass(frozen=True)
class SplitRule:
    """How a project is split; kept, so that images that come later join in.

    Attributes:
        shares: of train, validation and test.
        seed: which of the possible splits.
        keep_given: folders' and tables' own splits stand.
        tie_alike: near duplicates go to the same split.
    """

    shares: tuple[float, float, float]
    seed: int
    keep_given: bool
    tie_alike: bool


@dataclass(frozen=True)
class _Image:
    id: int
    content: str
    class_id: int | None
    group: str | None
    given: Split | None
    now: Split | None


def split(
    connection: sqlite3.Connection, rule: SplitRule, alike: Sequence[Alike], also: Sequence[Edit] = ()
) -> Mapping[Split, int]:
    """Split all readable images anew; the caller holds the transaction.

    Undo takes it back, with ``also``, unless it is the first. Given splits (of labelled images) stand if the
    rule says so. Train and test without validation: validation is carved out of train. Train and validation
    without test: there is no test. Only train, or nothing: all are divided. Pairs in ``alike`` go to the same
    split.

    Raises:
        ProblemError: the shares make no sense, or there is no readable image.
    """
    _check_shares(rule.shares)
    images = _images(connection)
    if not images:
        raise ProblemError(
            Problem(
                "split", "the project has no readable image to split", "Add a folder of pictures and scan it"
            )
        )
    fixed, shares = _given(images, rule)
    ties = _ties(images, alike)
    held = {tie for tie, stands in zip(ties, fixed, strict=True) if stands is not None}
    # An image of train/ that is tied to one of test/ leaks already; moving it there would break the given
    # test set.
    fixed = [
        image.given if stands is None and rule.keep_given and tie in held else stands
        for image, tie, stands in zip(images, ties, fixed, strict=True)
    ]
    to = _divide(connection, _Task(images, ties, fixed, shares, rule.seed))
    settings = {
        "split": json.dumps(asdict(rule)),
        "split_shares": json.dumps({str(name): share for name, share in shares.items()}),
    }
    edits = [*also, *_split_edits(connection, to), *setting_edits(connection, settings)]
    again = meta.get(connection, "split") is not None
    journal.record(connection, Entry("Split the images", undoable=again), Changes((), edits))
    counts = Counter(to.values())
    return {name: counts[name] for name in SPLITS}


def _split_edits(connection: sqlite3.Connection, to: Mapping[int, Split]) -> list[Edit]:
    """What brings the images named in ``to`` into their splits, and all others out of theirs."""
    rows = connection.execute("SELECT id, split FROM images ORDER BY id")
    return image_edits("split", [(number, was, to.get(number)) for number, was in rows])


def rule_to_extend(connection: sqlite3.Connection) -> SplitRule | None:
    """The rule of the last ``split``, if there are readable images that came after it; else None."""
    kept = meta.get(connection, "split")
    late = f"SELECT 1 FROM images WHERE {READ} AND split IS NULL LIMIT 1"  # noqa: S608
    if kept is None or connection.execute(late).fetchone() is None:
        return None
    return SplitRule(**json.loads(kept))


def extend_split(connection: sqlite3.Connection, rule: SplitRule, alike: Sequence[Alike]) -> None:
    """Let images that came after the last ``split`` join it; nobody changes sides."""
    images = _images(connection)
    fixed = [image.now or (image.given if rule.keep_given else None) for image in images]
    kept: dict[str, float] = json.loads(meta.get(connection, "split_shares") or "{}")
    shares = {Split(name): share for name, share in kept.items()}
    to = _divide(connection, _Task(images, _ties(images, alike), fixed, shares, rule.seed))
    edits = image_edits("split", [(image.id, image.now, to[image.id]) for image in images])
    entry = Entry("Joined the split", "joined", undoable=False)
    journal.record(connection, entry, Changes((), edits))


def let_late_ones_go(connection: sqlite3.Connection, action: int) -> bool:
    """After undo or redo of a split or of a rule for groups: whether it was one.

    The rule is applied to all images; those that joined a split later leave it, for ``extend_split``.
    """
    names = {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT name FROM edits WHERE action_id = ? AND name IN ('split', 'group_by')", (action,)
        )
    }
    if "group_by" in names:
        groups.apply_stored_groups(connection)
    if "split" in names:
        connection.execute(
            """UPDATE images SET split = NULL WHERE id IN (
                SELECT subject FROM edits JOIN actions ON actions.id = action_id
                WHERE kind = 'image' AND name = 'split' AND how = 'joined' AND action_id > :action)
            AND id NOT IN (
                SELECT subject FROM edits WHERE kind = 'image' AND name = 'split' AND action_id = :action)""",
            {"action": action},
        )
    return bool(names)


_LARGEST_CHAIN = 0.2


def _images(connection: sqlite3.Connection) -> list[_Image]:
    rows = connection.execute(
        f"""SELECT id, content, class_id, group_name, given_split, split FROM images WHERE {READ}
        ORDER BY source_id, path, id"""  # noqa: S608
    )
    return [_Image(*row[:4], *(Split(name) if name else None for name in row[4:])) for row in rows]


def _check_shares(shares: Sequence[float]) -> None:
    if (
        len(shares) != len(SPLITS)
        or min(shares) < 0
        or not 0 < shares[0] < float("inf")
        or max(shares) == float("inf")
    ):
        raise ProblemError(
            Problem(
                "shares",
                f"{', '.join(map(str, shares))} are no shares of train, validation and test",
                "Give three numbers that are not negative, the first above zero, such as 0.7, 0.15, 0.15",
            )
        )


def _given(images: Sequence[_Image], rule: SplitRule) -> tuple[list[Split | None], dict[Split, float]]:
    """Which images stand where they are, and the shares for all others."""
    shares = dict(zip(SPLITS, rule.shares, strict=True))
    given = {image.given for image in images if image.class_id is not None and image.given is not None}
    if not rule.keep_given:
        return [None] * len(images), shares
    if not given - {Split.TRAIN}:
        return [image.given if image.class_id is None else None for image in images], shares
    stands = given if Split.VALIDATION in given else given - {Split.TRAIN}
    fixed = [image.given if image.given in stands or image.class_id is None else None for image in images]
    if Split.VALIDATION in given:
        shares = {name: share for name, share in shares.items() if name in given | {Split.TRAIN}}
    else:
        shares.pop(Split.TEST)
    return fixed, shares


@dataclass(frozen=True)
class _Task:
    images: Sequence[_Image]
    ties: Sequence[int]
    fixed: Sequence[Split | None]
    shares: Mapping[Split, float]
    seed: int


def _divide(connection: sqlite3.Connection, task: _Task) -> dict[int, Split]:
    """Image to its split."""
    index: dict[int | None, int] = {one.id: place for place, one in enumerate(all_classes(connection))}
    candidates = [
        Candidate(index.get(image.class_id, -1), tie, image.content, stands)
        for image, tie, stands in zip(task.images, task.ties, task.fixed, strict=True)
    ]
    result = divide(candidates, task.shares, task.seed)
    return {image.id: to for image, to in zip(task.images, result, strict=True)}


def _ties(images: Sequence[_Image], alike: Sequence[Alike]) -> list[int]:
    """The bundle of each image: the same group, the same bytes, or nearly the same look."""
    chains = _alike_chains(alike, len(images))
    keys: list[list[Hashable]] = []
    for image in images:
        own: list[Hashable] = [("content", image.content)]
        if image.content in chains:
            own.append(("alike", chains[image.content]))
        if image.group is not None:
            own.append(("group", image.group))
        keys.append(own)
    return bundle(keys)


def _alike_chains(alike: Sequence[Alike], images: int) -> dict[str, int]:
    """Content to the chain of near duplicates that it belongs to.

    Where a chain joins more than a fifth of the images, the set is alike throughout: tying it together would
    leave nothing to measure with, so that chain is left open.
    """
    contents = sorted({content for pair in alike for content in pair[:2]})
    pairs: dict[str, list[Hashable]] = {content: [] for content in contents}
    for pair in alike:
        for content in pair[:2]:
            pairs[content].append(pair)
    numbers = bundle([pairs[content] for content in contents])
    sizes = Counter(numbers)
    chains = dict(zip(contents, numbers, strict=True))
    return {
        content: number
        for content, number in chains.items()
        if sizes[number] <= max(2, _LARGEST_CHAIN * images)
    }
