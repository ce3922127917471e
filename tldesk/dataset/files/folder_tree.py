"""The tree of the folders of a source, with the pictures in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Folders = tuple[str, ...]  # the folders between the source and a file, outermost first


@dataclass
class Node:
    """A folder.

    Attributes:
        folders: its place, from the source.
        files: names and sizes in bytes of the pictures directly in it.
        inside: the folders directly in it that hold pictures, at any depth, by name.
    """

    folders: Folders
    files: dict[str, int] = field(default_factory=dict)
    inside: dict[str, Node] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's name, "" for the source itself."""
        return self.folders[-1] if self.folders else ""

    @property
    def branches(self) -> bool:
        """Whether there are two folders beside each other somewhere below."""
        return len(self.inside) > 1 or any(inner.branches for inner in self.inside.values())

    def below(self) -> Iterator[Node]:
        """Yield this folder and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.inside.values())

    def paths(self) -> dict[str, int]:
        """Return the pictures below, by their path from this folder, with their sizes."""
        start = len(self.folders)
        return {
            "/".join((*node.folders[start:], name)): size
            for node in self.below()
            for name, size in node.files.items()
        }


def tree_of(files: Mapping[str, int]) -> Node:
    """Return the tree of some pictures, given as relative paths with sizes in bytes."""
    root = Node(())
    nodes: dict[str, Node] = {"": root}
    for path, size in files.items():
        parent, _, name = path.rpartition("/")
        node = nodes.get(parent)
        if node is None:
            node = nodes[parent] = make_node(root, tuple(parent.split("/")))
        node.files[name] = size
    return root


def make_node(root: Node, folders: Folders) -> Node:
    """Return the folder at a place, which is added to the tree if it is not in it."""
    node = root
    for depth, name in enumerate(folders, start=1):
        node = node.inside.setdefault(name, Node(folders[:depth]))
    return node


def without_wrappers(node: Node) -> Node:
    """Return the first folder, here or below, that does more than hold a single folder.

    Loose pictures beside that folder do not count if there is more than one folder in it.
    """
    while len(node.inside) == 1:
        (inner,) = node.inside.values()
        if not inner.inside or (node.files and not inner.branches):
            break
        node = inner
    return node


def node_of(root: Node, folders: Folders) -> Node | None:
    """Return the folder at a place, None if it holds no pictures."""
    node: Node | None = root
    for name in folders:
        node = None if node is None else node.inside.get(name)
    return node
