"""Splits the project's images, keeping the splits given by folders and tables."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from tldesk.base import Problem, ProblemError
from tldesk.dataset.groups import rules
from tldesk.dataset.groups.ties import Alike, Tied, ties
from tldesk.dataset.records import Split
from tldesk.dataset.splits.partition import SPLITS, Candidate, divide
from tldesk.dataset.store import journal, meta
from tldesk.dataset.store.changes import Changes, Edit, image_edits, setting_edits
from tldesk.dataset.store.class_table import all_classes
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.store.sql_conditions import READ

DEFAULT_SHARES = (0.7, 0.15, 0.15)  # of train, validation and test
LOCK = "test_locked"  # the setting that locks the test set


@dataclass(frozen=True)
class SplitRule:
    """The settings of a split; stored, so that images added later are split in the same way.

    Attributes:
        shares: relative sizes of train, validation and test.
        seed: seed of the random division.
        keep_given: whether splits given by folders and tables are kept.
        tie_alike: whether near duplicates go to the same split.
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
    """Split all readable images again; the caller holds the transaction.

    The split can be undone, together with ``also``, unless it is the first. If the rule says so, given splits
    (of labelled images) are kept. If train and test are given without validation, validation images are taken
    from train. If train and validation are given without test, there is no test set. If only train or nothing
    is given, all images are divided. Pairs in ``alike`` go to the same split. If the test set is locked, its
    images stay there, other images of their groups join them, and only the rest is divided.

    Raises:
        ProblemError: the shares are invalid, there is no readable image, or nothing would be left to train on
            beside the locked test set.
    """
    _check_shares(rule.shares)
    images = _images(connection)
    if not images:
        raise ProblemError(
            Problem(
                "split", "the project has no readable image to split", "Add a folder of pictures and scan it"
            )
        )
    locked = is_locked(connection)
    task, shares = _new_task(connection, images, rule, alike, locked)
    to = _divide(connection, task)
    if locked:
        _refuse_nothing_left(images, to)
    settings = {
        "split": json.dumps(asdict(rule)),
        "split_shares": json.dumps({str(name): share for name, share in shares.items()}),
    }
    edits = [*also, *_split_edits(connection, to, locked), *setting_edits(connection, settings)]
    again = meta.get(connection, "split") is not None
    journal.record(connection, JournalEntry("Split the images", undoable=again), Changes((), edits))
    counts = Counter(to.values())
    return {name: counts[name] for name in SPLITS}


def _new_task(
    connection: sqlite3.Connection,
    images: Sequence[_Image],
    rule: SplitRule,
    alike: Sequence[Alike],
    locked: bool,
) -> tuple[_Task, dict[Split, float]]:
    """Return the task of a new split, and the shares for images added later."""
    fixed, shares = _given(images, rule)
    numbers = ties(images, alike)
    held = {tie for tie, stands in zip(numbers, fixed, strict=True) if stands is not None}
    # If an image in train/ is tied to one in test/, the given splits already leak; moving the image would
    # change the given test set, so it stays.
    fixed = [
        image.given if stands is None and rule.keep_given and tie in held else stands
        for image, tie, stands in zip(images, numbers, fixed, strict=True)
    ]
    if not locked:
        return _Task(images, numbers, with_their_groups(images, fixed, {}), shares, rule.seed), shares
    kept = [
        Split.TEST if image.now == Split.TEST else stands for image, stands in zip(images, fixed, strict=True)
    ]
    task = _Task(images, numbers, kept, shares, rule.seed)
    return _beside_locked(task, _sides(connection, "split = 'test'")), shares


def _beside_locked(task: _Task, test_groups: Mapping[str, Split]) -> _Task:
    """Return the task with a locked test set: only images that belong to it are added to it.

    Images that a folder or table assigns to the test set, but that are not in it, get no split until it is
    unlocked.
    """
    fixed = [
        Split.TEST if image.group in test_groups else stands
        for image, stands in zip(task.images, task.fixed, strict=True)
    ]
    inside = [
        stands == Split.TEST and (image.now == Split.TEST or image.group in test_groups)
        for image, stands in zip(task.images, fixed, strict=True)
    ]
    test_ties = {tie for tie, within in zip(task.ties, inside, strict=True) if within}
    waiting = [
        stands == Split.TEST and tie not in test_ties for tie, stands in zip(task.ties, fixed, strict=True)
    ]
    stay = [place for place, waits in enumerate(waiting) if not waits]
    images = [task.images[place] for place in stay]
    grouped = with_their_groups(images, [fixed[place] for place in stay], {})
    numbers = [task.ties[place] for place in stay]
    drawn = [
        Split.TEST if stands is None and tie in test_ties else stands
        for tie, stands in zip(numbers, grouped, strict=True)
    ]
    return _Task(images, numbers, drawn, _without_test(task.shares), task.seed)


