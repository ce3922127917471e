"""Questions about folders that are splits: whether they are, and where the classes begin inside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tldesk.dataset.files import folder_words as words
from tldesk.dataset.files.folder_tree import Folders, Node
from tldesk.dataset.files.split_words import rest_of_name, split_named, splits_named
from tldesk.dataset.records import Split


def are_splits(kids: Sequence[Node], found: Mapping[str, Split]) -> bool:
    """Return whether folders beside each other are splits: at least two, and most of the folders."""
    if len(set(found.values())) < 2 or _are_classes_by_name(kids, found):
        return False
    if are_classes_without_training(kids, found):
        return False
    names = {one.name for one in kids}
    inside = [set(one.inside) for one in kids if one.name in found]
    shared = len(set.intersection(*inside)) > 1
    return shared or len(names - found.keys()) < len(names & found.keys())


def are_classes_without_training(kids: Sequence[Node], found: Mapping[str, Split]) -> bool:
    """Return whether test, val and other hold pictures only, with nothing to train on otherwise."""
    others = [one for one in kids if one.name not in found and not words.is_unlabelled(one.name)]
    no_training = len(found) > 1 and Split.TRAIN not in found.values()
    beside = any(words.is_container(one.name) or words.is_beside(one.name) for one in others)
    return no_training and bool(others) and not beside and not any(one.inside for one in kids)


def validation_inside(node: Node) -> bool:
    """Return whether the only training folder holds another split beside its classes: train/val/cat."""
    if split_named(node.name) is not Split.TRAIN:
        return False
    parts = _parts(node, [])
    return len(parts) > 1 and parts[0].folders == node.folders


def all_one_split(kids: Sequence[Node], found: Mapping[str, Split]) -> bool:
    """Return whether all folders, but those without labels, are named after the same split."""
    every = all(one.name in found or words.is_unlabelled(one.name) for one in kids)
    return every and len(set(found.values())) == 1 and not _are_classes_by_name(kids, found)


def with_divided_training(kids: Sequence[Node]) -> list[Node]:
    """Return folders beside each other, with the splits inside a training folder as folders of their own.

    That is train/train and train/val beside test, or train/val/cat beside train/cat. Folders that lie in
    other splits too are classes, whatever they are called: train/test, val/test.
    """
    divided: list[Node] = []
    for one in kids:
        others = [other for other in kids if other is not one]
        divided += _parts(one, others) if split_named(one.name) is Split.TRAIN else [one]
    return divided


def _parts(train: Node, others: Sequence[Node]) -> list[Node]:
    shared = {name for other in others for name in other.inside}
    named = {name: one for name, one in train.inside.items() if split_named(name) and name not in shared}
    if named.keys() == train.inside.keys() and are_splits(list(named.values()), splits_named(named)):
        return list(named.values())
    # A split beside classes holds these classes again; else it is one of them.
    beside = {name: one for name, one in train.inside.items() if name not in named}
    classes = shared.union(beside, *(one.inside for one in beside.values() if words.is_container(one.name)))
    off = [o for o in named.values() if split_named(o.name) is not Split.TRAIN and classes & o.inside.keys()]
    inside = {name: one for name, one in train.inside.items() if all(one is not o for o in off)}
    return [Node(train.folders, train.files, inside), *off] if off and inside else [train]


def masks_beside_splits(kids: Sequence[Node]) -> list[Node]:
    """Return the folders of masks among splits: train_masks beside train_images, ground_truth beside test."""
    of = {one.name: split_named(one.name) for one in kids}
    beside = {name for name in of if words.is_beside(rest_of_name(name) or name)}
    pictures = {of[name] for name in of.keys() - beside} - {None}
    # Without pictures of the same split, "seg" or "labels" is what the whole is called: seg_train, seg_test.
    fits = {name for name in beside if pictures and (of[name] is None or of[name] in pictures)}
    return [one for one in kids if one.name in fits]


def hold_splits(kids: Sequence[Node], found: Mapping[str, Split]) -> bool:
    """Return whether each of the folders holds splits, apart from folders without labels."""
    return bool(kids) and all(
        found.keys() & one.inside.keys() or words.is_unlabelled(one.name) for one in kids
    )


def inside_split(node: Node) -> Node:
    """Return the folder that holds the classes of a split: folders that repeat its name are seen through."""
    while len(node.inside) == 1:
        (inner,) = node.inside.values()
        again = split_named(inner.name) == split_named(node.name) and split_named(inner.name) is not None
        if not (again or words.is_container(inner.name) or inner.name == node.name):
            break
        node = inner
    images = [one for one in node.inside.values() if words.is_container(one.name)]
    others = [one for one in node.inside.values() if not words.is_container(one.name)]
    if len(images) == 1 and others and all(words.is_beside(one.name) for one in others):
        return images[0]
    return node


def as_deep_as_shared(inner: dict[Folders, Node]) -> dict[Folders, Node]:
    """Go through one more folder where each split has one of its own: train/batch1/cat, test/batch2/cat."""
    if len(inner) < 2 or any(len(one.inside) != 1 for one in inner.values()):
        return inner
    deeper = {folders: next(iter(one.inside.values())) for folders, one in inner.items()}
    names = {one.name for one in deeper.values()}
    shared = set.intersection(*(set(one.inside) for one in deeper.values()))
    several = len({name for one in deeper.values() for name in one.inside}) > 1
    return deeper if shared and (several or len(names) == len(deeper)) else inner


def labels_beside_splits(names: Sequence[str], found: Mapping[str, Split]) -> dict[str, str]:
    """Return the classes of folders such as train_cats, train_dogs, test_cats; empty if they are not so."""
    labels = {name: rest_of_name(name) for name in names if name in found}
    by_split: defaultdict[Split, set[str]] = defaultdict(set)
    for name, label in labels.items():
        by_split[found[name]].add(label)
    return labels if all(labels.values()) and any(len(one) > 1 for one in by_split.values()) else {}


def _are_classes_by_name(kids: Sequence[Node], found: Mapping[str, Split]) -> bool:
    """Return whether the names say something each of their own beside the word for a split.

    Such as "positive test" and "negative test", or "test strips", "train tracks" and "roads": classes, unless
    there are folders inside, or the same words stand beside several splits (train_cats, test_cats).
    """
    if any(one.inside for one in kids):
        return False
    named = [one.name for one in kids if one.name in found]
    own = {rest_of_name(name) for name in named}
    others = any(one.name not in found and not words.is_unlabelled(one.name) for one in kids)
    several = len(set(found.values())) > 1
    return len(named) > 1 and len(own) == len(named) and "" not in own and (others or not several)
