"""Pictures are prepared in the background: quietly, out of the way, and only where something lacks."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox

from tldesk.dataset import Project
from tldesk.imaging import prepared_picture


def photo(path: Path, seed: int) -> None:
    small = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), np.uint8)
    Image.fromarray(small).resize((1600, 1200), Image.Resampling.BICUBIC).save(path, quality=85)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve photos of two megapixels in two folders."""
    root = tmp_path / "Große Fotos"
    for number in range(12):
        folder = root / ("left" if number % 2 else "right")
        folder.mkdir(parents=True, exist_ok=True)
        photo(folder / f"{number}.jpg", number)
    return root


@pytest.fixture
def large(photos: Path, tmp_path: Path) -> Path:
    """A project of them whose prepared pictures, which the scan kept, were cleared."""
    with Project.create(tmp_path / "large.tldesk", photos) as project:
        project.split()
        shutil.rmtree(project.cache_dir / "prepared")
    return tmp_path / "large.tldesk"


@pytest.fixture
def no_thumbnails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grid asks for no pictures: it would prepare those in sight itself."""
    monkeypatch.setattr(
        "tldesk.ui.images.grid.thumbnail_store.Thumbnails.want", lambda _self, _pictures: None
    )


def kept(project: Path) -> list[Path]:
    return [path for path in (project / "cache" / "prepared").rglob("*.rgb") if path.is_file()]


def nothing_is_done(window) -> bool:
    return window.session.project is not None and not window.tasks.active()


def started(window) -> list[str]:
    titles: list[str] = []
    window.tasks.taskStarted.connect(lambda task: titles.append(task.title))
    return titles


def test_a_project_that_is_opened_is_prepared_and_the_next_time_nothing_is_done(
    make_window, large, no_thumbnails, qtbot
):
    window = make_window()
    titles = started(window)
    window.session.open_project(large)
    qtbot.waitUntil(lambda: len(kept(large)) == 12, timeout=30_000)
    qtbot.waitUntil(lambda: nothing_is_done(window))
    assert titles == ["Preparing images"]
    project = window.session.project
    for path, content in project.worth_keeping_prepared():
        assert np.array_equal(window.session.prepared.kept(content), prepared_picture(path).pixels)
    again = make_window()
    titles = started(again)
    again.session.open_project(large)
    qtbot.waitUntil(lambda: again.session.project is not None)
    qtbot.wait(300)
    assert titles == []


def test_a_new_project_is_prepared_by_its_scan(window, photos, tmp_path, no_thumbnails, qtbot):
    from tldesk.ui.session.project_jobs import NewProject

    titles = started(window)
    window.session.create_project(NewProject(tmp_path / "new.tldesk", photos))
    qtbot.waitUntil(lambda: len(kept(tmp_path / "new.tldesk")) == 12, timeout=30_000)
    qtbot.waitUntil(lambda: nothing_is_done(window))
    assert titles == ["Reading pictures"]


def test_small_pictures_need_no_preparing(opened, qtbot):
    titles = started(opened)
    qtbot.wait(300)
    assert titles == []
    assert kept(opened.session.project.path) == []


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Preparing that goes on until the event is set, one picture in each 10 ms."""
    from tldesk.imaging import PreparedCache

    done = threading.Event()

    def fill(self, wanted, stop, gentle):
        from tldesk.base import Progress

        assert gentle
        while not done.is_set() and not stop.wait(0.01):
            yield Progress("Preparing images", 3, len(wanted), 7.0)

    monkeypatch.setattr(PreparedCache, "fill", fill)
    return done


def test_the_status_line_shows_it_with_the_time_left_and_stop_ends_it(
    window, large, slow, no_thumbnails, qtbot
):
    window.session.open_project(large)
    status = window.status
    qtbot.waitUntil(lambda: status.words.text() == "Preparing images 3 of 12", timeout=20_000)
    assert status.left.text() == "7.0 s left"
    assert status.stop.isVisible()
    status.stop.click()
    qtbot.waitUntil(lambda: not window.tasks.active())
    assert status.words.text() == "Preparing images: stopped"


def test_what_is_said_meanwhile_is_shown_beside_it(window, large, slow, no_thumbnails, qtbot):
    window.session.open_project(large)
    status = window.status
    qtbot.waitUntil(lambda: status.words.text() == "Preparing images 3 of 12", timeout=20_000)
    status.say("Check: no findings")
    assert status.words.text() == "Check: no findings · Preparing images 3 of 12"
    slow.set()
    qtbot.waitUntil(lambda: nothing_is_done(window))
    assert status.words.text() == "Check: no findings"


def test_closing_does_not_ask_because_of_it(window, large, slow, no_thumbnails, qtbot):
    window.session.open_project(large)
    qtbot.waitUntil(lambda: bool(window.tasks.active()), timeout=20_000)
    assert window.close()
    assert not window.findChildren(QMessageBox)
    assert window.session.project is None


def test_another_project_or_none_ends_it(window, large, project, slow, no_thumbnails, qtbot):
    window.session.open_project(large)
    qtbot.waitUntil(lambda: bool(window.tasks.active()), timeout=20_000)
    window.session.open_project(project.path)
    qtbot.waitUntil(lambda: window.session.project.path == project.path, timeout=20_000)
    qtbot.waitUntil(lambda: not window.tasks.active())
    window.session.open_project(large)
    qtbot.waitUntil(lambda: bool(window.tasks.active()), timeout=20_000)
    window.session.close_project()
    qtbot.waitUntil(lambda: not window.tasks.active())


def test_a_scan_goes_first_and_then_it_begins_again(window, large, photos, slow, no_thumbnails, qtbot):
    window.session.open_project(large)
    qtbot.waitUntil(lambda: bool(window.tasks.active()), timeout=20_000)
    titles = started(window)
    photo(photos / "left" / "new.jpg", 99)
    window.session.rescan()
    expected = ["Rescanning for changed pictures", "Preparing images"]
    qtbot.waitUntil(lambda: titles == expected, timeout=20_000)

    qtbot.waitUntil(lambda: window.status.words.text() == "Preparing images 3 of 13", timeout=20_000)
    slow.set()
    qtbot.waitUntil(lambda: nothing_is_done(window))


def test_the_grid_shows_prepared_pictures_although_the_originals_are_away(make_window, large, photos, qtbot):
    window = make_window()
    window.session.open_project(large)
    qtbot.waitUntil(lambda: len(kept(large)) == 12, timeout=30_000)
    qtbot.waitUntil(lambda: nothing_is_done(window))
    shutil.rmtree(photos / "left")
    grid = window.pages.images.grid
    grid.thumbnails.clear()
    grid.set_side(160)
    contents = [record.content for record in window.session.project.images(window.session.project.ids())]
    qtbot.waitUntil(lambda: all(grid.thumbnails.get(each) is not None for each in contents), timeout=20_000)
    assert (grid.thumbnails.get(contents[0]).width(), grid.thumbnails.get(contents[0]).height()) == (160, 120)