def with_their_groups(
    images: Sequence[Tied], fixed: Sequence[Split | None], sides: Mapping[str, Split]
) -> list[Split | None]:
    """Return ``fixed`` with each free image of a group assigned to the split of its group.

    Near duplicates may connect groups of different splits; without this, a new image could be assigned to the
    split of the other group. ``sides`` contains the splits of groups that are known from other images.
    """
    votes: dict[str, Counter[Split]] = {}
    for image, stands in zip(images, fixed, strict=True):
        if stands is not None and image.group is not None:
            votes.setdefault(image.group, Counter())[stands] += 1
    sides = {group: min(found, key=lambda one: (-found[one], one)) for group, found in votes.items()} | dict(
        sides
    )
    return [
        sides.get(image.group) if stands is None and image.group is not None else stands
        for image, stands in zip(images, fixed, strict=True)
    ]


def _sides(connection: sqlite3.Connection, which: str) -> dict[str, Split]:
    """Return the split of each group, by majority of its images that meet the SQL condition ``which``."""
    rows = connection.execute(
        f"""SELECT group_name, split, COUNT(*) AS number FROM images
        WHERE group_name IS NOT NULL AND split IS NOT NULL AND {which}
        GROUP BY group_name, split ORDER BY number, split DESC"""  # noqa: S608
    )
    return {group: Split(name) for group, name, _ in rows}


def _refuse_nothing_left(images: Sequence[_Image], to: Mapping[int, Split]) -> None:
    labelled = [to[image.id] for image in images if image.class_id is not None and image.id in to]
    if labelled and Split.TRAIN not in labelled:
        raise ProblemError(
            Problem(
                "test set",
                "everything belongs together with images of the locked test set, so nothing would be left to"
                " train on",
                "Choose another rule for what belongs together, or unlock the test set first",
            )
        )


def _split_edits(connection: sqlite3.Connection, to: Mapping[int, Split], locked: bool) -> list[Edit]:
    """Return the edits that assign the splits in ``to`` and remove all other images from their splits.

    A locked test set also keeps its images that cannot be read at the moment.
    """
    rows = connection.execute("SELECT id, split FROM images ORDER BY id").fetchall()
    kept = {number: Split.TEST for number, was in rows if locked and was == Split.TEST}
    return image_edits("split", [(number, was, to.get(number, kept.get(number))) for number, was in rows])


def is_locked(connection: sqlite3.Connection) -> bool:
    """Return whether the test set is locked."""
    return meta.get(connection, LOCK) is not None


def lock_edits(connection: sqlite3.Connection, locked: bool) -> list[Edit]:
    """Return the edits that lock or unlock the test set; none if nothing changes.

    Raises:
        ProblemError: there is no test image to lock.
    """
    if locked and not connection.execute("SELECT 1 FROM images WHERE split = 'test' LIMIT 1").fetchone():
        fix = "Split the images first, with a share for the test set"
        raise ProblemError(Problem("test set", "there are no test images to lock", fix))
    now = meta.get(connection, LOCK)
    after = "yes" if locked else None
    return [] if now == after else [Edit("setting", 0, LOCK, now, after)]


def kept_rule(connection: sqlite3.Connection) -> SplitRule | None:
    """Return the rule of the last ``split``, None before the first."""
    kept = meta.get(connection, "split")
    if kept is None:
        return None
    values = json.loads(kept)
    return SplitRule(**values | {"shares": tuple(values["shares"])})


