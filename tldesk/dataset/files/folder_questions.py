"""Questions about folders: what lies in them, and what those beside each other have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tldesk.base import plural
from tldesk.dataset.files import folder_words as words
from tldesk.dataset.files.folder_copies import holds_again
from tldesk.dataset.files.folder_tree import Folders, Node
from tldesk.dataset.files.numbered_folders import is_person
from tldesk.dataset.files.split_words import split_named

_MOST_NAMED = 4


def kids_of(tops: Iterable[Node]) -> list[Node]:
    """Return the folders directly in some folders."""
    return [one for top in tops for one in top.inside.values()]


def count_pictures(node: Node) -> int:
    """Return the number of pictures in a folder, at any depth."""
    return sum(len(one.files) for one in node.below())


def without_label(node: Node) -> str:
    """Return "3 images without a label", of a folder."""
    return f"{plural(count_pictures(node), 'image')} without a label"


def the_container(top: Node) -> Node | None:
    """Return the folder named images, data … that alone holds class folders, if there is one."""
    inner = [one for one in top.inside.values() if len(one.inside) > 1]
    if len(inner) != 1 or len(top.inside) < 2 or not words.is_container(inner[0].name):
        return None
    if holds_again(top, inner[0], inner[0]):
        return None
    others = [one for one in top.inside.values() if one is not inner[0]]
    return inner[0] if not any(split_named(one.name) for one in others) else None


def is_class_around_splits(top: Node) -> bool:
    """Return whether a folder is a class of its own that holds only splits."""
    kids = list(top.inside.values())
    leaves = kids and all(not one.inside and split_named(one.name) is not None for one in kids)
    return bool(leaves) and bool(top.folders) and not words.is_container(top.name) and not top.files


def same_inside_each(kids: Sequence[Node]) -> bool:
    """Return whether there are at least two outer folders, each with the same two or more inner ones.

    Inner folders of persons do not count: nobody takes persons for classes.
    """
    contents = [set(one.inside) for one in kids if not words.is_unlabelled(one.name)]
    same = len(contents) > 1 and len(contents[0]) > 1 and all(names == contents[0] for names in contents)
    return same and not all(
        words.is_container(name) or words.is_beside(name) or is_person(name) for name in contents[0]
    )


def is_series_of_study(folders: Folders) -> bool:
    """Return whether a place is that of a series on a DICOM medium: ST000001/SE000001."""
    return len(folders) > 1 and words.is_study(folders[-2]) and words.is_series(folders[-1])


def some(names: Iterable[str], most: int = _MOST_NAMED) -> str:
    """Return the first names in order, and "…" for those beyond ``most``."""
    shown = sorted(names)
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def copies_beside(names: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence if classes are called as changed copies of others: cat_augmented beside cat."""
    own = {words.plain(name): name for name in names}
    pairs = [(name, own[of]) for name in names if (of := words.without_change(name)) in own]
    if not pairs:
        return ()
    listed = ", ".join(f'"{name}" beside "{of}"' for name, of in pairs[:_MOST_NAMED])
    more = ", …" if len(pairs) > _MOST_NAMED else ""
    return (
        f"Classes are called as changed copies of others are: {listed}{more}. If they are copies, put them"
        " into the other's folder and group by copies, so that none is in another split than its original",
    )
