"""Splitting the project's images, with the splits that folders and tables give kept."""

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
from tldesk.dataset.store.classes import all_classes
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.store.sql_conditions import READ

DEFAULT_SHARES = (0.7, 0.15, 0.15)  # of train, validation and test
LOCK = "test_locked"  # the setting that locks the test set


@dataclass(frozen=True)
class SplitRule:
    """How a project is split; stored, so that images added later join the split.

    Attributes:
        shares: of train, validation and test.
        seed: which of the possible splits.
        keep_given: splits given by folders and tables are kept.
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
    """Split all readable images again; the caller holds the transaction.

    Undo takes it back, with ``also``, unless it is the first. Given splits (of labelled images) stand if the
    rule says so. Train and test without validation: validation is carved out of train. Train and validation
    without test: there is no test. Only train, or nothing: all are divided. Pairs in ``alike`` go to the same
    split. While the test set is locked its images stay, those of their groups go there, and only the others
    are dealt out.

    Raises:
        ProblemError: the shares make no sense, there is no readable image, or the locked test set would take
            all.
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
    """The task of a new split, and the shares for images that join later."""
    fixed, shares = _given(images, rule)
    numbers = ties(images, alike)
    held = {tie for tie, stands in zip(numbers, fixed, strict=True) if stands is not None}
    # An image of train/ that is tied to one of test/ leaks already; moving it there would break the given
    # test set.
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
    """The task beside a locked test set: what belongs to it goes there, nothing else does.

    Images that a folder or table wants in the test set, and that are not, wait until it is unlocked.
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
    """``fixed``, with every free image of a group on the side where the group stands.

    Ties by looks may join groups that stand on different sides; without this a new image could go to the
    other one's. ``sides`` are those of groups that are told by other images.
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
    """Where groups stand by the images that fulfil a condition (fixed SQL)."""
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
    """What brings the images named in ``to`` into their splits, and all others out of theirs.

    A locked test set keeps those too that cannot be read just now.
    """
    rows = connection.execute("SELECT id, split FROM images ORDER BY id").fetchall()
    kept = {number: Split.TEST for number, was in rows if locked and was == Split.TEST}
    return image_edits("split", [(number, was, to.get(number, kept.get(number))) for number, was in rows])


def is_locked(connection: sqlite3.Connection) -> bool:
    """Whether the test set is locked."""
    return meta.get(connection, LOCK) is not None


def lock_edits(connection: sqlite3.Connection, locked: bool) -> list[Edit]:
    """The edits that lock or unlock the test set; none if it already is.

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
    """The rule of the last ``split``, None before the first."""
    kept = meta.get(connection, "split")
    if kept is None:
        return None
    values = json.loads(kept)
    return SplitRule(**values | {"shares": tuple(values["shares"])})


def rule_to_extend(connection: sqlite3.Connection) -> SplitRule | None:
    """The rule of the last ``split``, if there are readable images that came after it; else None."""
    rule = kept_rule(connection)
    if rule is None:
        return None
    late = f"SELECT 1 FROM images WHERE {READ} AND split IS NULL"  # noqa: S608
    if rule.keep_given and is_locked(connection):  # those that wait for the lock have nothing to join
        late += """ AND (given_split IS NOT 'test' OR group_name IN
            (SELECT group_name FROM images WHERE split = 'test'))"""
    return None if connection.execute(f"{late} LIMIT 1").fetchone() is None else rule


def extend_split(connection: sqlite3.Connection, rule: SplitRule, alike: Sequence[Alike]) -> None:
    """Let images that came after the last ``split`` join it; no image changes its split.

    Only images of its groups join a locked test set.
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
    """The task without images that a folder or table wants in the locked test set; no share for it."""
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
    """After undo or redo of a split or of a rule for groups: whether it was one.

    The rule is applied to all images; those that joined a split later leave it, for ``extend_split``.
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
    """The split of each image, by its id."""
    index: dict[int | None, int] = {one.id: place for place, one in enumerate(all_classes(connection))}
    candidates = [
        Candidate(index.get(image.class_id, -1), tie, image.content, stands)
        for image, tie, stands in zip(task.images, task.ties, task.fixed, strict=True)
    ]
    result = divide(candidates, task.shares, task.seed)
    return {image.id: to for image, to in zip(task.images, result, strict=True)}
