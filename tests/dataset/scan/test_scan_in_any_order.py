"""Scans after any sequence of changes on the disk: labels stay on their pictures, nobody changes sides."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from dataset_pictures import draw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tldesk.dataset import FilenamePattern, Filter, Project, Split
from tldesk.dataset.scan.scan import Scan
from tldesk.imaging import PreparedCache, content_hash

_FOLDERS = st.sampled_from(["a", "b"])
_STEPS = st.one_of(
    st.tuples(st.just("add"), _FOLDERS, st.integers(0, 4)),
    st.tuples(st.just("move"), st.integers(0, 30), _FOLDERS),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("swap"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("label"), st.integers(0, 30), st.integers(0, 1)),
    st.tuples(st.just("scan")),
    st.tuples(st.just("cut_off_scan")),
)


class World:
    """A folder of pictures, and what a person has said of each, by content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.drawn = 0
        self.said: dict[str, str] = {}  # content to class
        self.splits: dict[str, Split] = {}  # content to split, once it has one
        self.listed: dict[Path, str] = {}  # what lay where when a scan listed it
        for folder in "ab":
            for group in range(3):
                self.add(folder, group)
        self.project = Project.create(root / "p", root / "photos")
        self.project.split(by_group=FilenamePattern(r"^g(\d)"), shares=(0.5, 0.25, 0.25))
        self.check()

    def files(self) -> list[Path]:
        return sorted(path for path in (self.root / "photos").rglob("*.png"))

    def add(self, folder: str, group: int) -> None:
        self.drawn += 1
        place = self.root / "photos" / folder / f"g{group}_{self.drawn:03d}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        draw(place, self.drawn)

    def move(self, number: int, folder: str) -> None:
        file = self.files()[number % len(self.files())]
        place = self.root / "photos" / folder / file.name
        place.parent.mkdir(exist_ok=True)
        file.rename(place)

    def delete(self, number: int) -> None:
        if len(self.files()) > 3:
            self.files()[number % len(self.files())].unlink()

    def swap(self, one: int, other: int) -> None:
        """Two pictures change names; both names say the same group, so that the rule means the same."""
        files = self.files()
        first = files[one % len(files)]
        alike = [file for file in files if file.name[:2] == first.name[:2]]
        second = alike[other % len(alike)]
        if first != second:
            middle = first.with_name("middle.tmp")
            first.rename(middle)
            second.rename(first)
            middle.rename(second)

    def label(self, number: int, place: int) -> None:
        ids = self.project.ids(Filter(text=".png"))
        classes = self.project.classes
        if ids and place < len(classes):
            image = self.project.image(ids[number % len(ids)])
            self.project.edit.label([image.id], classes[place].id)
            self.said[image.content or self.listed[image.path]] = classes[place].name

    def cut_off_scan(self) -> None:
        """New pictures are listed, and hardly any is read."""
        self.listed = {file: content_hash(file) for file in self.files()}
        stop = threading.Event()
        prepared = PreparedCache(self.project.cache_dir / "prepared")
        for step in Scan(self.project._database, self.project.sources(), stop, prepared).run():
            if step.what.startswith("Reading"):
                stop.set()

    def scan(self) -> None:
        list(self.project.scan())
        self.check()

    def check(self) -> None:
        images = [one for one in self.project.images(self.project.ids()) if one.reason is None]
        assert sorted(one.path for one in images) == self.files()
        for one in images:
            assert one.path.is_file()
            assert self.said.get(one.content, one.class_name) == one.class_name, "a person's word stays"
            assert self.splits.setdefault(one.content, one.split) == one.split, "nobody changes sides"
        sides: dict[str | None, set[Split | None]] = {}
        for one in images:
            sides.setdefault(one.group, set()).add(one.split)
        assert all(len(splits) == 1 for splits in sides.values()), "no group on two sides"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, max_size=14))
def test_any_order_of_changes_and_scans(
    steps: list[tuple[object, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    for what, *rest in [*steps, ("scan",)]:
        getattr(world, str(what))(*rest)
    world.project.close()