def rule_to_extend(connection: sqlite3.Connection) -> SplitRule | None:
    """Return the rule of the last ``split`` if readable images were added after it; else None."""
    rule = kept_rule(connection)
    if rule is None:
        return None
    late = f"SELECT 1 FROM images WHERE {READ} AND split IS NULL"  # noqa: S608
    if rule.keep_given and is_locked(connection):  # images waiting for the unlocking cannot join
        late += """ AND (given_split IS NOT 'test' OR group_name IN
            (SELECT group_name FROM images WHERE split = 'test'))"""
    return None if connection.execute(f"{late} LIMIT 1").fetchone() is None else rule


def extend_split(connection: sqlite3.Connection, rule: SplitRule, alike: Sequence[Alike]) -> None:
    """Assign images added after the last ``split`` to splits; no other image changes its split.

    Only images of its own groups are added to a locked test set.
    """
    images = _images(connection)
    sides = _sides(connection, f"NOT ({READ})") | _sides(connection, READ)
    stands = with_their_groups(images, [image.now for image in images], sides)
    fixed = [
        side or (image.given if rule.keep_given else None) for image, side in zip(images, stands, strict=True)
    ]
    kept: dict[str, float] = json.loads(meta.get(connection, "split_shares") or "{}")
    shares = {Split(name): share for name, share in kept.items()}
    task = _Task(images, ties(images, alike), fixed, shares, rule.seed)
    if is_locked(connection):
        task = _joining_locked(task, stands)
    to = _divide(connection, replace(task, fixed=with_their_groups(task.images, task.fixed, {})))
    edits = image_edits("split", [(image.id, image.now, to.get(image.id, image.now)) for image in images])
    entry = JournalEntry("Joined the split", "joined", undoable=False)
    journal.record(connection, entry, Changes((), edits))


def _joining_locked(task: _Task, stands: Sequence[Split | None]) -> _Task:
    """Return the task without images that folders or tables assign to the locked test set; its share is 0."""
    at_home = {tie for tie, side in zip(task.ties, stands, strict=True) if side == Split.TEST}
    stay = [
        place
        for place, (tie, stand, side) in enumerate(zip(task.ties, task.fixed, stands, strict=True))
        if side is not None or stand != Split.TEST or tie in at_home
    ]
    return _Task(
        [task.images[place] for place in stay],
        [task.ties[place] for place in stay],
        [task.fixed[place] for place in stay],
        _without_test(task.shares),
        task.seed,
    )


def _without_test(shares: Mapping[Split, float]) -> dict[Split, float]:
    return {name: 0.0 if name == Split.TEST else share for name, share in shares.items()}


def undo_late_joins(connection: sqlite3.Connection, action: int) -> bool:
    """Complete the undo or redo of a split or of a group rule; return whether the action was one of these.

    The group rule is applied to all images. Images added to a split later are removed from it, so that
    ``extend_split`` can assign them again.
    """
    names = {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT name FROM edits WHERE action_id = ? AND name IN ('split', 'group_by', ?)",
            (action, LOCK),
        )
    }
    if "group_by" in names:
        rules.apply_stored_groups(connection)
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


def given_counts(connection: sqlite3.Connection) -> dict[Split, int]:
    """Return the number of labelled, readable images by the split that folders or a table give."""
    rows = connection.execute(
        f"""SELECT given_split, COUNT(*) FROM images
        WHERE {READ} AND class_id IS NOT NULL AND given_split IS NOT NULL GROUP BY given_split"""  # noqa: S608
    )
    counts = {Split(name): count for name, count in rows}
    return {name: counts[name] for name in SPLITS if name in counts}


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
                f"{', '.join(map(str, shares))} are not valid shares of train, validation and test",
                "Give three numbers that are not negative, the first above zero, such as 0.7, 0.15, 0.15",
            )
        )


def _given(images: Sequence[_Image], rule: SplitRule) -> tuple[list[Split | None], dict[Split, float]]:
    """Return the given splits to keep, by image, and the shares for all other images."""
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
    """Return the split of each image by id."""
    index: dict[int | None, int] = {one.id: place for place, one in enumerate(all_classes(connection))}
    candidates = [
        Candidate(index.get(image.class_id, -1), tie, image.content, stands)
        for image, tie, stands in zip(task.images, task.ties, task.fixed, strict=True)
    ]
    result = divide(candidates, task.shares, task.seed)
    return {image.id: to for image, to in zip(task.images, result, strict=True)}
