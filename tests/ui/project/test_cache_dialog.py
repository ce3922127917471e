"""The caches of a project in the window: what they hold, clearing, limits."""

from __future__ import annotations

import threading

import pytest
from filelock import FileLock
from PySide6.QtCore import Qt
from shiboken6 import isValid

from tldesk.base.limits import CacheLimits, cache_limits
from tldesk.dataset import Project
from tldesk.engine import caches as engine_caches
from tldesk.ui.project.cache_dialog import CacheDialog


@pytest.fixture
def cache_dir(tmp_path):
    """The caches of an empty project: 3,000 bytes of a picture, two stores of 502 bytes."""
    with Project.create(tmp_path / "bunte blätter.tldesk") as project:
        folder = project.cache_dir
    picture = folder / "prepared" / "288" / "ab" / "ab01.rgb"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(bytes(3000))
    for name in ("one", "two"):
        store = folder / "features" / name
        store.mkdir(parents=True)
        (store / "rows.bin").write_bytes(bytes(500))
        (store / "about.json").write_bytes(b"{}")
    return folder


@pytest.fixture
def dialog(window, cache_dir, qtbot):
    """The dialog, opened from the menu, with its numbers there."""
    window.session.open_project(cache_dir.parent)
    qtbot.waitUntil(lambda: window.session.project is not None)
    window.actions_.by_words["Caches…"].trigger()
    found = window.findChild(CacheDialog)
    yield loaded(found, qtbot)
    if isValid(found):
        found.close()


def loaded(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog.total.text() != "")
    return dialog


def write(qtbot, row, text):
    row.limit.selectAll()
    qtbot.keyClicks(row.limit, text)


def test_needs_a_project(window):
    assert not window.actions_.by_words["Caches…"].isEnabled()
    window.show_caches()
    assert window.findChild(CacheDialog) is None


def test_shows_what_is_there(dialog):
    prepared, features, engines = dialog.rows
    assert prepared.state.text().startswith("3.0 kB in 1 entry, last used ")
    assert features.state.text().startswith("1.0 kB in 2 entries, last used ")
    assert engines.state.text() == "Empty"
    assert [row.limit.text() for row in dialog.rows] == ["4 GiB", "8 GiB", "2 GiB"]
    assert [row.clear.isEnabled() for row in dialog.rows] == [True, True, False]
    assert dialog.total.text() == "Total: 4.0 kB"
    assert not dialog.set_button.isEnabled()


def test_clear_says_what_was_freed(dialog, cache_dir, qtbot):
    prepared = dialog.rows[0]
    qtbot.mouseClick(prepared.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: prepared.state.text() == "Empty")
    assert dialog.said.text() == "Freed 3.0 kB."
    assert dialog.total.text() == "Total: 1.0 kB"
    assert not list((cache_dir / "prepared").rglob("*.rgb"))


def test_what_is_in_use_stays_and_is_counted(dialog, cache_dir, qtbot):
    features = dialog.rows[1]
    with FileLock(cache_dir / "features" / "two" / "lock"):
        features.clear.click()
        qtbot.waitUntil(lambda: "In use or protected, so not deleted: 1 entry" in dialog.said.text())
    qtbot.waitUntil(features.clear.isEnabled)
    assert features.state.text().startswith("502 bytes in 1 entry")


def test_limits_are_set_by_keyboard_and_hold_at_once(dialog, cache_dir, qtbot):
    prepared, features, _ = dialog.rows
    write(qtbot, prepared, "1 kB")
    write(qtbot, features, "1.5 GiB")
    assert dialog.set_button.isEnabled()
    qtbot.keyClick(features.limit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.said.text() == "Limits set. Freed 3.0 kB to stay within them.")
    assert cache_limits() == CacheLimits(prepared=1000, features=3 * 2**29)
    qtbot.waitUntil(lambda: prepared.state.text() == "Empty")
    assert prepared.limit.text() == "1 kB"
    assert not dialog.set_button.isEnabled()
    assert dialog.isVisible()


def test_nonsense_is_told_beside_its_field(dialog, qtbot):
    features = dialog.rows[1]
    write(qtbot, features, "much")
    assert "“much” is not a size. Write it like 4 GiB" in features.problem.text()
    assert features.problem.isVisible()
    assert features.limit.property("problem") == "true"
    assert not dialog.set_button.isEnabled()
    qtbot.keyClick(features.limit, Qt.Key.Key_Return)
    dialog.set_limits()
    assert cache_limits() == CacheLimits()
    write(qtbot, features, "2 GB")
    assert not features.problem.isVisible()
    assert dialog.set_button.isEnabled()


def test_a_limit_that_is_being_written_survives_a_clear(dialog, qtbot):
    prepared, features, _ = dialog.rows
    write(qtbot, features, "5 GB")
    prepared.clear.click()
    qtbot.waitUntil(lambda: prepared.state.text() == "Empty")
    assert features.limit.text() == "5 GB"
    assert dialog.set_button.isEnabled()


def test_sizes_are_never_read_on_the_interface_thread(dialog, qtbot, monkeypatch):
    threads = {}
    for name in ("caches", "clear", "apply_limits"):
        real = getattr(engine_caches, name)

        def noted(*arguments, name=name, real=real):
            threads[name] = threading.current_thread()
            return real(*arguments)

        monkeypatch.setattr(engine_caches, name, noted)
    dialog.rows[0].clear.click()
    write(qtbot, dialog.rows[1], "5 GB")
    dialog.set_limits()
    qtbot.waitUntil(lambda: len(threads) == 3)
    assert threading.main_thread() not in threads.values()


def test_closing_while_it_clears_is_safe(dialog, cache_dir, window, qtbot):
    dialog.rows[0].clear.click()
    dialog.close()
    qtbot.waitUntil(lambda: not list((cache_dir / "prepared").rglob("*.rgb")))
    qtbot.waitUntil(lambda: window.findChild(CacheDialog) is None)


def test_a_file_that_cannot_be_written_is_told(dialog, home, window, qtbot):
    (home / "cache.toml").mkdir()
    write(qtbot, dialog.rows[0], "5 GB")
    with qtbot.waitSignal(window.tasks.failed) as failed:
        dialog.set_limits()
    assert "cache.toml" in str(failed.args[1])
    qtbot.waitUntil(dialog.set_button.isEnabled)


def test_everything_has_a_name_and_is_reached_by_tab(dialog, qtbot):
    for row in dialog.rows:
        assert row.limit.accessibleName().startswith("Limit: ")
        assert row.clear.accessibleName().startswith("Clear: ")
        assert row.limit.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert row.clear.focusPolicy() & Qt.FocusPolicy.TabFocus
