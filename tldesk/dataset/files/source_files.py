"""The pictures of a source, without those that its layout leaves out: copies, lists of DICOM media."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tldesk.base.file_names import text_path
from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.layout_finder import find_layout, is_list_of_medium
from tldesk.dataset.files.walk import FileStat, FoundFiles, find_files
from tldesk.dataset.records import LayoutChoice, Source


@dataclass(frozen=True)
class SourceFiles:
    """The pictures of a source and their layout.

    Attributes:
        found: what the walk found, including files that are left out.
        files: relative path -> size and time, without them.
        layout: what the folders mean; with a table of labels, only the splits.
    """

    found: FoundFiles
    files: Mapping[str, FileStat]
    layout: Layout

    @property
    def newest(self) -> int:
        """The time in ns of the latest change of any kind of a file; 0 without files."""
        return max(self.found.touched.values(), default=0)

    @property
    def media_lists(self) -> tuple[str, ...]:
        """The paths of the lists of DICOM media."""
        return tuple(path for path in self.layout.left_out if is_list_of_medium(path))


def source_files(source: Source, stop: threading.Event | None = None) -> SourceFiles:
    """Find the pictures of a source; if ``stop`` is set, the result is incomplete.

    Raises:
        ProblemError: its folder does not exist or cannot be listed.
    """
    found = find_files(source.images, stop)
    layout = layout_of(found, source.images, source.layout, with_table=source.labels is not None)
    files = found.files
    if layout.left_out:
        files = {path: stat for path, stat in files.items() if path not in layout.left_out}
    return SourceFiles(found, files, layout)


def layout_of(found: FoundFiles, root: Path, choice: LayoutChoice, *, with_table: bool) -> Layout:
    """Return the layout of files.

    A table of labels names the classes instead of folders, and names files anywhere, also in copies.
    """
    if with_table:
        files = dict.fromkeys(found.files, -1)
        lists = frozenset(filter(is_list_of_medium, files))
        choice = LayoutChoice(splits=choice.splits)
        return replace(find_layout(files, text_path(root), choice).only_splits(), left_out=lists)
    return find_layout({path: size for path, (size, _) in found.files.items()}, text_path(root), choice)
