"""A folder of originals and their rotated copies: what finds the copies, and what they do to a score.

Usage: IMAGES PROJECT SEEDS
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
from itertools import combinations

from benchmarks.ours.steps import new_run, ready_made, trained_and_evaluated
from tldesk import Project
from tldesk.dataset import CopyGroups, Split
from tldesk.dataset.copies import is_copy, original_name

_SHARES = (0.6, 0.15, 0.25)


def main(images: str, place: str, seeds: int) -> None:
    """Pairs by look against pairs by name; the test score of split images, and of split groups."""
    parts = Parts()
    with Project.create(place, images) as project:
        parts.mark("scan")
        found = _found(project)
        alone = [_score(project, seed, parts) for seed in range(seeds)]
        project.set_groups(CopyGroups())
        together = [_score(project, seed, parts) for seed in range(seeds)]
    emit(parts=parts.seconds, **found, alone=alone, together=together)


def _score(project: Project, seed: int, parts: Parts) -> dict[str, float]:
    project.split(shares=_SHARES, seed=seed, keep_given=False, tie_alike=False)
    run = new_run(project, ready_made("feature_extraction"), parts)
    answer = trained_and_evaluated(run, "test", parts)
    return {**answer, "torn": _torn(project)}


def _torn(project: Project) -> int:
    """Test images with a relative among the training images."""
    names = project.groups_by(CopyGroups())
    items = project.snapshot().items
    learnt = {names[item.image_id] for item in items if item.split is Split.TRAIN}
    return sum(item.split is Split.TEST and names[item.image_id] in learnt for item in items)


def _found(project: Project) -> dict[str, float]:
    """How the pairs that look alike meet the pairs of a copy and its original, or of two copies of one."""
    files = {one.content: one.path.name for one in project.images(project.ids()) if one.reason is None}
    looks = {frozenset(pair[:2]) for pair in project.alike()}
    families: dict[str, list[str]] = {}
    for content, name in files.items():
        families.setdefault(original_name(name), []).append(content)
    named = {frozenset(pair) for family in families.values() for pair in combinations(family, 2)}
    # Two originals that look alike are no mistake of the look: names say nothing of them.
    judged = {pair for pair in looks if any(is_copy(files[content]) for content in pair)}
    copies = [content for content, name in files.items() if is_copy(name)]
    linked = {content for pair in judged & named for content in pair}
    return {
        "images": len(files),
        "copies": len(copies),
        "pairs_by_name": len(named),
        "pairs_by_look": len(judged),
        "right": len(judged & named),
        "copies_linked": sum(content in linked for content in copies),
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
