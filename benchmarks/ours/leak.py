"""A folder of originals and their rotated copies: methods to find the copies, and their effect on scores.

Usage: IMAGES PROJECT SEEDS
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
from itertools import combinations, product

from benchmarks.ours.steps import new_run, ready_made, trained_and_evaluated
from tldesk import Project, WeightsLibrary
from tldesk.dataset import CopyGroups, Split
from tldesk.dataset.bundles import bundle
from tldesk.dataset.files.augmented_copies import is_copy, original_name
from tldesk.run.network_check import inspecting, recipe_to_look_with

_Pair = frozenset[int]
_SHARES = (0.6, 0.15, 0.25)


def main(images: str, place: str, seeds: int) -> None:
    """Compare similar pairs with pairs by name, and test scores of splits without and with groups."""
    parts = Parts()
    with Project.create(place, images) as project:
        parts.mark("scan")
        project.split(shares=_SHARES)
        found = _found(project)
        parts.mark("inspection")
        alone = [_score(project, seed, parts) for seed in range(seeds)]
        project.set_groups(CopyGroups())
        together = [_score(project, seed, parts) for seed in range(seeds)]
        tied = [_score(project, seed, parts, tie_alike=True) for seed in range(seeds)]
    emit(parts=parts.seconds, **found, alone=alone, together=together, tied=tied)


def _score(project: Project, seed: int, parts: Parts, *, tie_alike: bool = False) -> dict[str, float]:
    project.split(shares=_SHARES, seed=seed, keep_given=False, tie_alike=tie_alike)
    run = new_run(project, ready_made("feature_extraction"), parts)
    answer = trained_and_evaluated(run, "test", parts)
    return {**answer, "torn": _torn(project)}


def _torn(project: Project) -> int:
    """Count the test images with a related training image."""
    names = project.grouping.names(CopyGroups())
    items = project.snapshot().items
    learnt = {names[item.image_id] for item in items if item.split is Split.TRAIN}
    return sum(item.split is Split.TEST and names[item.image_id] in learnt for item in items)


def _found(project: Project) -> dict[str, object]:
    """Compare similar pairs with pairs of a copy and its original, or of two copies of one original."""
    images = [one for one in project.images(project.ids()) if one.reason is None]
    names = {one.id: one.path.name for one in images}
    families: dict[str, list[int]] = {}
    for number, name in names.items():
        families.setdefault(original_name(name), []).append(number)
    named = {frozenset(pair) for family in families.values() for pair in combinations(family, 2)}
    copies = {number for number, name in names.items() if is_copy(name)}
    places: dict[str, list[int]] = {}
    for one in images:
        places.setdefault(one.content, []).append(one.id)
    looks = {
        frozenset(pair)
        for first, second, _score in project.alike()
        for pair in product(places[first], places[second])
    }
    same = {frozenset(pair) for numbers in places.values() for pair in combinations(numbers, 2)}
    twice = _with_twins(named, {pair for pair in looks | same if not pair & copies})
    steps = inspecting(project, recipe_to_look_with(project, WeightsLibrary()))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            seen = {frozenset((pair.first, pair.second)) for pair in end.value.alike}
            break
    told = {name: _told(pairs, named, twice, copies) for name, pairs in (("looks", looks), ("network", seen))}
    return {"images": len(images), "copies": len(copies), "pairs_by_name": len(named), **told}


def _told(pairs: set[_Pair], named: set[_Pair], twice: set[_Pair], copies: set[int]) -> dict[str, int]:
    """Count pairs with a copy, those within one family, and the copies linked to a related image."""
    judged = {pair for pair in pairs if pair & copies}
    linked = {number for pair in judged & twice for number in pair}
    return {
        "pairs": len(judged),
        "right": len(judged & named),
        "right_with_twins": len(judged & twice),
        "linked": len(linked & copies),
    }


def _with_twins(named: set[_Pair], twins: set[_Pair]) -> set[_Pair]:
    """Merge families whose originals are the same picture under two names."""
    keys: dict[int, list[_Pair]] = {}
    for pair in named | twins:
        for number in pair:
            keys.setdefault(number, []).append(pair)
    members: dict[int, list[int]] = {}
    for number, family in zip(keys, bundle(list(keys.values())), strict=True):
        members.setdefault(family, []).append(number)
    return {frozenset(pair) for family in members.values() for pair in combinations(family, 2)}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
